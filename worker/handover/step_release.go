package handover

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// release cancels the original. From the recorded intent on there is no way back but a refusal, a later
// rejection of the cancellation, or a person's leave.
func (x *run) release(ctx context.Context) verdict {
	r := x.r
	if r.Intent != nil && r.Intent.Denied {
		return x.afterRefusedCancel(ctx)
	}
	if r.Doubt() { // somebody sent it, or died just before: the confirmation tells
		return next("")
	}
	view, stop := x.look(ctx)
	if stop != nil {
		return *stop
	}
	again := r.ReleaseBegan()
	switch {
	case again && released(view):
		return next("")
	case again && r.Repeats == 0: // a person's retry: the platform had taken the cancel
		if !x.stillStands(view) {
			return next("")
		}
	case again:
		if v := x.mayRepeat(ctx, view); v != nil {
			return *v
		}
	default:
		if v := x.screen(view); v != nil {
			return *v
		}
		if v := x.justified(ctx, view); v != nil {
			return *v
		}
		if v := x.draftStands(ctx, view); v != nil {
			return *v
		}
		r.CancelRead = view.Date
	}
	became, v := x.mutate(ctx, again, view.Asked, func(a *happycolis.Account) error { return a.Cancel(ctx, r.DeliveryOrder) })
	if became == unsent {
		return v
	}
	x.drop()
	if became != refused || again {
		// A refusal of a repeated cancel may mean that the first one is under way: it proves nothing.
		if became != unknown {
			r.Intent = nil
		}
		return next("cancelled " + r.DeliveryOrder + "; waiting for the confirmation")
	}
	return x.afterRefusedCancel(ctx)
}

// stillStands reports whether a person's retry may send the cancel once more, which the platform had taken: the original is
// where it was and not begun, and its location errs. What it became else, the confirmation tells; the release began.
func (x *run) stillStands(view *happycolis.DeliveryOrder) bool {
	_, begun := workBegun(view)
	return !begun && view.Location.ID == x.r.FromID &&
		IntegrationReads(view.Location.Integration, x.r.Integration) == Erring
}

// mayRepeat judges a cancel that is sent once more, since two reads do not show the first one, as that was judged:
// as far as anybody can see nothing was released. Where nothing may be released any more, what was prepared is
// taken back; that a cancel went out stays on record, should it come about all the same. An integration that is
// another, or none, may stay so: then the deadline of the first one holds.
func (x *run) mayRepeat(ctx context.Context, view *happycolis.DeliveryOrder) *verdict {
	began := x.r.ReleasedBy
	x.r.ReleasedBy = time.Time{}
	v := x.calledOff(ctx)
	if v == nil && view.Location.ID == x.r.FromID {
		v = x.justified(ctx, view) // first: whatever became of it, a location that recovered keeps it
	}
	if v == nil {
		v = x.screen(view)
	}
	if v != nil && v.kind != hold && v.kind != failed {
		return v
	}
	x.r.ReleasedBy = began
	if v == nil || v.kind == failed || IntegrationReads(view.Location.Integration, x.r.Integration) != Different {
		return v
	}
	late, err := x.past(ctx, began, view.Asked, x.h.Settings.CancelTimeout)
	if err != nil {
		*v = broken(err)
	} else if late {
		*v = needs(journal.CancelUnconfirmed)
	}
	return v
}

// calledOff is what becomes of a release that is not seen to have begun if its incident was stopped or is over;
// nil if it is neither.
func (x *run) calledOff(ctx context.Context) *verdict {
	inc, stop := x.incident(ctx)
	if stop != nil {
		return stop
	}
	if inc.State == journal.Stopped || !inc.State.Open() {
		v := x.heldBack(ctx, journal.ErrHeld)
		return &v
	}
	return nil
}

