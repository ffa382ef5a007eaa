package handover

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// check makes sure, after the release, that sending the replacement covers no unit twice: the parent
// order still wants it, the target is still fit, and the live quantities of the whole order add up.
func (x *run) check(ctx context.Context) verdict {
	r := x.r
	if r.Dispatch == dispatchAutomatic {
		// The platform may dispatch the order again by itself; it is given its time first.
		left, err := x.unsettled(ctx, r.ReleasedAt)
		if err != nil {
			return broken(err)
		}
		if left > 0 {
			return holdUntil(x.h.Now().Add(max(left, time.Second)), "")
		}
	}
	view, stop := x.look(ctx)
	if stop == nil && r.Dispatch == dispatchAutomatic && view.Asked.Before(r.ReleasedAt.Add(x.h.Settings.RedispatchSettle)) {
		view, stop = x.lookAgain(ctx, x.org.Urgent) // it may not show yet what the platform did in its time
	}
	if stop != nil {
		return *stop
	}
	if v := x.stillReleased(ctx, view); v != nil {
		return *v
	}
	if r.Replacement == "" {
		return jump("") // to prepare one anew
	}
	x.noteReplacementGone(view)
	if reason := parentOf(view); reason != "" {
		return needs(reason)
	}
	if v := x.lockOrder(ctx, view.Orders[0].ID); v != nil {
		return *v
	}
	p, err := x.parent(ctx, view)
	if err != nil {
		return broken(err)
	}
	if v := x.redispatched(ctx, p); v != nil {
		return *v
	}
	if v := x.ownDraft(ctx, p, view); v != nil {
		return *v
	}
	to, stop := x.fit(ctx, r.ToID)
	if stop != nil {
		return *stop
	}
	if to == nil {
		r.Note(x.h.Now(), r.To+" is not fit any more")
		return x.unfit()
	}
	if refuses, err := x.refuses(ctx, to, view); err != nil {
		return broken(err)
	} else if refuses {
		return x.unfit()
	}
	if r.Units > 0 && units(view) > r.Units { // fewer prove nothing: what is cancelled may be shown as none
		r.Note(x.h.Now(), "the original got more units while it was released; the replacement lacks them")
		return needs(journal.DraftConflict)
	}
	if !x.addsUp(p) {
		if v := x.formerGoes(ctx, p, view.Asked); v != nil {
			return *v
		}
		return needs(journal.OverAllocated)
	}
	if !x.fresh(view.Asked) {
		return x.tooSlow()
	}
	x.summed = view
	return next("the quantities of the order add up")
}

// tooSlow checks once more, ever more rarely, since the reads took longer than the first of them is good for.
func (x *run) tooSlow() verdict {
	return x.contradicted("the reads of the check took too long; checking once more", needs(journal.RetriesExhausted))
}

// stillReleased makes sure that what was confirmed, or what a person answers for, still holds. nil: it does. What was
// confirmed is judged by the read and, since that may be stale, by what webhooks told.
func (x *run) stillReleased(ctx context.Context, view *happycolis.DeliveryOrder) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	told, _, err := x.h.Index.Get(ctx, r.Organization, r.DeliveryOrder)
	if err != nil {
		return give(broken(err))
	}
	if r.Proceeded {
		return x.stillAnsweredFor(view)
	}
	if x.confirmed(view) && !x.rejectedSince(told) {
		return nil
	}
	r.ReleasedAt = time.Time{}
	return give(verdict{kind: goTo, step: stepConfirmRelease, note: "the release was taken back"})
}

// addsUp reports whether no order line has more live units than were ordered. An original for which a
// person answers does not count.
func (x *run) addsUp(p *parent) bool {
	sum, ok := p.covered(func(s happycolis.DeliveryOrder) bool { return !x.r.Proceeded || s.ID != x.r.DeliveryOrder })
	return ok && p.within(sum)
}

// unsettled is what is left of the time that the platform is given, from a moment on, to dispatch the order again. It
// stands still in a pause.
func (x *run) unsettled(ctx context.Context, since time.Time) (time.Duration, error) {
	now := x.h.Now()
	stood, err := x.h.Journal.StoodStill(ctx, x.r.Organization, x.r.FromID, since, now)
	return x.h.Settings.RedispatchSettle - (now.Sub(since) - stood), err
}

