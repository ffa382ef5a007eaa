package handover

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// releaseOriginal cancels the original. From the recorded intent on there is no way back but a refusal, a later
// rejection of the cancellation, or an operator's leave.
func (x *attempt) releaseOriginal(ctx context.Context) error {
	r := x.r
	if r.Intent != nil && r.Intent.RefusedUnverified {
		return x.handleRefusedCancel(ctx)
	}
	if r.MarkUncertain() { // somebody sent it, or died just before: the confirmation tells
		return nil
	}
	view, err := x.readOriginal(ctx)
	if err != nil {
		return err
	}
	again := r.ReleaseBegan()
	switch {
	case again && x.isCancelConfirmed(view):
		return nil
	case again && r.Retry.Repeats == 0: // an operator's retry: the platform had taken the cancel
		if may, err := x.canRetryCancel(ctx, view); err != nil || !may {
			return err
		}
	case again:
		if err := x.checkRepeatCancel(ctx, view); err != nil {
			return err
		}
	default:
		if err := x.screenOriginal(view); err != nil {
			return err
		}
		if err := x.checkIncidentFresh(ctx, view); err != nil {
			return err
		}
		if err := x.checkDraftStands(ctx, view); err != nil {
			return err
		}
		r.Release.CancelReadAt = view.Date
	}
	if err := x.recordKnownEvents(ctx, view); err != nil {
		return err
	}
	became, err := x.mutate(ctx, again, view.SentAt, func(a *happycolis.Account) error { return a.CancelDeliveryOrder(ctx, r.Identity.DeliveryOrder) })
	if became == unsent {
		return err
	}
	x.invalidateCache()
	if became != refused || again {
		// A refusal of a repeated cancel may mean that the first one is under way: it proves nothing.
		if became != unknown {
			r.Intent = nil
		}
		return nextStep("cancelled " + r.Identity.DeliveryOrder + "; waiting for the confirmation")
	}
	return x.handleRefusedCancel(ctx)
}

// canRetryCancel reports whether an operator's retry may send the cancel once more, which the platform had taken: the original is
// where it was and not begun, and its location errs. What it became else, the confirmation tells; the release began.
func (x *attempt) canRetryCancel(ctx context.Context, view *happycolis.DeliveryOrder) (bool, error) {
	if _, begun := orders.CheckWorkBegun(view); begun || view.Location.ID != x.r.Identity.FromID {
		return false, nil
	}
	inc, err := x.readIncident(ctx)
	return err == nil && orders.MayRelease(inc, view.Location.Integration), err
}

// checkRepeatCancel judges a cancel that is sent once more, since two reads do not show the first one, as that was judged:
// as far as anybody can see nothing was released. Where nothing may be released any more, what was prepared is
// taken back; that a cancel went out stays on record, should it come about all the same. An integration that is
// another, or none, may stay so: then the deadline of the first one holds.
func (x *attempt) checkRepeatCancel(ctx context.Context, view *happycolis.DeliveryOrder) error {
	began := x.r.Release.IntendedAt
	x.r.Release.IntendedAt = time.Time{}
	err := x.checkIncidentStopped(ctx)
	if err == nil && view.Location.ID == x.r.Identity.FromID {
		err = x.handleRequestError(x.checkIncidentFresh(ctx, view)) // first: whatever became of it, a location that recovered keeps it
	}
	if err == nil {
		err = x.screenOriginal(view)
	}
	result, ok := outcomeOf(err)
	_, waits := result.(wait)
	if err == nil || !ok || waits {
		x.r.Release.IntendedAt = began
	}
	if !waits || orders.IntegrationReads(view.Location.Integration, x.r.Identity.Integration) != orders.Different {
		return err
	}
	late, elapsedErr := x.reader.HasElapsed(ctx, began, view.SentAt, x.h.Settings.CancelTimeout)
	switch {
	case elapsedErr != nil:
		return elapsedErr
	case late:
		return needsPerson(journal.CancelUnconfirmed)
	}
	return err
}

// checkIncidentStopped is what becomes of a release that is not seen to have begun if its incident was stopped, is closing or
// over; nil if it is none of these.
func (x *attempt) checkIncidentStopped(ctx context.Context) error {
	inc, err := x.loadIncident(ctx)
	if err != nil {
		return err
	}
	if inc.State == journal.Stopped || inc.IsClosing() || !inc.State.IsOpen() {
		return x.handleIntentRefused(ctx, journal.ErrHeld)
	}
	return nil
}

