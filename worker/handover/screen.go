package handover

import (
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/journal"
)

// screenOriginal returns what becomes of a delivery order that, as it was read, is not moved by itself; nil if it may be.
func (x *attempt) screenOriginal(d *happycolis.DeliveryOrder) error {
	if x.cancelTookEffect(d) {
		return decideAnew() // deciding anew takes the release as ours
	}
	return x.refuseMove(x.reader.Settings.Screen(x.r, d), d)
}

// refuseMove is what becomes of an original that is not moved, by a decision about what was read; nil if it is moved.
func (x *attempt) refuseMove(decided decision.Decision, d *happycolis.DeliveryOrder) error {
	switch {
	case decided.State != journal.Left && decided.State != journal.NeedsPerson:
		return nil
	case decided.Reason == journal.Gone:
		return x.leaveGone(d.SentAt)
	case decided.Reason == journal.UnprovenDraft: // it stands
		return needsPerson(journal.UnprovenDraft)
	}
	return compensate{decided.State, decided.Reason}
}

// cancelTookEffect reports whether a cancel of ours that was refused, or rejected later, took effect after all. The
// release is ours then.
func (x *attempt) cancelTookEffect(d *happycolis.DeliveryOrder) bool {
	return !x.r.ReleaseBegan() && !x.r.Release.CancelSentAt.IsZero() && x.isCancelConfirmed(d)
}
