package handover

import (
	"context"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// move changes the location of a DRAFT and reads it back. The location is the only thing that is sent;
// that the lines stay as they are is assumed, so they are compared.
func (x *run) move(ctx context.Context) verdict {
	r := x.r
	doubt := r.Doubt()
	view, stop := x.look(ctx)
	if doubt && stop == nil {
		view, stop = x.lookAgain(ctx, x.org.Urgent)
	}
	if stop != nil {
		return *stop
	}
	if view.Location.ID == r.ToID {
		return x.moved(view)
	}
	if doubt {
		if v := x.unseen(view.Asked); v != nil {
			return *v
		}
		refusedTwice := r.Intent.Refused
		if r.Intent = nil; refusedTwice {
			return x.spend(journal.UpdateRefused)
		}
	}
	if v := x.screen(view); v != nil {
		return *v
	}
	if view.Status != statusDraft {
		return jump("") // somebody opened it: another way leads on from here
	}
	if v := x.justified(ctx, view); v != nil {
		return *v
	}
	r.Lines = readLines(view)
	repeats := r.Repeats
	became, v := x.mutate(ctx, false, view.Asked, func(a *happycolis.Account) error {
		return a.MoveDraft(ctx, r.DeliveryOrder, r.ToID)
	})
	if became == unsent {
		return v
	}
	if became == unknown {
		return holdUntil(x.h.Now(), "") // the next run looks for it
	}
	view, stop = x.lookAgain(ctx, x.org.Urgent)
	if stop != nil {
		return *stop
	}
	switch {
	case view.Location.ID == r.ToID:
		return x.moved(view)
	case became == refused:
		r.Intent = nil
		return x.spend(journal.UpdateRefused)
	default:
		x.awaitShown(view.Asked, repeats)
		return holdUntil(x.h.Now().Add(x.h.Settings.Request), "the move is not visible yet")
	}
}

// moved ends the way of a DRAFT: it stands at the target with the lines it had.
func (x *run) moved(view *happycolis.DeliveryOrder) verdict {
	if len(x.r.Lines) > 0 && !sameLines(*view, x.r.Lines) {
		return needs(journal.DraftConflict)
	}
	return done()
}

// readLines are the lines with units that are neither cancelled nor rejected, as read; a DRAFT keeps them, so no order line
// has to be known.
func readLines(d *happycolis.DeliveryOrder) []journal.Line {
	var lines []journal.Line
	for _, l := range d.Lines {
		if liveLine(l) && l.Quantity != 0 {
			lines = append(lines, journal.Line{SKU: l.SKU, Quantity: l.Quantity})
		}
	}
	return lines
}
