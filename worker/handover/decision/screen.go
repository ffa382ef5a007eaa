package decision

import (
	"context"
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// Screen returns why the original of a record is not moved by itself, as it was read, whatever the policy says. State is ""
// where it may be.
func (s Settings) Screen(r *journal.Reassignment, d *happycolis.DeliveryOrder) Decision {
	switch {
	case orders.IsDead(d) && d.Location.ID == r.Identity.FromID && r.Replacement.ID != "":
		// Cancelled by somebody else, or by us and the record of it was lost with the last second of Redis; or its
		// location rejected it meanwhile: our DRAFT may be all that is left of the order, so it stands.
		return Refuse(journal.NeedsPerson, journal.UnprovenDraft)
	case orders.IsGone(d, r.Identity.FromID):
		return Refuse(journal.Left, journal.Gone)
	}
	if reason, begun := orders.CheckWorkBegun(d); begun {
		return Refuse(journal.NeedsPerson, reason)
	}
	if reason := orders.CheckParentOrder(d); reason != "" {
		return Refuse(journal.NeedsPerson, reason)
	}
	if d.Orders[0].DispatchingType == orders.DispatchAutomatic && s.LeaveAutomatic {
		return Refuse(journal.Left, journal.ConfigLeave)
	}
	if reason := s.checkStatusEnabled(d); reason != "" {
		return Refuse(journal.NeedsPerson, reason)
	}
	return Decision{}
}

// Refuse returns the decision that nothing is moved.
func Refuse(state journal.State, reason journal.Reason) Decision {
	return Decision{State: state, Reason: reason, Requests: requestsOfNone}
}

// checkStatusEnabled returns why the configuration does not let this status be moved, "" if it does.
func (s Settings) checkStatusEnabled(d *happycolis.DeliveryOrder) journal.Reason {
	status := orders.EffectiveStatus(d)
	if slices.Contains(s.Statuses, status) {
		return ""
	}
	if status == orders.StatusOpened {
		return journal.OpenedNotEnabled
	}
	return journal.StatusNotEnabled
}

// findOrphanDraft looks, at an original that was cancelled before we knew of it, for a DRAFT elsewhere with its lines that
// no record claims: what a journal that was lost or restored may have prepared. It may be all that is left of the order,
// so an operator is told; it is never touched. It returns the DRAFT's id, or "".
func (x *Reader) findOrphanDraft(ctx context.Context, view *happycolis.DeliveryOrder) (string, error) {
	if !orders.AllLinesCancelled(view) || len(view.Orders) != 1 {
		return "", nil
	}
	want := orders.UnrejectedLines(view)
	for _, s := range view.Orders[0].DeliveryOrders {
		if s.ID == view.ID || s.Status != orders.StatusDraft || s.Location.ID == x.r.Identity.FromID || !orders.HasExactLines(s, want) {
			continue
		}
		if _, root, err := x.Journal.OpenByLineage(ctx, x.r.Identity.Organization, s.ID); err != nil || root == "" {
			return s.ID, err
		}
	}
	return "", nil
}