// draftStands makes sure, before the original is touched, that our DRAFT is what has to take its place: nobody
// sent it, and neither its lines nor the original's were changed since it was made.
func (x *run) draftStands(ctx context.Context, view *happycolis.DeliveryOrder) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	if len(view.Orders) != 1 {
		return give(undo(journal.NeedsPerson, journal.UnknownState))
	}
	p, err := x.parent(ctx, view)
	if err != nil {
		return give(broken(err))
	}
	if s, ok := p.sibling(r.Replacement); ok {
		switch {
		case !live(s):
			r.Former = append(r.Former, s.ID)
			r.Replacement = ""
			return give(undo(journal.NeedsPerson, journal.DraftConflict))
		case s.Status != statusDraft:
			return give(undo(journal.NeedsPerson, journal.ReplacementSentEarly))
		case !sameLines(s, r.Lines):
			r.Note(x.h.Now(), "somebody edited DRAFT "+s.ID)
			return give(needs(journal.DraftConflict))
		}
	}
	if now, ok := p.replacementLines(view); !ok || !equalLines(now, r.Lines) {
		r.Note(x.h.Now(), "the original's lines changed since its replacement was prepared")
		return give(undo(journal.NeedsPerson, journal.DraftConflict))
	}
	return nil
}

// afterRefusedCancel looks whether the refused cancel took effect all the same; if not, what was prepared
// is taken back.
func (x *run) afterRefusedCancel(ctx context.Context) verdict {
	if x.r.Intent == nil {
		x.r.Intent = &journal.Intent{Step: stepRelease, At: x.h.Now()}
	}
	x.r.Intent.Denied = true
	view, stop := x.lookAgain(ctx, x.org.Urgent)
	if stop != nil {
		return *stop
	}
	x.r.Intent = nil
	if released(view) && !x.cancelledBefore(view) {
		return next("")
	}
	x.r.ReleasedBy = time.Time{}
	if released(view) {
		x.r.CancelSent = time.Time{}
		x.r.Note(x.h.Now(), "somebody else had cancelled it; the read that showed it alive was stale")
		return undo(journal.Left, journal.Gone)
	}
	return undo(journal.NeedsPerson, journal.CancelRefused)
}

// cancelledBefore reports whether a cancelled original was cancelled before our own cancel, by the platform's
// clock: then the platform refused ours for that, and the release is not ours.
func (x *run) cancelledBefore(d *happycolis.DeliveryOrder) bool {
	before := false
	for _, e := range d.Events {
		if e.Type == eventCanceled {
			if e.Date.IsZero() || x.r.CancelRead.IsZero() || !e.Date.Before(x.r.CancelRead) {
				return false
			}
			before = true
		}
	}
	return before
}

// confirmRelease waits until the original is cancelled beyond doubt: every line, and the event. Webhooks
// wake it; polls are the net beneath.
func (x *run) confirmRelease(ctx context.Context) verdict {
	r := x.r
	doubt := r.Doubt()
	if r.Since.IsZero() {
		r.Since = x.h.Now()
	}
	if r.Dispatch == dispatchAutomatic && !doubt {
		if v := x.confirmedByEvent(ctx); v != nil {
			return *v
		}
	}
	if r.PollAt.After(x.h.Now()) && !doubt {
		if v := x.undecided(ctx); v != nil {
			return *v
		}
	}
	told, known, err := x.h.Index.Get(ctx, r.Organization, r.DeliveryOrder)
	if err != nil {
		return broken(err)
	}
	account := x.org.Urgent
	if r.Polls > 0 && !(known && cancelledByEvent(told)) { // a poll; what an event confirmed waits released and unsent
		account = x.org.Calm
	}
	view, stop := x.lookAgain(ctx, account)
	if stop != nil {
		return *stop
	}
	entry, _, err := x.h.Index.Get(ctx, r.Organization, r.DeliveryOrder)
	if err != nil {
		return broken(err)
	}
	rejected := x.rejectedSince(entry, view)
	if released(view) && !rejected {
		r.ReleasedAt = x.h.Now()
		x.seen()
		return next("the release is confirmed")
	}
	if v := x.sentEarly(ctx, view); v != nil {
		return *v
	}
	if rejected {
		r.ReleasedBy, r.Intent = time.Time{}, nil
		return undo(journal.NeedsPerson, journal.CancelRefused)
	}
	switch {
	case doubt && cancelledLines(view): // it was taken: the event is yet to come
		x.seen()
	case doubt:
		return x.cancelAgain(ctx, view.Asked)
	}
	if late, err := x.overdue(ctx, view.Asked, x.h.Settings.CancelTimeout); err != nil {
		return broken(err)
	} else if late {
		return needs(journal.CancelUnconfirmed)
	}
	return holdUntil(x.nextPoll(x.h.Settings.CancelTimeout), "")
}

