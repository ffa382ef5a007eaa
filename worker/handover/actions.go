package handover

import (
	"context"
	"errors"
	"slices"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// Actor is the operator who acts, and why.
type Actor struct{ User, Reason string }

// checkVerb returns an error where a verb does not apply to a reassignment.
func checkVerb(verb string, r *journal.Reassignment) error {
	if api.Applies(verb, r.State, r.Reason) {
		return nil
	}
	return NewUserError(ErrNotApplicable, "%s %s; %s", r.Identity.DeliveryOrder, DescribeState(r), api.Condition(verb))
}

// Retry drives a row that needs an operator again, from the first step that is not proven done; one that waits for capacity is
// decided anew at once. Every step begins with a fresh read. As long as nothing was sent, every candidate is asked anew; where
// somebody else cancelled the replacement, another is made. A cancel that was never confirmed is not proven done: where the
// original still stands at a location in ERROR, it is sent once more, since the integration may have swallowed the first. No
// plan has to name what an operator retries: that is the approval of this one.
func (h *Handover) Retry(ctx context.Context, r *journal.Reassignment, by Actor) error {
	if checkVerb(api.VerbRetry, r) == nil && r.Reason != journal.JournalCorrupt {
		if !r.Replacement.GoneAt.IsZero() && r.Reason != journal.DraftConflict { // the operator wants another one
			r.DetachReplacement()
		}
		if r.Decision.Hops == 0 { // nothing was sent: whoever refused it is asked once more
			r.Decision.TriedLocations, r.Decision.LastRejection = nil, ""
		}
	}
	r.Decision.Moment = time.Time{}
	return h.restart(ctx, r, "retry", by, true)
}

// Reapprove drives again a row that was left out of an approved plan, since another one that names it was
// approved.
func (h *Handover) Reapprove(ctx context.Context, r *journal.Reassignment, by Actor) error {
	return h.restart(ctx, r, "approved anew", by, r.Plan.ManualRetry)
}

func (h *Handover) restart(ctx context.Context, r *journal.Reassignment, how string, by Actor, byHand bool) error {
	if err := checkVerb(api.VerbRetry, r); err != nil {
		return err
	}
	if r.Reason == journal.JournalCorrupt {
		return NewUserError(ErrNotApplicable, "the record of %s, or of its incident, cannot be read, so it cannot go on; look at it in HappyColis, and leave it: reassigner orders leave %s --reason \"WHY\"",
			r.Identity.DeliveryOrder, plaintext.ShellWord(r.Identity.DeliveryOrder))
	}
	parked, held, unconfirmed := r.Retry.ArchivedVersion, r.State == journal.Holding, r.Reason == journal.CancelUnconfirmed
	h.resetForRetry(r, how+": "+by.Reason, by.User)
	if unconfirmed && r.Step == stepConfirmRelease {
		r.Step, r.State = stepRelease, journal.Releasing
	}
	r.Plan.ManualRetry = byHand
	r.Wait.StartedAt, r.Retry.Failures = time.Time{}, 0
	if held {
		r.Step, r.State = "", journal.Pending
	}
	if err := h.reenqueue(ctx, r); err != nil {
		return ownerError(r, err)
	}
	return h.deleteArchivedTask(ctx, r, parked)
}

// resetForRetry puts a row back to work at the first step that its record does not prove done.
func (h *Handover) resetForRetry(r *journal.Reassignment, note, by string) {
	r.History = append(r.History, journal.Entry{At: h.Now().UTC().Truncate(time.Millisecond), Step: r.Step, Note: note, By: by})
	r.Step, r.State, r.Reason, r.Undo, r.Retry.ArchivedVersion, r.Plan.Deviation = resumeStep(r), journal.Pending, "", nil, 0, ""
	r.Wait.For, r.Wait.Until = "", time.Time{}
	r.Wait.Polls, r.Retry.Repeats, r.Wait.PollAt, r.StepAt = 0, 0, time.Time{}, h.Now().UTC().Truncate(time.Millisecond)
	if s, ok := findStep(r.Step); ok {
		r.State = s.state
	}
}

// Leave closes a row that needs an operator or waits for capacity: it stays where it is. What we prepared and did
// not send is withdrawn first, and looked for first where the reply of its create was lost. A DRAFT that is not proven
// to be one too many is not touched; for that, and where what somebody else sent cannot be taken back, the operator who
// leaves it was told, and answers for it.
func (h *Handover) Leave(ctx context.Context, r *journal.Reassignment, by Actor) error {
	if err := checkVerb(api.VerbLeave, r); err != nil {
		return err
	}
	parked := r.Retry.ArchivedVersion
	lost := r.Intent != nil && r.Intent.Step == stepPrepare
	r.History = append(r.History, journal.Entry{At: h.Now().UTC().Truncate(time.Millisecond), Step: r.Step, Note: "leave: " + by.Reason, By: by.User})
	r.Retry.ArchivedVersion = 0
	stays := r.Reason == journal.UnprovenDraft || r.Replacement.ID == "" && !lost || r.Sent() || r.Replacement.Adopted
	if stays && len(r.Replacement.LateDrafts) == 0 {
		r.State, r.Reason = journal.Left, journal.ByPerson
		if err := h.saveTerminal(ctx, r); err != nil {
			return err
		}
		return h.deleteArchivedTask(ctx, r, parked)
	}
	told := r.Reason == journal.ReplacementSentEarly
	scheduleUndo(r, journal.Left, journal.ByPerson)
	r.Undo.Explained, r.Undo.Late = told, stays
	if err := h.reenqueue(ctx, r); err != nil {
		return err
	}
	return h.deleteArchivedTask(ctx, r, parked)
}

// Signal tells the owner of a delivery order that an event about it came. Who waits goes on at once.
func (h *Handover) Signal(ctx context.Context, organization, deliveryOrder string) error {
	id, err := h.Journal.Signal(ctx, organization, deliveryOrder)
	if err != nil || id == "" {
		return err
	}
	r, err := h.Journal.Get(ctx, organization, id)
	if journal.IsUnreadable(err) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case r.State.IsOver(), r.State == journal.NeedsPerson && slices.Contains(r.Replacement.Past, deliveryOrder):
		return h.reopenIfChanged(ctx, r, deliveryOrder)
	case r.State == journal.NeedsPerson && deliveryOrder == r.Identity.DeliveryOrder && r.Sent() && !isResumedByEvent(r.Reason):
		return h.reopenForOriginal(ctx, r)
	case r.State == journal.NeedsPerson && isResumedByEvent(r.Reason):
		h.resetForRetry(r, "an event about it came", "")
		return ignoreObsolete(h.reenqueue(ctx, r))
	case r.Leased: // it sees the mark before it waits
		return nil
	case r.State != journal.ConfirmingRelease && r.State != journal.Confirming:
		return nil
	}
	return ignoreObsolete(h.enqueue(ctx, r))
}

