package handover

import (
	"context"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// moveDraft changes the location of a DRAFT and reads it back. The location is the only thing that is sent;
// that the lines stay as they are is assumed, so they are compared.
func (x *attempt) moveDraft(ctx context.Context) verdict {
	r := x.r
	doubt := r.MarkUncertain()
	view, stop := x.readOriginal(ctx)
	if doubt && stop == nil {
		view, stop = x.refreshOriginal(ctx, x.org.ForHandover)
	}
	if stop != nil {
		return *stop
	}
	if view.Location.ID == r.ToID {
		return x.finishMove(view)
	}
	if doubt {
		if v := x.confirmNotApplied(view.SentAt); v != nil {
			return *v
		}
		refusedTwice := r.Intent.SameCodeTwice
		if r.Intent = nil; refusedTwice {
			return x.rejectCandidate(journal.UpdateRefused)
		}
	}
	if v := x.screenOriginal(view); v != nil {
		return *v
	}
	if view.Status != statusDraft {
		return jump("") // somebody opened it: another way leads on from here
	}
	if v := x.checkIncidentFresh(ctx, view); v != nil {
		return *v
	}
	r.Lines = liveLinesOf(view)
	repeats := r.Repeats
	became, v := x.mutate(ctx, false, view.SentAt, func(a *happycolis.Account) error {
		return a.MoveDraft(ctx, r.DeliveryOrder, r.ToID)
	})
	if became == unsent {
		return v
	}
	if became == unknown {
		return holdUntil(x.h.Now(), "") // the next run looks for it
	}
	view, stop = x.refreshOriginal(ctx, x.org.ForHandover)
	if stop != nil {
		return *stop
	}
	switch {
	case view.Location.ID == r.ToID:
		return x.finishMove(view)
	case became == refused:
		r.Intent = nil
		return x.rejectCandidate(journal.UpdateRefused)
	default:
		x.awaitShown(view.SentAt, repeats)
		return holdUntil(x.h.Now().Add(x.h.Settings.Request), "the move is not visible yet")
	}
}

// finishMove ends the way of a DRAFT: it stands at the target with the lines it had.
func (x *attempt) finishMove(view *happycolis.DeliveryOrder) verdict {
	if len(x.r.Lines) > 0 && !hasExactLines(*view, x.r.Lines) {
		return needs(journal.DraftConflict)
	}
	return done()
}

// liveLinesOf are the lines with units that are neither cancelled nor rejected, as read; a DRAFT keeps them, so no order line
// has to be known.
func liveLinesOf(d *happycolis.DeliveryOrder) []journal.Line {
	var lines []journal.Line
	for _, l := range d.Lines {
		if isLiveLine(l) && l.Quantity != 0 {
			lines = append(lines, journal.Line{SKU: l.SKU, Quantity: l.Quantity})
		}
	}
	return lines
}
