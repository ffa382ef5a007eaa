package handover

import (
	"context"
	"errors"
	"slices"
	"time"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// By is the person who acts, and why.
type By struct{ User, Reason string }

// Actable reports whether retry and leave apply to a reassignment: it needs a person, or waits for capacity.
func Actable(r *journal.Reassignment) bool {
	return r.State == journal.NeedsPerson || r.State == journal.Holding
}

func notActable(r *journal.Reassignment) error {
	return Refuse(ErrNotApplicable, "%s %s; only what needs a person or waits for capacity can be acted on", r.DeliveryOrder, HowItIs(r))
}

// Retry drives a row that needs a person again, from the first step that is not proven done; one that waits for capacity is
// decided anew at once. Every step begins with a fresh read. As long as nothing was sent, every candidate is asked anew; where
// somebody else cancelled the replacement, another is made. A cancel that was never confirmed is not proven done: where the
// original still stands at a location in ERROR, it is sent once more, since the integration may have swallowed the first. No
// plan has to name what a person retries: that is the approval of this one.
func (h *Handover) Retry(ctx context.Context, r *journal.Reassignment, by By) error {
	if Actable(r) && r.Reason != journal.JournalCorrupt {
		if !r.ReplacementGone.IsZero() && r.Reason != journal.DraftConflict { // the person wants another one
			r.GiveUpReplacement()
		}
		if r.Hops == 0 { // nothing was sent: whoever refused it is asked once more
			r.Tried, r.Refused = nil, ""
		}
	}
	return h.again(ctx, r, "retry", by, true)
}

// Readmit drives again a row that was left out of an approved plan, since another one that names it was
// approved.
func (h *Handover) Readmit(ctx context.Context, r *journal.Reassignment, by By) error {
	return h.again(ctx, r, "approved anew", by, r.ByHand)
}

func (h *Handover) again(ctx context.Context, r *journal.Reassignment, how string, by By, byHand bool) error {
	switch {
	case !Actable(r):
		return notActable(r)
	case r.Reason == journal.JournalCorrupt:
		return Refuse(ErrNotApplicable, "the record of %s, or of its incident, cannot be read, so it cannot go on; look at it in HappyColis, and leave it: reassigner orders leave %s",
			r.DeliveryOrder, plaintext.ShellWord(r.DeliveryOrder))
	}
	parked, held, unconfirmed := r.Parked, r.State == journal.Holding, r.Reason == journal.CancelUnconfirmed
	h.resume(r, how+": "+by.Reason, by.User)
	if unconfirmed && r.Step == stepConfirmRelease {
		r.Step, r.State = stepRelease, journal.Releasing
	}
	r.ByHand = byHand
	r.Since, r.Failures = time.Time{}, 0
	if held {
		r.Step, r.State = "", journal.Pending
	}
	if err := h.setGoing(ctx, r); err != nil {
		return notOwner(r, err)
	}
	return h.forget(ctx, r, parked)
}

// resume puts a row back to work at the first step that its record does not prove done.
func (h *Handover) resume(r *journal.Reassignment, note, by string) {
	r.History = append(r.History, journal.Entry{At: h.Now().UTC().Truncate(time.Millisecond), Step: r.Step, Note: note, By: by})
	r.Step, r.State, r.Reason, r.Undo, r.Parked, r.LeftOut = resumeStep(r), journal.Pending, "", nil, 0, ""
	r.Polls, r.Repeats, r.PollAt, r.StepAt = 0, 0, time.Time{}, h.Now().UTC().Truncate(time.Millisecond)
	if s, ok := stepNamed(r.Step); ok {
		r.State = s.state
	}
}

// Leave closes a row that needs a person or waits for capacity: it stays where it is. What we prepared and did
// not send is withdrawn first, and looked for first where the reply of its create was lost. A DRAFT that is not proven
// to be one too many is not touched; for that, and where what somebody else sent cannot be taken back, the person who
// leaves it was told, and answers for it.
func (h *Handover) Leave(ctx context.Context, r *journal.Reassignment, by By) error {
	if !Actable(r) {
		return notActable(r)
	}
	parked := r.Parked
	lost := r.Intent != nil && r.Intent.Step == stepPrepare
	r.History = append(r.History, journal.Entry{At: h.Now().UTC().Truncate(time.Millisecond), Step: r.Step, Note: "leave: " + by.Reason, By: by.User})
	r.Parked = 0
	if r.Reason == journal.UnprovenDraft || r.Replacement == "" && !lost || r.Sent() || r.Adopted {
		r.State, r.Reason = journal.Left, journal.ByPerson
		if err := h.rests(ctx, r); err != nil {
			return err
		}
		return h.forget(ctx, r, parked)
	}
	told := r.Reason == journal.ReplacementSentEarly
	takeBackTo(r, journal.Left, journal.ByPerson)
	r.Undo.Told = told
	if err := h.setGoing(ctx, r); err != nil {
		return err
	}
	return h.forget(ctx, r, parked)
}

// Nudge tells the owner of a delivery order that an event about it came. Who waits goes on at once.
func (h *Handover) Nudge(ctx context.Context, organization, deliveryOrder string) error {
	id, err := h.Journal.Nudge(ctx, organization, deliveryOrder)
	if err != nil || id == "" {
		return err
	}
	r, err := h.Journal.Get(ctx, organization, id)
	if unreadable(err) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case r.State.Over(), r.State == journal.NeedsPerson && slices.Contains(r.Former, deliveryOrder):
		return h.stir(ctx, r, deliveryOrder)
	case r.State == journal.NeedsPerson && deliveryOrder == r.DeliveryOrder && r.Sent() && !waitsForEvent(r.Reason):
		return h.stirOriginal(ctx, r)
	case r.State == journal.NeedsPerson && waitsForEvent(r.Reason):
		h.resume(r, "an event about it came", "")
		return unlessObsolete(h.setGoing(ctx, r))
	case r.Working: // it sees the mark before it waits
		return nil
	case r.State != journal.ConfirmingRelease && r.State != journal.Confirming:
		return nil
	}
	return unlessObsolete(h.redrive(ctx, r))
}