// checkDraftStands makes sure, before the original is touched, that our DRAFT is what has to take its place: nobody
// sent it, and neither its lines nor the original's were changed since it was made.
func (x *attempt) checkDraftStands(ctx context.Context, view *happycolis.DeliveryOrder) error {
	r := x.r
	if len(view.Orders) != 1 {
		return compensate{journal.NeedsPerson, journal.UnknownState}
	}
	p, err := x.reader.LoadParent(ctx, view)
	if err != nil {
		return err
	}
	if s, ok := p.FindSibling(r.Replacement.ID); ok {
		switch {
		case !orders.IsLive(s):
			r.DetachReplacement()
			return compensate{journal.NeedsPerson, journal.DraftConflict}
		case s.Status != orders.StatusDraft:
			return compensate{journal.NeedsPerson, journal.ReplacementSentEarly}
		case !orders.HasExactLines(s, r.Replacement.Lines):
			r.Note(x.h.Now(), "somebody edited DRAFT "+s.ID)
			return needsPerson(journal.DraftConflict)
		}
	}
	if now, ok := p.ReplacementLines(view); !ok || !orders.EqualLines(now, r.Replacement.Lines) {
		r.Note(x.h.Now(), "the original's lines changed since its replacement was prepared")
		return compensate{journal.NeedsPerson, journal.DraftConflict}
	}
	return nil
}