// cancelAgain sends a cancel whose reply was lost once more, since two reads do not show it: it may never have left.
// Repeating puts no deadline off; but the first repetition comes whatever the deadline says, since until then nobody
// may have been asked at all.
func (x *run) cancelAgain(ctx context.Context, read time.Time) verdict {
	r := x.r
	if r.Intent.At.After(r.ReleasedBy) && r.Intent.AbsentFor(read) >= x.h.Settings.Request {
		late, err := x.past(ctx, r.ReleasedBy, read, x.h.Settings.CancelTimeout)
		if err != nil {
			return broken(err)
		}
		if late {
			r.Intent = nil
			return needs(journal.CancelUnconfirmed)
		}
	}
	if v := x.unseen(read); v != nil {
		if end := r.ReleasedBy.Add(x.h.Settings.CancelTimeout); v.kind == hold && end.After(x.h.Now()) && end.Before(v.until) {
			v.until = end
		}
		return *v
	}
	r.Intent = nil
	return verdict{kind: goTo, step: stepRelease, note: "the cancel is not visible; sending it again"}
}

// rejectedSince reports whether the cancellation was rejected after our release began, and the original was
// not cancelled once more after that, by the platform's clock. A cancellation without a date may be the
// rejected one.
func (x *run) rejectedSince(told index.Entry, view *happycolis.DeliveryOrder) bool {
	rejected := told.Told.CancelRejected
	return rejected.After(x.r.ReleasedBy) && !slices.ContainsFunc(view.Events, func(e happycolis.Event) bool {
		return e.Type == eventCanceled && e.Date.After(rejected)
	})
}

// undecided waits on where an event woke us before the next poll and the index shows nothing that a read
// would be worth: neither the cancellation, nor its refusal, nor our DRAFT sent. nil: read.
func (x *run) undecided(ctx context.Context) *verdict {
	r := x.r
	e, known, err := x.h.Index.Get(ctx, r.Organization, r.DeliveryOrder)
	if err != nil {
		v := broken(err)
		return &v
	}
	ours, seen, err := x.h.Index.Get(ctx, r.Organization, r.Replacement)
	if err != nil {
		v := broken(err)
		return &v
	}
	if !known || cancelledByEvent(e) || e.Told.CancelRejected.After(r.ReleasedBy) ||
		r.Replacement != "" && seen && (ours.Status != statusDraft || !stands(ours)) {
		return nil
	}
	v := holdUntil(r.PollAt, "")
	return &v
}

// cancelledByEvent reports whether the index shows a delivery order cancelled.
func cancelledByEvent(e index.Entry) bool {
	return !stands(e) && slices.Contains(e.Events, eventCanceled)
}

// confirmedByEvent takes the confirmation from the webhook alone. It is for orders that the platform
// dispatches by itself: after their settle time they are read anyway before anything is sent. nil: read.
func (x *run) confirmedByEvent(ctx context.Context) *verdict {
	r := x.r
	e, known, err := x.h.Index.Get(ctx, r.Organization, r.DeliveryOrder)
	if err != nil {
		v := broken(err)
		return &v
	}
	if known && cancelledByEvent(e) && !e.Told.CancelRejected.After(r.ReleasedBy) {
		r.ReleasedAt = x.h.Now()
		x.seen()
		v := next("the release is confirmed")
		return &v
	}
	if r.Polls > 0 {
		return nil
	}
	v := holdUntil(x.nextPoll(x.h.Settings.CancelTimeout), "")
	return &v
}