// ownDraft looks after the replacement itself: sent by somebody else once the original is released it is simply sent,
// opened only, it is still to be requested; cancelled by somebody else, it is the operator's.
func (x *run) ownDraft(ctx context.Context, p *parent, view *happycolis.DeliveryOrder) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	s, seen := p.sibling(r.Replacement)
	x.opened = false
	switch {
	case !seen:
		return nil // a stale list; the send is refused if it is gone
	case r.ReplacementCancel != nil:
		return x.afterCancelOfOurs(ctx)
	case !live(s):
		return x.deadReplacement(ctx, view)
	case r.Sent():
		return give(jump(stepConfirm)) // it is live again
	case !sameLines(s, r.Lines):
		return give(needs(journal.DraftConflict)) // somebody edited it
	case s.Location.ID != r.ToID:
		return x.elsewhere(ctx)
	case s.Status == statusDraft:
		return nil
	}
	if r.Asked {
		d, stop := x.readReplacement(ctx, x.org.Urgent)
		if stop != nil {
			return stop
		}
		if x.opened = onlyOpened(d); x.opened {
			return nil // what is missing is ours to do, if all holds
		}
	}
	return x.sentByOthers(ctx, view)
}

// sentByOthers takes a replacement that somebody else sent, once the original is released, as sent.
func (x *run) sentByOthers(ctx context.Context, view *happycolis.DeliveryOrder) *verdict {
	x.count(ctx, x.theirNow(view))
	x.r.SentAt, x.r.ReplacementGone = x.h.Now(), time.Time{}
	x.r.Hops++
	return &verdict{kind: goTo, step: stepConfirm, note: "the replacement was sent by somebody else"}
}

// deadReplacement judges a replacement of which a list shows no live line: rejected, after somebody else sent it, or
// cancelled by somebody else.
func (x *run) deadReplacement(ctx context.Context, view *happycolis.DeliveryOrder) *verdict {
	d, stop := x.readReplacement(ctx, x.org.Urgent)
	if stop != nil {
		return stop
	}
	if said := x.answerOf(EntryOf(d)); !x.r.Sent() && (said == rejectedAll || said == rejectedPart) {
		return x.sentByOthers(ctx, view)
	}
	if v := x.replacementCancelled(ctx); v != nil {
		return v
	}
	v := needs(journal.ReplacementCancelled)
	return &v
}

// afterCancelOfOurs waits for what becomes of our cancel of a replacement that somebody else had sent too early. Once it is
// confirmed, another one is made.
func (x *run) afterCancelOfOurs(ctx context.Context) *verdict {
	d, stop := x.readReplacement(ctx, x.org.Urgent)
	if stop != nil {
		return stop
	}
	if v := x.cancelReplacement(ctx, d, journal.ReplacementSentEarly); v != nil {
		return v
	}
	v := jump("")
	return &v
}

// noteReplacementGone notes since when a read shows our replacement cancelled, if it does.
func (x *run) noteReplacementGone(view *happycolis.DeliveryOrder) {
	r := x.r
	at := slices.IndexFunc(view.Orders[0].DeliveryOrders, func(s happycolis.DeliveryOrder) bool { return s.ID == r.Replacement })
	switch {
	case at < 0 || r.ReplacementCancel != nil:
	case live(view.Orders[0].DeliveryOrders[at]):
		r.ReplacementGone = time.Time{}
	case r.ReplacementGone.IsZero():
		r.ReplacementGone = x.h.Now()
		r.Note(x.h.Now(), "somebody else cancelled the replacement "+r.Replacement)
	}
}

// onlyOpened reports whether a delivery order was opened and its location not asked to fulfil it.
func onlyOpened(d *happycolis.DeliveryOrder) bool {
	_, begun := workBegun(d)
	return live(*d) && !begun && effectiveStatus(d) == statusPending && !hasEvent(d, eventRequested)
}

// elsewhere reads the replacement, which a list shows at another place than its target: somebody moved it, or
// the list is older than our own move of it.
func (x *run) elsewhere(ctx context.Context) *verdict {
	d, stop := x.readReplacement(ctx, x.org.Urgent)
	if stop != nil {
		return stop
	}
	v := needs(journal.DraftConflict)
	if d.Location.ID == x.r.ToID {
		v = x.contradicted("", v)
	}
	return &v
}

