package handover

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// prepare makes the replacement as a DRAFT at the target while the original still stands. Lines and
// before-list are recorded with the intent: after a lost reply the DRAFT is looked for, and adopted or
// made, never made blindly again.
func (x *run) prepare(ctx context.Context) verdict {
	r := x.r
	if r.Replacement != "" {
		return next("")
	}
	view, stop := x.look(ctx)
	if r.Doubt() && stop == nil {
		view, stop = x.lookAgain(ctx, x.org.Urgent)
	}
	if stop != nil {
		return *stop
	}
	if len(view.Orders) != 1 {
		return jump("")
	}
	if v := x.lockOrder(ctx, view.Orders[0].ID); v != nil {
		return *v
	}
	p, err := x.parent(ctx, view)
	if err != nil {
		return broken(err)
	}
	if r.Doubt() {
		if v := x.adopt(ctx, p, view); v != nil {
			return *v
		}
	}
	if v := x.mayPrepare(ctx, p, view); v != nil {
		return *v
	}
	return x.create(ctx, p, view.Asked)
}

// mayPrepare asks everything that must hold before the create, and records the lines. After the release
// the lines stand as they were recorded.
func (x *run) mayPrepare(ctx context.Context, p *parent, view *happycolis.DeliveryOrder) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	if !r.ReleaseBegan() {
		if v := x.screen(view); v != nil {
			return v
		}
		if view.Status == statusDraft {
			return give(jump(""))
		}
		if v := x.justified(ctx, view); v != nil {
			return v
		}
		lines, ok := p.replacementLines(view)
		if !ok {
			return give(undo(journal.NeedsPerson, journal.AmbiguousOrderLine))
		}
		r.Lines, r.Units = lines, units(view)
	} else if reason := parentOf(view); reason != "" {
		return give(needs(reason))
	}
	sum, ok := p.covered(func(s happycolis.DeliveryOrder) bool { return s.ID != r.DeliveryOrder })
	if !ok {
		return give(undo(journal.NeedsPerson, journal.AmbiguousOrderLine))
	}
	for _, l := range r.Lines {
		sum[l.OrderLine] += l.Quantity
	}
	if p.within(sum) {
		return nil
	}
	if v := x.formerGoes(ctx, p, view.Asked); v != nil {
		return v
	}
	r.Unproven = p.twin(r)
	if r.Unproven != "" {
		r.Note(x.h.Now(), "DRAFT "+r.Unproven+" has these lines already, and no record says who made it")
	}
	return give(undo(journal.NeedsPerson, journal.OverAllocated))
}

// formerGoes waits for a former replacement of ours that was cancelled and still counts. nil: there is
// none, or it had its time.
func (x *run) formerGoes(ctx context.Context, p *parent, read time.Time) *verdict {
	if !slices.ContainsFunc(p.siblings, func(s happycolis.DeliveryOrder) bool { return slices.Contains(x.r.Former, s.ID) && live(s) }) {
		return nil
	}
	late, err := x.overdue(ctx, read, x.h.Settings.CancelTimeout)
	if err != nil {
		v := broken(err)
		return &v
	}
	if late {
		return nil
	}
	v := holdUntil(x.nextPoll(x.h.Settings.CancelTimeout), "")
	return &v
}

func (x *run) create(ctx context.Context, p *parent, read time.Time) verdict {
	r := x.r
	r.Before = r.Before[:0]
	for _, s := range p.siblings {
		r.Before = append(r.Before, s.ID)
	}
	order := happycolis.NewDeliveryOrder{OrderID: p.order.ID, LocationID: r.ToID, Priority: r.Priority}
	for _, l := range r.Lines {
		order.Lines = append(order.Lines, happycolis.NewLine{OrderLineID: l.OrderLine, Quantity: l.Quantity})
	}
	var made *happycolis.DeliveryOrder
	became, v := x.mutate(ctx, r.ReleaseBegan(), read, func(a *happycolis.Account) (err error) {
		made, err = a.Create(ctx, order)
		return err
	})
	switch became {
	case unsent:
		return v
	case refused, unknown:
		// A refusal may have been applied all the same: the DRAFT is looked for like after a lost reply.
		return x.afterRefusedCreate(became)
	}
	r.Replacement, x.made = made.ID, made.ID
	r.Note(x.h.Now(), "prepared "+made.ID+" at "+r.To)
	if made.Location.ID != "" && made.Location.ID != r.ToID || len(made.Lines) > 0 && !sameLines(*made, r.Lines) {
		return undo(journal.NeedsPerson, journal.DraftConflict)
	}
	switch made.Status {
	case statusDraft:
	case "":
		x.drop() // the reply does not tell: the next read must
	default:
		return undo(journal.NeedsPerson, journal.ReplacementSentEarly) // that a new one is a DRAFT is known from a sample
	}
	return next("")
}

func (x *run) afterRefusedCreate(became result) verdict {
	x.drop()
	if became == unknown {
		return holdUntil(x.h.Now(), "")
	}
	x.r.Intent = nil
	return x.spend(journal.CreateRefused)
}