// ignoreObsolete forgives that somebody else was faster, or looks after the lineage.
func ignoreObsolete(err error) error {
	if errors.Is(err, journal.ErrObsolete) || errors.Is(err, journal.ErrOwned) {
		return nil
	}
	return err
}

// isResumedByEvent reports whether a row that needs an operator goes on by itself when an event shows that what
// it waited for came after its deadline.
func isResumedByEvent(reason journal.Reason) bool {
	return reason == journal.CancelUnconfirmed || reason == journal.FallbackSilent || reason == journal.ReplacementCancelled
}

// RescueStuck drives on what is due: its task vanished, or its holder died. A task that is still waiting
// in the queue is left alone.
func (h *Handover) RescueStuck(ctx context.Context, organization string) (redriven int, err error) {
	ids, err := h.Journal.Due(ctx, organization, dueBatch)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		r, err := h.Journal.Get(ctx, organization, id)
		if journal.IsUnreadable(err) {
			if err := h.Journal.Defer(ctx, organization, id, unreadableGap); err != nil {
				return redriven, err
			}
			continue
		}
		if err != nil {
			return redriven, err
		}
		waiting, err := h.Queue.IsWaiting(ctx, taskFor(r))
		if err != nil {
			return redriven, err
		}
		if waiting {
			if err := h.Journal.Defer(ctx, organization, id, waitingGap); err != nil {
				return redriven, err
			}
			continue
		}
		if err := h.enqueue(ctx, r); err != nil && !errors.Is(err, journal.ErrObsolete) {
			return redriven, err
		}
		redriven++
	}
	return redriven, nil
}

const (
	dueBatch      = 200             // records looked at in one scan
	waitingGap    = 2 * time.Minute // until a task that waits in the queue is looked for again
	unreadableGap = time.Hour       // until a record that cannot be driven is looked at again
)

// enqueue advances the version and submits the task for it.
func (h *Handover) enqueue(ctx context.Context, r *journal.Reassignment) error {
	if err := h.Journal.Requeue(ctx, r, h.Now()); err != nil {
		return err
	}
	return h.Queue.Submit(ctx, taskFor(r), h.Now())
}

// reenqueue is enqueue for a record whose state was changed just now: the new state is logged.
func (h *Handover) reenqueue(ctx context.Context, r *journal.Reassignment) error {
	if err := h.enqueue(ctx, r); err != nil {
		return err
	}
	h.logState(ctx, r)
	return nil
}

// saveTerminal writes the end of a row that nobody works at.
func (h *Handover) saveTerminal(ctx context.Context, r *journal.Reassignment) error {
	if _, err := h.Journal.Finish(ctx, r, h.Now()); err != nil {
		return err
	}
	h.reconcileReservation(ctx, r)
	if h.OnFinish != nil {
		h.OnFinish(r)
	}
	h.logState(ctx, r)
	return nil
}

// deleteArchivedTask deletes the archived task that stood for the row, in whichever queue it was.
func (h *Handover) deleteArchivedTask(ctx context.Context, r *journal.Reassignment, parked int64) error {
	if parked == 0 {
		return nil
	}
	m := taskFor(r)
	m.At = parked
	for _, begun := range []bool{false, true} {
		m.Begun = begun
		if err := h.Queue.DeleteArchived(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// CompensateAndLeave leaves a reassignment whose release never began, because its location works again, or its incident was
// stopped or closed by hand (journal.ByPerson): what was prepared is withdrawn first. One at work sees it by itself.
func (h *Handover) CompensateAndLeave(ctx context.Context, r *journal.Reassignment, why journal.Reason) error {
	if r.ReleaseBegan() || r.State.IsOver() || r.Leased || r.Undo != nil {
		return nil
	}
	parked := r.Retry.ArchivedVersion
	r.Retry.ArchivedVersion = 0
	r.LeftByClose = why == journal.ByPerson
	r.Note(h.Now(), why.Meaning())
	if r.Replacement.ID == "" && r.Intent == nil && len(r.Replacement.LateDrafts) == 0 {
		r.State, r.Reason = journal.Left, why
		if err := h.saveTerminal(ctx, r); err != nil {
			return err
		}
		if err := h.deleteArchivedTask(ctx, r, parked); err != nil {
			return err
		}
		return h.reopenIfChanged(ctx, r, r.Identity.DeliveryOrder) // a cancel that was refused may have come about since
	}
	scheduleUndo(r, journal.Left, why)
	if err := h.reenqueue(ctx, r); err != nil {
		return err
	}
	return h.deleteArchivedTask(ctx, r, parked)
}