// redispatched handles delivery orders that appeared while we worked. The platform's own, with exactly
// these units and at a fit place, is adopted and our DRAFT withdrawn; anything else is for a person. One that was known
// before our cancel went out is none of these, though the list that was read before the create did not show it.
func (x *run) redispatched(ctx context.Context, p *parent) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	var same []happycolis.DeliveryOrder
	for _, s := range p.strangers(r) {
		since, err := x.h.Index.KnownSince(ctx, r.Organization, s.ID)
		if err != nil {
			return give(broken(err))
		}
		counts := liveLine
		if !live(s) {
			counts = func(l happycolis.Line) bool { return l.Status == lineCanceled }
		}
		if before := !since.IsZero() && since.Before(r.CancelSent); !before && sameUnits(s, r.Lines, counts) {
			same = append(same, s)
		}
	}
	if len(same) != 1 || r.Dispatch != dispatchAutomatic {
		return nil // the sum tells whether it matters
	}
	theirs := same[0]
	if !live(theirs) { // it was handed over itself: its units and ours are the same
		return give(needs(journal.OverAllocated))
	}
	place, stop := x.fit(ctx, theirs.Location.ID)
	if stop != nil {
		return stop
	}
	if place == nil {
		if v := x.awaitSuspect(ctx, theirs.Location.ID); v != nil {
			return v
		}
		return give(needs(journal.OverAllocated))
	}
	if r.Replacement != "" {
		if v := x.yield(ctx); v != nil {
			return v
		}
	}
	if err := x.h.Index.GiveBack(ctx, r.Organization, r.ID); err != nil { // the platform's own figure counts theirs
		return give(broken(err))
	}
	r.Replacement, r.Adopted = theirs.ID, true
	r.To, r.ToID, r.ToType = place.Slug, place.ID, place.Type
	r.SentAt = x.h.Now()
	return give(verdict{kind: goTo, step: stepConfirm, note: "the platform dispatched the order again by itself: adopted " + theirs.ID})
}

// yield cancels our DRAFT in favour of the platform's own delivery order, once, and waits until it is gone. nil: it is. Of what
// is a DRAFT yet lines that are cancelled prove that; an event need not, since no location was asked to fulfil it.
func (x *run) yield(ctx context.Context) *verdict {
	d, stop := x.readReplacement(ctx, x.org.Urgent)
	if stop != nil {
		return stop
	}
	if !live(*d) && d.Status == statusDraft {
		x.seen()
		x.r.GiveUpReplacement()
		return nil
	}
	return x.cancelReplacement(ctx, d, journal.OverAllocated)
}

// openedElsewhere judges a replacement that somebody else opened where it is not fit any more: it stands there, and the
// operator sees to it.
func (x *run) openedElsewhere(ctx context.Context, d *happycolis.DeliveryOrder) verdict {
	x.r.Note(x.h.Now(), "somebody else opened "+d.ID+", which was to go to "+x.r.To)
	view, stop := x.lookAgain(ctx, x.org.Urgent)
	if stop != nil {
		return *stop
	}
	if len(view.Orders) != 1 {
		return needs(journal.UnknownState)
	}
	p, err := x.parent(ctx, view)
	if err != nil {
		return broken(err)
	}
	if !x.addsUp(p) {
		return needs(journal.OverAllocated)
	}
	return needs(journal.DraftConflict)
}

// repoint moves our DRAFT to the target decided last, because the former one is not fit any more.
func (x *run) repoint(ctx context.Context) verdict {
	r := x.r
	account, err := x.granted(ctx, x.org.Urgent)
	if err != nil {
		return x.stumble(err)
	}
	d, err := account.DeliveryOrder(ctx, r.Replacement)
	if err != nil {
		return x.stumble(err)
	}
	switch {
	case d.Location.ID == r.ToID:
		x.seen()
		x.drop()
		return jump(resumeStep(r))
	case d.Status != statusDraft:
		return x.openedElsewhere(ctx, d)
	}
	if r.Doubt() {
		if v := x.unseen(d.Asked); v != nil {
			return *v
		}
		refusedTwice := r.Intent.Refused
		if r.Intent = nil; refusedTwice {
			return x.spend(journal.UpdateRefused)
		}
	}
	if paused, err := x.h.Journal.Paused(ctx, r.Organization, d.Location.ID); err != nil {
		return broken(err)
	} else if paused { // it stands there: it is moved from there too
		return holdUntil(x.h.Now().Add(pausedWait), "")
	}
	if len(r.Orders) > 0 {
		if v := x.lockOrder(ctx, r.Orders[0]); v != nil {
			return *v
		}
	}
	repeats := r.Repeats
	became, v := x.mutate(ctx, r.ReleaseBegan(), d.Asked, func(a *happycolis.Account) error { return a.MoveDraft(ctx, r.Replacement, r.ToID) })
	switch became {
	case unsent:
		return v
	case refused:
		r.Intent = nil
		return x.spend(journal.UpdateRefused)
	}
	if became == applied {
		x.awaitShown(time.Time{}, repeats)
	}
	return holdUntil(x.h.Now(), "") // read it back
}