// withdraw takes the prepared DRAFT back: it is cancelled while it is ours alone.
func (x *run) withdraw(ctx context.Context) verdict {
	r := x.r
	if r.Replacement == "" {
		if r.Intent == nil || r.Intent.Step != stepPrepare {
			return next("")
		}
		if v := x.find(ctx); v != nil {
			return *v
		}
		if r.Replacement == "" {
			return next("")
		}
	}
	if r.Sent() || r.Adopted {
		return next("")
	}
	d := x.h.views.get(x.org.ID, r.Replacement) // as read before its cancel had to wait for the rate limit
	if d == nil || !x.fresh(d.Asked) {
		account, err := x.granted(ctx, x.org.Urgent)
		if err != nil {
			return x.stumble(err)
		}
		if d, err = account.DeliveryOrder(ctx, r.Replacement); happycolis.KindOf(err) == happycolis.KindNotFound {
			if v := x.missingDraft(); v != nil {
				return *v
			}
			return x.withdrawn()
		}
		if err != nil {
			return x.stumble(err)
		}
		r.ReplacementMissing = time.Time{}
		x.answered(d.Asked)
	}
	return x.withdrawRead(ctx, d)
}

func (x *run) withdrawRead(ctx context.Context, d *happycolis.DeliveryOrder) verdict {
	r := x.r
	if !live(*d) && r.ReplacementCancel == nil {
		return x.withdrawn()
	}
	if d.Status != statusDraft || r.ReplacementCancel != nil {
		return x.withdrawSent(ctx, d)
	}
	if !r.Since.IsZero() { // cancelled by us, and not gone yet
		late, err := x.overdue(ctx, d.Asked, x.h.Settings.CancelTimeout)
		if err != nil {
			return broken(err)
		}
		if !late {
			return holdUntil(x.nextPoll(x.h.Settings.CancelTimeout), "")
		}
		return x.notWithdrawn()
	}
	if r.Intent != nil && r.Intent.Lost {
		if v := x.unseen(d.Asked); v != nil {
			return *v
		}
		r.Intent = nil
	}
	became, v := x.mutate(ctx, true, d.Asked, func(a *happycolis.Account) error { return a.Cancel(ctx, r.Replacement) })
	if became == unsent {
		x.h.views.put(x.org.ID, d, x.h.Now())
		return v
	}
	x.h.views.drop(x.org.ID, r.Replacement)
	if became == applied {
		r.Since = x.h.Now()
	}
	if became == refused {
		r.Intent = nil
		if r.Failures++; r.Failures > withdrawalsMost {
			return x.notWithdrawn()
		}
		return holdUntil(x.h.Now().Add(failureFirst), "")
	}
	return holdUntil(x.h.Now(), "") // and read whether it is gone
}

// withdrawSent takes back a replacement that somebody else sent, as read just now.
func (x *run) withdrawSent(ctx context.Context, d *happycolis.DeliveryOrder) verdict {
	if x.r.ReplacementCancel == nil {
		if v := x.sentMeanwhile(ctx, d); v != nil {
			return *v
		}
	}
	v := x.cancelReplacement(ctx, d, journal.ReplacementSentEarly)
	switch {
	case v == nil:
		return next("")
	case v.kind == person && x.r.Undo.Told:
		return x.notWithdrawn()
	}
	return *v
}

// sentMeanwhile judges a replacement that somebody else sent before it was to be withdrawn. Where the original is not
// live any more it is all that is left of the order, and stands. nil: it is cancelled while its location has not
// taken it.
func (x *run) sentMeanwhile(ctx context.Context, d *happycolis.DeliveryOrder) *verdict {
	give := func(v verdict) *verdict { return &v }
	if x.r.Since.IsZero() { // we did not cancel it yet
		account, err := x.granted(ctx, x.org.Urgent)
		if err != nil {
			return give(x.stumble(err))
		}
		original, err := account.DeliveryOrder(ctx, x.r.DeliveryOrder)
		gone := happycolis.KindOf(err) == happycolis.KindNotFound
		switch {
		case err != nil && !gone:
			return give(x.stumble(err))
		case gone || !live(*original):
			x.r.Note(x.h.Now(), "somebody else sent "+d.ID+", which is all that is left of the order: it stands")
			x.seen()
			return give(next(""))
		}
	}
	if _, begun := workBegun(d); begun || effectiveStatus(d) == statusOpened {
		if x.r.Undo.Told {
			return give(x.notWithdrawn())
		}
		return give(needs(journal.ReplacementSentEarly))
	}
	return nil
}

// withdrawalsMost bounds how often the cancel of a DRAFT that is refused is sent again.
const withdrawalsMost = 5

// notWithdrawn gives up: the replacement stays, and a person is told why the handover was to be taken back, or,
// where nobody needed to know, that a DRAFT stands in the way; unless the person was told and leaves it.
func (x *run) notWithdrawn() verdict {
	x.r.Intent = nil
	x.r.Note(x.h.Now(), "our replacement "+x.r.Replacement+" could not be withdrawn")
	if x.r.Undo.Told {
		return next("")
	}
	if x.r.Undo.Then == journal.NeedsPerson {
		return needs(x.r.Undo.Reason)
	}
	return needs(journal.DraftConflict)
}

// missingDraft judges that a DRAFT of ours was not found: it counts as gone after a second such read, one request timeout
// later. nil: it is gone.
func (x *run) missingDraft() *verdict {
	r, now := x.r, x.h.Now()
	if r.ReplacementMissing.IsZero() {
		r.ReplacementMissing = now
	}
	if again := r.ReplacementMissing.Add(x.h.Settings.Request); now.Before(again) {
		v := holdUntil(again, "the platform does not know the DRAFT; looking again")
		return &v
	}
	r.ReplacementMissing = time.Time{}
	return nil
}

func (x *run) withdrawn() verdict {
	r := x.r
	r.Note(x.h.Now(), "withdrew "+r.Replacement)
	r.GiveUpReplacement()
	x.seen()
	return next("")
}
