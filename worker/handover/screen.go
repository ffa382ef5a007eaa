package handover

import (
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// screenOriginal returns why a delivery order is not moved by itself, whatever the policy says; nil if it may be.
func (x *attempt) screenOriginal(d *happycolis.DeliveryOrder) error {
	switch {
	case x.cancelTookEffect(d):
		return decideAnew() // deciding anew takes the release as ours
	case orders.IsDead(d) && d.Location.ID == x.r.FromID && x.r.Replacement != "":
		// Cancelled by somebody else, or by us and the record of it was lost with the last second of Redis; or its
		// location rejected it meanwhile: our DRAFT may be all that is left of the order, so it stands.
		return needsPerson(journal.UnprovenDraft)
	case orders.IsGone(d, x.r.FromID):
		return x.leaveGone(d.SentAt)
	}
	if reason, begun := orders.CheckWorkBegun(d); begun {
		return compensate{journal.NeedsPerson, reason}
	}
	if reason := orders.CheckParentOrder(d); reason != "" {
		return compensate{journal.NeedsPerson, reason}
	}
	if d.Orders[0].DispatchingType == orders.DispatchAutomatic && x.h.Settings.LeaveAutomatic {
		return compensate{journal.Left, journal.ConfigLeave}
	}
	if reason := x.checkStatusEnabled(d); reason != "" {
		return compensate{journal.NeedsPerson, reason}
	}
	return nil
}

// cancelTookEffect reports whether a cancel of ours that was refused, or rejected later, took effect after all. The
// release is ours then.
func (x *attempt) cancelTookEffect(d *happycolis.DeliveryOrder) bool {
	return !x.r.ReleaseBegan() && !x.r.CancelSentAt.IsZero() && x.isCancelConfirmed(d)
}

// checkStatusEnabled returns why the configuration does not let this status be moved, "" if it does.
func (x *attempt) checkStatusEnabled(d *happycolis.DeliveryOrder) journal.Reason {
	status := orders.EffectiveStatus(d)
	if slices.Contains(x.h.Settings.Statuses, status) {
		return ""
	}
	if status == orders.StatusOpened {
		return journal.OpenedNotEnabled
	}
	return journal.StatusNotEnabled
}