// unlessObsolete forgives that somebody else was faster, or looks after the lineage.
func unlessObsolete(err error) error {
	if errors.Is(err, journal.ErrObsolete) || errors.Is(err, journal.ErrOwned) {
		return nil
	}
	return err
}

// waitsForEvent reports whether a row that needs a person goes on by itself when an event shows that what
// it waited for came after its deadline.
func waitsForEvent(reason journal.Reason) bool {
	return reason == journal.CancelUnconfirmed || reason == journal.FallbackSilent || reason == journal.ReplacementCancelled
}

// Overlooked drives on what is due: its task vanished, or its holder died. A task that is still waiting
// in the queue is left alone.
func (h *Handover) Overlooked(ctx context.Context, organization string) (redriven int, err error) {
	ids, err := h.Journal.Due(ctx, organization, dueBatch)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		r, err := h.Journal.Get(ctx, organization, id)
		if unreadable(err) {
			if err := h.Journal.Defer(ctx, organization, id, unreadableGap); err != nil {
				return redriven, err
			}
			continue
		}
		if err != nil {
			return redriven, err
		}
		waiting, err := h.Queue.Waiting(ctx, message(r))
		if err != nil {
			return redriven, err
		}
		if waiting {
			if err := h.Journal.Defer(ctx, organization, id, waitingGap); err != nil {
				return redriven, err
			}
			continue
		}
		if err := h.redrive(ctx, r); err != nil && !errors.Is(err, journal.ErrObsolete) {
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

// redrive advances the version and submits the task for it.
func (h *Handover) redrive(ctx context.Context, r *journal.Reassignment) error {
	if err := h.Journal.Redrive(ctx, r, h.Now()); err != nil {
		return err
	}
	return h.Queue.Submit(ctx, message(r), h.Now())
}

// setGoing is redrive for a row whose state was changed just now.
func (h *Handover) setGoing(ctx context.Context, r *journal.Reassignment) error {
	if err := h.redrive(ctx, r); err != nil {
		return err
	}
	h.tell(ctx, r)
	return nil
}

// rests writes the end of a row that nobody works at.
func (h *Handover) rests(ctx context.Context, r *journal.Reassignment) error {
	if _, err := h.Journal.Rest(ctx, r, h.Now()); err != nil {
		return err
	}
	h.reckon(ctx, r)
	if h.Rested != nil {
		h.Rested(r)
	}
	h.tell(ctx, r)
	return nil
}

// forget deletes the archived task that stood for the row, in whichever queue it was.
func (h *Handover) forget(ctx context.Context, r *journal.Reassignment, parked int64) error {
	if parked == 0 {
		return nil
	}
	m := message(r)
	m.At = parked
	for _, begun := range []bool{false, true} {
		m.Begun = begun
		if err := h.Queue.Forget(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// Abandon leaves a reassignment whose release never began, because its location works again or its incident
// was stopped: what was prepared is withdrawn first. One at work sees it by itself.
func (h *Handover) Abandon(ctx context.Context, r *journal.Reassignment, why journal.Reason) error {
	if r.ReleaseBegan() || r.State.Over() || r.Working || r.Undo != nil {
		return nil
	}
	parked := r.Parked
	r.Parked = 0
	r.Note(h.Now(), why.Meaning())
	if r.Replacement == "" && r.Intent == nil {
		r.State, r.Reason = journal.Left, why
		if err := h.rests(ctx, r); err != nil {
			return err
		}
		if err := h.forget(ctx, r, parked); err != nil {
			return err
		}
		return h.stir(ctx, r, r.DeliveryOrder) // a cancel that was refused may have come about since
	}
	takeBackTo(r, journal.Left, why)
	if err := h.setGoing(ctx, r); err != nil {
		return err
	}
	return h.forget(ctx, r, parked)
}
