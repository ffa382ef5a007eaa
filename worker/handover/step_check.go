package handover

import (
	"cmp"
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// checkBeforeSend makes sure, after the release, that sending the replacement covers no unit twice: the parent
// order still wants it, the target is still fit, and the live quantities of the whole order add up.
func (x *attempt) checkBeforeSend(ctx context.Context) error {
	r := x.r
	if r.Original.Dispatch == orders.DispatchAutomatic {
		// The platform may dispatch the order again by itself; it is given its time first.
		left, err := x.redispatchTimeLeft(ctx, r.Release.ConfirmedAt)
		if err != nil {
			return err
		}
		if left > 0 {
			return waitingFor(api.WaitRedispatch, time.Time{}, 0, waitUntil(x.h.Now().Add(max(left, time.Second)), ""))
		}
	}
	view, err := x.readOriginal(ctx)
	if err == nil && r.Original.Dispatch == orders.DispatchAutomatic && view.SentAt.Before(r.Release.ConfirmedAt.Add(x.h.Settings.RedispatchSettle)) {
		view, err = x.refreshOriginal(ctx, x.org.ForHandover) // it may not show yet what the platform did in its time
	}
	if err != nil {
		return err
	}
	if err := x.recheckRelease(ctx, view); err != nil {
		return err
	}
	if r.Replacement.ID == "" {
		return decideAnew() // to prepare one anew
	}
	x.noteReplacementGone(view)
	if reason := orders.CheckParentOrder(view); reason != "" {
		return needsPerson(reason)
	}
	if err := x.lockOrder(ctx, view.Orders[0].ID); err != nil {
		return err
	}
	p, err := x.reader.LoadParent(ctx, view)
	if err != nil {
		return err
	}
	if err := x.handleRedispatch(ctx, p); err != nil {
		return err
	}
	if err := x.checkOwnDraft(ctx, p, view); err != nil {
		return err
	}
	to, err := x.reader.FitTarget(ctx, r.Decision.ToID)
	if err != nil {
		return err
	}
	if to == nil {
		r.Note(x.h.Now(), r.Decision.To+" is not fit any more")
		return x.reselectTarget()
	}
	if check, refuses, err := x.reader.RecheckFences(ctx, to, view); err != nil {
		return err
	} else if refuses {
		r.Note(x.h.Now(), r.Decision.To+" is not fit any more: "+check.Word+" wanted "+check.Wanted+", saw "+check.Seen)
		return x.reselectTarget()
	}
	if r.Original.Units > 0 && orders.TotalUnits(view) > r.Original.Units { // fewer prove nothing: what is cancelled may be shown as none
		r.Note(x.h.Now(), "the original got more units while it was released; the replacement lacks them")
		return needsPerson(journal.DraftConflict)
	}
	if !p.QuantitiesMatch(x.r) {
		if err := x.waitForPreviousCancel(ctx, p, view.SentAt); err != nil {
			return err
		}
		return needsPerson(journal.OverAllocated)
	}
	if !x.isFresh(view.SentAt) {
		return x.handleStaleSum()
	}
	x.summed = view
	return nextStep("the quantities of the order add up")
}

// handleStaleSum checks once more, ever more rarely, since the reads took longer than the first of them is good for.
func (x *attempt) handleStaleSum() error {
	return x.retryContradiction("the reads of the check took too long; checking once more", needsPerson(journal.RetriesExhausted))
}

// recheckRelease makes sure that what was confirmed, or what an operator answers for, still holds. nil: it does. What was
// confirmed is judged by the read and, since that may be stale, by what webhooks told.
func (x *attempt) recheckRelease(ctx context.Context, view *happycolis.DeliveryOrder) error {
	r := x.r
	told, _, err := x.h.Index.Get(ctx, r.Identity.Organization, r.Identity.DeliveryOrder)
	if err != nil {
		return err
	}
	if r.Release.Proceeded {
		return x.recheckProceed(ctx, view)
	}
	if x.isCancelConfirmed(view) && !x.isCancelRejectedSince(told) {
		return nil
	}
	r.Release.ConfirmedAt = time.Time{}
	return goToStep{name: stepConfirmRelease, note: "the release was taken back"}
}

// redispatchTimeLeft is what is left of the time that the platform is given, from a moment on, to dispatch the order again. It
// stands still in a pause.
func (x *attempt) redispatchTimeLeft(ctx context.Context, since time.Time) (time.Duration, error) {
	now := x.h.Now()
	stood, err := x.h.Journal.PausedDuration(ctx, x.r.Identity.Organization, x.r.Identity.FromID, since, now)
	return x.h.Settings.RedispatchSettle - (now.Sub(since) - stood), err
}

// checkOwnDraft looks after the replacement itself: sent by somebody else once the original is released it is simply sent,
// opened only, it is still to be requested; cancelled by somebody else, it is the operator's.
func (x *attempt) checkOwnDraft(ctx context.Context, p *orders.Parent, view *happycolis.DeliveryOrder) error {
	r := x.r
	s, seen := p.FindSibling(r.Replacement.ID)
	x.opened = false
	switch {
	case !seen:
		return nil // a stale list; the send is refused if it is gone
	case r.Replacement.Cancel != nil:
		return x.awaitOwnCancel(ctx)
	case !orders.IsLive(s):
		return x.handleDeadReplacement(ctx, view)
	case r.Sent():
		return goToStep{name: stepConfirm} // it is live again
	case !orders.HasExactLines(s, r.Replacement.Lines):
		return needsPerson(journal.DraftConflict) // somebody edited it
	case s.Location.ID != r.Decision.ToID:
		return x.handleMovedReplacement(ctx)
	case s.Status == orders.StatusDraft:
		return nil
	}
	if r.Original.FulfilmentRequested {
		d, err := x.readReplacement(ctx, x.org.ForHandover)
		if err != nil {
			return err
		}
		if x.opened = orders.IsOnlyOpened(d); x.opened {
			return nil // what is missing is ours to do, if all holds
		}
	}
	return x.acceptSentByOthers(ctx, view)
}

// acceptSentByOthers takes a replacement that somebody else sent, once the original is released, as sent.
func (x *attempt) acceptSentByOthers(ctx context.Context, view *happycolis.DeliveryOrder) error {
	x.commitReservation(ctx, decision.PlatformNow(view.Read, x.h.Now()))
	x.r.Replacement.SentAt, x.r.Replacement.GoneAt = x.h.Now(), time.Time{}
	x.r.Decision.Hops++
	return goToStep{name: stepConfirm, note: "the replacement was sent by somebody else"}
}

// handleDeadReplacement judges a replacement of which a list shows no live line: rejected, after somebody else sent it, or
// cancelled by somebody else.
func (x *attempt) handleDeadReplacement(ctx context.Context, view *happycolis.DeliveryOrder) error {
	d, err := x.readReplacement(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	if said := orders.ClassifyAnswer(x.r, orders.IndexEntry(d)); !x.r.Sent() && (said == orders.RejectedAll || said == orders.RejectedPart) {
		return x.acceptSentByOthers(ctx, view)
	}
	if err := x.handleReplacementCancelled(ctx); err != nil {
		return err
	}
	return needsPerson(journal.ReplacementCancelled)
}

// awaitOwnCancel waits for what becomes of our cancel of a replacement that somebody else had sent too early. Once it is
// confirmed, another one is made.
func (x *attempt) awaitOwnCancel(ctx context.Context) error {
	d, err := x.readReplacement(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	if err := x.cancelReplacement(ctx, d, journal.ReplacementSentEarly); err != nil {
		return err
	}
	return decideAnew()
}

// noteReplacementGone notes since when a read shows our replacement cancelled, if it does.
func (x *attempt) noteReplacementGone(view *happycolis.DeliveryOrder) {
	r := x.r
	at := slices.IndexFunc(view.Orders[0].DeliveryOrders, func(s happycolis.DeliveryOrder) bool { return s.ID == r.Replacement.ID })
	switch {
	case at < 0 || r.Replacement.Cancel != nil:
	case orders.IsLive(view.Orders[0].DeliveryOrders[at]):
		r.Replacement.GoneAt = time.Time{}
	case r.Replacement.GoneAt.IsZero():
		r.Replacement.GoneAt = x.h.Now()
		r.Note(x.h.Now(), "somebody else cancelled the replacement "+r.Replacement.ID)
	}
}

// handleMovedReplacement reads the replacement, which a list shows at another place than its target: somebody moved it, or
// the list is older than our own move of it.
func (x *attempt) handleMovedReplacement(ctx context.Context) error {
	d, err := x.readReplacement(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	if d.Location.ID == x.r.Decision.ToID {
		return x.retryContradiction("", needsPerson(journal.DraftConflict))
	}
	return needsPerson(journal.DraftConflict)
}

// handleRedispatch handles delivery orders that appeared while we worked. The platform's own, with exactly
// these units and at a fit place, is adopted and our DRAFT withdrawn; anything else is for an operator. One that was known
// before our cancel went out is none of these, though the list that was read before the create did not show it.
func (x *attempt) handleRedispatch(ctx context.Context, p *orders.Parent) error {
	r := x.r
	var same []happycolis.DeliveryOrder
	for _, s := range p.UnknownSiblings(r) {
		since, err := x.h.Index.KnownSince(ctx, r.Identity.Organization, s.ID)
		if err != nil {
			return err
		}
		counts := orders.IsLiveLine
		if !orders.IsLive(s) {
			counts = func(l happycolis.Line) bool { return l.Status == orders.LineCanceled }
		}
		if before := !since.IsZero() && since.Before(r.Release.CancelSentAt); !before && orders.SameUnits(s, r.Replacement.Lines, counts) {
			same = append(same, s)
		}
	}
	if len(same) != 1 || r.Original.Dispatch != orders.DispatchAutomatic {
		return nil // the sum tells whether it matters
	}
	theirs := same[0]
	if !orders.IsLive(theirs) { // it was handed over itself: its units and ours are the same
		return needsPerson(journal.OverAllocated)
	}
	if theirs.Location.ID == r.Identity.FromID {
		if _, begun := orders.CheckWorkBegun(&theirs); begun {
			return needsPerson(journal.OverAllocated)
		}
		r.Note(x.h.Now(), "the platform sent it to "+cmp.Or(r.Identity.From, r.Identity.FromID)+" again, as "+theirs.ID+", with exactly these units: "+
			"cancel that one in HappyColis and retry, or leave this one, and that moves with the next approval")
		return needsPerson(journal.OverAllocated)
	}
	place, err := x.reader.FitTarget(ctx, theirs.Location.ID)
	if err != nil {
		return err
	}
	if place == nil {
		if err := x.awaitSuspect(ctx, theirs.Location.ID); err != nil {
			return err
		}
		return needsPerson(journal.OverAllocated)
	}
	if r.Replacement.ID != "" {
		if err := x.cancelOwnDraft(ctx); err != nil {
			return err
		}
	}
	if err := x.h.Ledger.Release(ctx, r.Identity.Organization, r.Identity.ID); err != nil { // the platform's own figure counts theirs
		return err
	}
	r.Replacement.ID, r.Replacement.Adopted = theirs.ID, true
	r.Decision.To, r.Decision.ToID, r.Decision.ToType = place.Slug, place.ID, place.Type
	r.Replacement.SentAt = x.h.Now()
	return goToStep{name: stepConfirm, note: "the platform dispatched the order again by itself: adopted " + theirs.ID}
}

// cancelOwnDraft cancels our DRAFT in favour of the platform's own delivery order, once, and waits until it is gone. nil: it is. Of what
// is a DRAFT yet lines that are cancelled prove that; an event need not, since no location was asked to fulfil it.
func (x *attempt) cancelOwnDraft(ctx context.Context) error {
	d, err := x.readReplacement(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	if !orders.IsLive(*d) && d.Status == orders.StatusDraft {
		x.clearIntent()
		x.r.DetachReplacement()
		return nil
	}
	return x.cancelReplacement(ctx, d, journal.OverAllocated)
}

// handleOpenedElsewhere judges a replacement that somebody else opened where it is not fit any more: it stands there, and the
// operator sees to it.
func (x *attempt) handleOpenedElsewhere(ctx context.Context, d *happycolis.DeliveryOrder) error {
	x.r.Note(x.h.Now(), "somebody else opened "+d.ID+", which was to go to "+x.r.Decision.To)
	if err := x.recheckQuantities(ctx); err != nil {
		return err
	}
	return needsPerson(journal.DraftConflict)
}

// recheckQuantities reads the order anew and sums its quantities. nil: no unit is covered twice.
func (x *attempt) recheckQuantities(ctx context.Context) error {
	view, err := x.refreshOriginal(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	if len(view.Orders) != 1 {
		return needsPerson(journal.UnknownState)
	}
	p, err := x.reader.LoadParent(ctx, view)
	if err != nil {
		return err
	}
	if !p.QuantitiesMatch(x.r) {
		return needsPerson(journal.OverAllocated)
	}
	return nil
}

// retargetDraft moves our DRAFT to the target decided last, because the former one is not fit any more.
func (x *attempt) retargetDraft(ctx context.Context) error {
	r := x.r
	account, err := x.reader.AcquireToken(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	d, err := account.DeliveryOrder(ctx, r.Replacement.ID)
	if err != nil {
		return err
	}
	switch {
	case d.Location.ID == r.Decision.ToID:
		x.clearIntent()
		x.invalidateCache()
		return goToStep{name: resumeStep(r)}
	case d.Status != orders.StatusDraft:
		return x.handleOpenedElsewhere(ctx, d)
	}
	if r.MarkUncertain() {
		if err := x.confirmNotApplied(d.SentAt); err != nil {
			return err
		}
		refusedTwice := r.Intent.SameCodeTwice
		if r.Intent = nil; refusedTwice {
			return x.rejectCandidate(journal.UpdateRefused)
		}
	}
	if err := x.waitWhilePaused(ctx, d.Location.ID); err != nil { // it stands there: it is moved from there too
		return err
	}
	if len(r.Identity.Orders) > 0 {
		if err := x.lockOrder(ctx, r.Identity.Orders[0]); err != nil {
			return err
		}
	}
	repeats := r.Retry.Repeats
	became, err := x.mutate(ctx, r.ReleaseBegan(), d.SentAt, func(a *happycolis.Account) error { return a.MoveDraft(ctx, r.Replacement.ID, r.Decision.ToID) })
	switch became {
	case unsent:
		return err
	case refused:
		r.Intent = nil
		return x.rejectCandidate(journal.UpdateRefused)
	}
	if became == applied {
		x.markInDoubt(time.Time{}, repeats)
	}
	return waitUntil(x.h.Now(), "") // read it back
}