// handleRefusedCancel looks whether the refused cancel took effect all the same; if not, what was prepared
// is taken back.
func (x *attempt) handleRefusedCancel(ctx context.Context) error {
	if x.r.Intent == nil {
		x.r.Intent = &journal.Intent{Step: stepRelease, At: x.h.Now()}
	}
	x.r.Intent.RefusedUnverified = true
	view, err := x.refreshOriginal(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	if x.isCancelConfirmed(view) && !x.wasCancelledBefore(view) {
		x.r.Intent = nil
		return nil
	}
	gone := orders.ConfirmsCancel(view, journal.CanceledEvents{})
	if gone {
		if err := x.confirmGone(view.SentAt); err != nil {
			return err // what the refusal means is not judged before
		}
	}
	x.r.Intent, x.r.Release.IntendedAt = nil, time.Time{}
	if gone {
		x.r.Note(x.h.Now(), "somebody else had cancelled it; the read that showed it alive was stale")
		return compensate{journal.Left, journal.Gone}
	}
	return compensate{journal.NeedsPerson, journal.CancelRefused}
}

// wasCancelledBefore guesses, of an original that is cancelled although the platform refused our cancel, whether somebody else
// had done it before: every event is dated before the answer to our read. These are dates of two clocks, so it proves
// nothing; where the guess is wrong, the webhook of the cancellation makes the row the operator's (cancelled_after_leave).
func (x *attempt) wasCancelledBefore(d *happycolis.DeliveryOrder) bool {
	last := orders.ReadCanceledEvents(d).Last
	return !last.IsZero() && !x.r.Release.CancelReadAt.IsZero() && last.Before(x.r.Release.CancelReadAt)
}

// confirmRelease waits until the original is cancelled beyond doubt, by a read. Webhooks wake it; polls are the net
// beneath.
func (x *attempt) confirmRelease(ctx context.Context) error {
	r := x.r
	doubt := r.MarkUncertain()
	if r.Wait.StartedAt.IsZero() {
		r.Wait.StartedAt = x.h.Now()
	}
	told, known, err := x.h.Index.Get(ctx, r.Identity.Organization, r.Identity.DeliveryOrder)
	if err != nil {
		return err
	}
	if !doubt {
		if err := x.checkWorthReading(ctx, told, known); err != nil {
			return err
		}
	}
	account := x.org.ForHandover
	if r.Wait.Polls > 0 && !(known && x.toldCancelled(told)) { // a poll; what an event told of waits released and unsent
		account = x.org.ForBackground
	}
	view, err := x.refreshOriginal(ctx, account)
	if err != nil {
		return err
	}
	if told, _, err = x.h.Index.Get(ctx, r.Identity.Organization, r.Identity.DeliveryOrder); err != nil {
		return err
	}
	if x.isCancelRejectedSince(told) && !orders.IsLive(*view) {
		if err := x.handleDisputedCancel(told, view.SentAt); err != nil {
			return err
		}
	}
	if x.isCancelConfirmed(view) {
		r.Release.ConfirmedAt = x.h.Now()
		if !r.Release.ToldAt.IsZero() {
			r.Release.ConfirmedAt = r.Release.ToldAt
		}
		x.clearIntent()
		return nextStep("the release is confirmed")
	}
	r.Release.ToldAt = time.Time{}
	if err := x.handleSentEarly(ctx, view); err != nil {
		return err
	}
	switch {
	case x.isCancelRejectedSince(told):
		r.Release.IntendedAt, r.Intent = time.Time{}, nil
		return compensate{journal.NeedsPerson, journal.CancelRefused}
	case doubt && (!orders.IsLive(*view) || orders.ReadCanceledEvents(view).Beyond(r.CanceledKnown())): // it was taken: the rest is yet to come
		x.clearIntent()
	case doubt:
		return x.repeatCancel(ctx, view.SentAt)
	}
	if late, err := x.deadlineExceeded(ctx, view.SentAt, x.h.Settings.CancelTimeout); err != nil {
		return err
	} else if late {
		return needsPerson(journal.CancelUnconfirmed)
	}
	return x.waitForCancel(waitUntil(x.scheduleNextPoll(x.h.Settings.CancelTimeout), ""))
}

// waitForCancel says of an outcome that waits that it does so for the confirmation of a cancel, from the beginning of this
// wait until handover.cancel_timeout.
func (x *attempt) waitForCancel(err error) error {
	return waitingFor(api.WaitCancel, x.r.Wait.StartedAt, x.h.Settings.CancelTimeout, err)
}

// repeatCancel sends a cancel whose reply was lost once more, since two reads do not show it: it may never have left.
// Repeating puts no deadline off; but the first repetition comes whatever the deadline says, since until then nobody
// may have been asked at all.
func (x *attempt) repeatCancel(ctx context.Context, read time.Time) error {
	r := x.r
	if r.Intent.At.After(r.Release.IntendedAt) && r.Intent.AbsentFor(read) >= x.h.Settings.Request {
		late, err := x.reader.HasElapsed(ctx, r.Release.IntendedAt, read, x.h.Settings.CancelTimeout)
		if err != nil {
			return err
		}
		if late {
			r.Intent = nil
			return needsPerson(journal.CancelUnconfirmed)
		}
	}
	if err := x.confirmNotApplied(read); err != nil {
		if w, ok := errors.AsType[wait](err); ok {
			if end := r.Release.IntendedAt.Add(x.h.Settings.CancelTimeout); end.After(x.h.Now()) && end.Before(w.until) {
				w.until = end
			}
			return w
		}
		return err
	}
	refusedTwice := r.Intent.SameCodeTwice
	if r.Intent = nil; refusedTwice {
		r.Release.IntendedAt = time.Time{}
		return compensate{journal.NeedsPerson, journal.CancelRefused}
	}
	return goToStep{name: stepRelease, note: "the cancel is not visible; sending it again"}
}

// checkWorthReading waits on where a read would tell nothing yet. nil: read. An order that the platform dispatches by itself is
// read once it had its time to do so, from the webhook that told of the cancellation on: that read confirms the release and
// is the one that is summed. Else, before the next poll, it is read only if the index shows the cancellation, its refusal,
// or our DRAFT sent.
func (x *attempt) checkWorthReading(ctx context.Context, told index.Entry, known bool) error {
	r := x.r
	cancelled := known && x.toldCancelled(told)
	if r.Original.Dispatch == orders.DispatchAutomatic && cancelled && !x.isCancelRejectedSince(told) {
		if r.Release.ToldAt.IsZero() {
			r.Release.ToldAt = x.h.Now()
		}
		left, err := x.redispatchTimeLeft(ctx, r.Release.ToldAt)
		switch {
		case err != nil:
			return err
		case left > 0:
			return waitingFor(api.WaitRedispatch, time.Time{}, 0, waitUntil(x.h.Now().Add(max(left, time.Second)), ""))
		}
		return nil
	}
	if r.Original.Dispatch == orders.DispatchAutomatic && r.Wait.Polls == 0 {
		return x.waitForCancel(waitUntil(x.scheduleNextPoll(x.h.Settings.CancelTimeout), ""))
	}
	if !r.Wait.PollAt.After(x.h.Now()) {
		return nil
	}
	ours, seen, err := x.h.Index.Get(ctx, r.Identity.Organization, r.Replacement.ID)
	if err != nil {
		return err
	}
	if !known || cancelled || x.isCancelRejectedSince(told) || r.Replacement.ID != "" && seen && (ours.Status != orders.StatusDraft || !orders.IsStanding(ours)) {
		return nil
	}
	return x.waitForCancel(waitUntil(r.Wait.PollAt, ""))
}

// toldCancelled reports whether the index shows the original cancelled, beyond what was known when its cancel was sent: a
// reason to read it, and no proof.
func (x *attempt) toldCancelled(e index.Entry) bool {
	return !orders.IsStanding(e) && orders.IndexedCanceledEvents(e.Canceled).Beyond(x.r.CanceledKnown())
}
