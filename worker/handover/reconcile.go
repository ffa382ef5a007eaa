package handover

import (
	"context"

	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// ReconcileNeedsPerson drives on a row that needs an operator if the index shows that its matter settled by itself: the
// original, whose release never began, is cancelled, completed or elsewhere; or what was waited for came,
// and its event woke nobody. The fresh read that every drive begins with decides. went: it is driven on.
func (h *Handover) ReconcileNeedsPerson(ctx context.Context, r *journal.Reassignment) (went bool, err error) {
	if r.State != journal.NeedsPerson || r.Reason == journal.JournalCorrupt {
		return false, nil
	}
	settled, note, err := h.findSettlement(ctx, r)
	if err != nil || !settled {
		return false, err
	}
	parked := r.Retry.ArchivedVersion
	h.resetForRetry(r, note, "")
	if err := h.reenqueue(ctx, r); err != nil {
		return false, ignoreObsolete(err)
	}
	return true, h.deleteArchivedTask(ctx, r, parked)
}

// findSettlement reports whether the index shows that a row is settled; note says by what.
func (h *Handover) findSettlement(ctx context.Context, r *journal.Reassignment) (settled bool, note string, err error) {
	e, known, err := h.Index.Get(ctx, r.Identity.Organization, r.Identity.DeliveryOrder)
	if err != nil {
		return false, "", err
	}
	switch {
	case known && !r.ReleaseBegan() && r.CurrentReplacement() == "" && (!e.IsInFlight() || e.Location != r.Identity.FromID):
		if !r.Release.CancelSentAt.IsZero() && !orders.IsStanding(e) {
			return false, "", nil // it may be our cancel that took effect after all: an operator decides what becomes of its units
		}
		return true, "somebody else cancelled, completed or moved it", nil
	case known && r.Reason == journal.CancelUnconfirmed && !orders.IsStanding(e) && orders.IndexedCanceledEvents(e.Canceled).Beyond(r.CanceledKnown()):
		return true, "its cancellation was confirmed late", nil
	case r.Reason == journal.FallbackSilent:
		e, known, err := h.Index.Get(ctx, r.Identity.Organization, r.Replacement.ID)
		if err == nil && known && orders.ClassifyAnswer(r, e) == orders.Accepted {
			return true, "the fallback answered late", nil
		}
		return false, "", err
	}
	return false, "", nil
}
