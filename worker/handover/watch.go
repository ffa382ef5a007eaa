package handover

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// This file holds what others may do while we work, and after: send our DRAFT, bring the original back,
// cancel an original that was left, let the fallback fail too. It is looked at whenever an event about
// one of the delivery orders comes, for as long as the record is kept.

// sentEarly looks whether somebody else sent our DRAFT before the release was confirmed. It is cancelled
// while its location has not taken it; else two delivery orders may ship, and a person must act at once.
func (x *run) sentEarly(ctx context.Context, view *happycolis.DeliveryOrder) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	if r.Replacement == "" || len(view.Orders) != 1 {
		return nil
	}
	siblings := view.Orders[0].DeliveryOrders
	at := slices.IndexFunc(siblings, func(s happycolis.DeliveryOrder) bool { return s.ID == r.Replacement })
	if at < 0 || siblings[at].Status == statusDraft && live(siblings[at]) {
		return nil
	}
	s := siblings[at]
	if live(s) {
		if _, begun := workBegun(&s); begun || effectiveStatus(&s) == statusOpened {
			return give(needs(journal.ReplacementSentEarly))
		}
		release := r.Intent
		became, v := x.mutate(ctx, true, time.Time{}, func(a *happycolis.Account) error { return a.Cancel(ctx, r.Replacement) })
		r.Intent = release
		switch became {
		case unsent:
			return &v
		case refused:
			return give(needs(journal.ReplacementSentEarly))
		case unknown:
			return x.blindly(journal.ReplacementSentEarly)
		}
	}
	r.Note(x.h.Now(), "our DRAFT "+r.Replacement+" was sent or cancelled by somebody else; it is withdrawn")
	r.Former = append(r.Former, r.Replacement)
	r.Replacement, r.Repeats = "", 0
	return nil
}

// cameBack looks whether the original is alive again although its release was confirmed and the
// replacement sent. The replacement is cancelled while its location has not taken it.
func (x *run) cameBack(ctx context.Context) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	if !r.Released() || r.Proceeded {
		return nil
	}
	e, known, err := x.h.Index.Get(ctx, r.Organization, r.DeliveryOrder)
	if err != nil {
		return give(broken(err))
	}
	if !known || !stands(e) && !e.Told.CancelRejected.After(r.ReleasedBy) {
		return nil
	}
	view, stop := x.lookAgain(ctx, x.org.Urgent)
	if stop != nil {
		return stop
	}
	if !live(*view) {
		return nil
	}
	d, stop := x.readReplacement(ctx, x.org.Urgent)
	if stop != nil {
		return stop
	}
	if _, begun := workBegun(d); live(*d) && (begun || effectiveStatus(d) == statusOpened || r.Adopted) {
		return give(needs(journal.ReleasedThenRejected))
	}
	if live(*d) {
		became, v := x.mutate(ctx, true, time.Time{}, func(a *happycolis.Account) error { return a.Cancel(ctx, r.Replacement) })
		r.Intent = nil
		switch became {
		case unsent:
			return &v
		case refused:
			return give(needs(journal.ReleasedThenRejected))
		case unknown:
			return x.blindly(journal.ReleasedThenRejected)
		}
	}
	r.Former = append(r.Former, r.Replacement)
	r.Replacement, r.SentAt, r.ReleasedAt, r.ReleasedBy = "", time.Time{}, time.Time{}, time.Time{}
	return give(undo(journal.NeedsPerson, journal.CancelRefused))
}

// handedOn ends a handover whose fallback failed before it answered: the replacement was sent and stands
// there, and the incident of that location takes it from here, with its own gates.
func (x *run) handedOn(ctx context.Context) *verdict {
	failing, err := x.h.Journal.Failing(ctx, x.r.Organization)
	if err != nil {
		v := broken(err)
		return &v
	}
	id := failing[x.r.ToID]
	if id == "" || x.r.Adopted {
		return nil
	}
	inc, err := x.h.Journal.Incident(ctx, x.r.Organization, id)
	if unreadable(err) {
		return nil // it takes nothing over
	}
	if err != nil {
		v := broken(err)
		return &v
	}
	if !inc.State.Moving() {
		return nil
	}
	x.r.Note(x.h.Now(), x.r.To+" failed too: its incident "+id+" takes over")
	v := done()
	return &v
}

// orphan looks, at an original that was cancelled before we knew of it, for a DRAFT elsewhere with its
// lines that no record claims: what a journal that was lost or restored may have prepared. It may be
// all that is left of the order, so a person is told; it is never touched.
func (x *run) orphan(ctx context.Context, view *happycolis.DeliveryOrder) *verdict {
	if !cancelledLines(view) || len(view.Orders) != 1 {
		return nil
	}
	want := allLines(view)
	for _, s := range view.Orders[0].DeliveryOrders {
		if s.ID == view.ID || s.Status != statusDraft || s.Location.ID == x.r.FromID || !sameLines(s, want) {
			continue
		}
		_, root, err := x.h.Journal.Owner(ctx, x.r.Organization, s.ID)
		if err != nil {
			v := broken(err)
			return &v
		}
		if root == "" {
			x.r.Unproven = s.ID
			x.r.Note(x.h.Now(), "DRAFT "+s.ID+" has the lines of this cancelled delivery order, and no record says who made it")
			v := needs(journal.UnprovenDraft)
			return &v
		}
	}
	return nil
}

// Suspects returns, of all delivery orders of one order, the cancelled ones of which a DRAFT elsewhere has
// the lines. An import nominates them: the journal says whether it knows the DRAFT.
func Suspects(all []happycolis.DeliveryOrder) map[string]bool {
	found := map[string]bool{}
	for i := range all {
		if d := &all[i]; cancelledLines(d) {
			want := allLines(d)
			found[d.ID] = slices.ContainsFunc(all, func(s happycolis.DeliveryOrder) bool {
				return s.Status == statusDraft && s.Location.ID != d.Location.ID && live(s) && sameLines(s, want)
			})
		}
	}
	return found
}

func allLines(d *happycolis.DeliveryOrder) []journal.Line {
	var lines []journal.Line
	for _, l := range d.Lines {
		lines = append(lines, journal.Line{SKU: l.SKU, Quantity: l.Quantity})
	}
	return lines
}

// stands reports whether the index shows a delivery order with a line that is neither cancelled nor
// rejected.
func stands(e index.Entry) bool {
	return slices.ContainsFunc(e.Lines, func(l index.Line) bool { return l.Status != lineCanceled && l.Status != lineRejected })
}

// stir reopens a reassignment that had ended, if the index shows that it has to be looked at again.
func (h *Handover) stir(ctx context.Context, r *journal.Reassignment, deliveryOrder string) error {
	if deliveryOrder != r.DeliveryOrder || r.CancelSent.IsZero() {
		return nil
	}
	e, known, err := h.Index.Get(ctx, r.Organization, deliveryOrder)
	if err != nil || !known {
		return err
	}
	switch {
	case r.State == journal.Reassigned && r.Released() && !r.Proceeded && stands(e):
		h.resume(r, "the original shows live lines again", "")
	case r.State == journal.Left && !r.Released() && cancelledByEvent(e):
		r.State, r.Reason, r.Parked = journal.NeedsPerson, journal.CancelledAfterLeave, 0
		r.Note(h.Now(), "the original was cancelled after it had been left")
	default:
		return nil
	}
	if r.State == journal.NeedsPerson {
		return unlessObsolete(h.redrive(ctx, r)) // its task tells that it rests
	}
	return unlessObsolete(h.setGoing(ctx, r))
}
