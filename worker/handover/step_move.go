package handover

import (
	"context"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// moveDraft changes the location of a DRAFT and reads it back. The location is the only thing that is sent;
// that the lines stay as they are is assumed, so they are compared.
func (x *attempt) moveDraft(ctx context.Context) error {
	r := x.r
	doubt := r.MarkUncertain()
	view, err := x.readOriginal(ctx)
	if doubt && err == nil {
		view, err = x.refreshOriginal(ctx, x.org.ForHandover)
	}
	if err != nil {
		return err
	}
	if view.Location.ID == r.Decision.ToID {
		return x.finishMove(view)
	}
	if doubt {
		if err := x.confirmNotApplied(view.SentAt); err != nil {
			return err
		}
		refusedTwice := r.Intent.SameCodeTwice
		if r.Intent = nil; refusedTwice {
			return x.rejectCandidate(journal.UpdateRefused)
		}
	}
	if err := x.screenOriginal(view); err != nil {
		return err
	}
	if view.Status != orders.StatusDraft {
		return decideAnew() // somebody opened it: another way leads on from here
	}
	if err := x.checkIncidentFresh(ctx, view); err != nil {
		return err
	}
	r.Replacement.Lines = orders.LiveLines(view)
	repeats := r.Retry.Repeats
	became, err := x.mutate(ctx, false, view.SentAt, func(a *happycolis.Account) error {
		return a.MoveDraft(ctx, r.Identity.DeliveryOrder, r.Decision.ToID)
	})
	if became == unsent {
		return err
	}
	if became == unknown {
		return waitUntil(x.h.Now(), "") // the next run looks for it
	}
	view, err = x.refreshOriginal(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	switch {
	case view.Location.ID == r.Decision.ToID:
		return x.finishMove(view)
	case became == refused:
		r.Intent = nil
		return x.rejectCandidate(journal.UpdateRefused)
	default:
		x.markInDoubt(view.SentAt, repeats)
		return waitUntil(x.h.Now().Add(x.h.Settings.Request), "the move is not visible yet")
	}
}

// finishMove ends the way of a DRAFT: it stands at the target with the lines it had.
func (x *attempt) finishMove(view *happycolis.DeliveryOrder) error {
	if len(x.r.Replacement.Lines) > 0 && !orders.HasExactLines(*view, x.r.Replacement.Lines) {
		return needsPerson(journal.DraftConflict)
	}
	return reassigned{}
}
