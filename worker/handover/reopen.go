package handover

import (
	"cmp"
	"context"
	"errors"
	"time"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// This file reopens what was over, and is in flight at a location that reads ERROR all the same: the location
// recovered only for a moment, or the delivery order went away and came back. What an operator, the policy, the
// configuration or a stop left stays left in this incident.

// returnsMost is how often a DRAFT that was moved may come back, and be moved again, until it is the operator's: two
// who move it to and fro do not agree.
const returnsMost = 1

// ShouldReopen reports whether a record that is over has to be reopened, by what the index knows of its original.
// readError is when the location read ERROR last; what was left since the location had recovered is reopened once
// ERROR was read a settle window after that, so that a location that flaps is not followed at every turn. So is what was left
// since an operator closed the incident, if it went on as one of a location in ERROR. What went
// away has to be seen back by something newer than the read that showed it away, by the platform's clock.
func ShouldReopen(r *journal.Reassignment, e index.Entry, readError time.Time, settle time.Duration) bool {
	if !e.IsInFlight() || e.Location != r.Identity.FromID {
		return false
	}
	switch {
	case r.State == journal.Left && (r.Reason == journal.Recovered || r.LeftByClose):
		return !readError.Before(r.UpdatedAt.Add(settle))
	case r.State == journal.Left && r.Reason == journal.Gone, isMovedDraft(r):
		return !e.Date.Before(r.Original.SeenAt) // of equal dates the later arrival is what the index knows
	}
	return false
}

// isMovedDraft reports whether a record ended with its DRAFT moved in place.
func isMovedDraft(r *journal.Reassignment) bool {
	return r.State == journal.Reassigned && r.Replacement.ID == ""
}

// Reopen reopens a record for which ShouldReopen says yes. Nothing of its former go counts: it is decided anew, by a
// fresh read. False: its incident lets nothing begin, its lineage is another record's, or somebody else was faster.
func (h *Handover) Reopen(ctx context.Context, r *journal.Reassignment) (bool, error) {
	note := "reopened: the location reads ERROR again"
	back := isMovedDraft(r)
	switch {
	case back:
		note = "reopened: the DRAFT is back from " + r.Decision.To
		r.Retry.Returns++
	case r.Reason == journal.Gone:
		note = "reopened: it is in flight at the location again"
	}
	r.Note(h.Now(), note)
	h.resetRecord(r, back)
	if r.Retry.Returns > returnsMost {
		r.Note(h.Now(), "it came back before: whoever moves it back does not agree")
		r.State, r.Reason = journal.NeedsPerson, journal.DraftConflict
	}
	err := h.Journal.Reopen(ctx, r, h.Now())
	if errors.Is(err, journal.ErrHeld) || errors.Is(err, journal.ErrOwned) || errors.Is(err, journal.ErrObsolete) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	h.logState(ctx, r)
	return true, h.Queue.Submit(ctx, taskFor(r), h.Now()) // its task tells where it rests
}

// ownerError tells an operator who acts that a row cannot go on, since another one looks after its lineage.
func ownerError(r *journal.Reassignment, err error) error {
	if !errors.Is(err, journal.ErrOwned) {
		return err
	}
	return NewUserError(ErrNotApplicable, "another incident moves on what took the place of %s, so this row cannot go on beside it; see who: reassigner orders show %s",
		r.Identity.DeliveryOrder, cmp.Or(r.CurrentReplacement(), r.Identity.Root))
}

// resetRecord makes a record one that was not begun. What it sent before, and whom it asked with what, stays on record: a
// cancel of its original may still come about, and its hops are counted. Who refused it before anything was sent is
// asked again. Where a DRAFT was moved to stays too, since it may stand there yet.
func (h *Handover) resetRecord(r *journal.Reassignment, moved bool) {
	r.LeftByClose = false
	r.State, r.Reason, r.Step, r.StepAt = journal.Pending, "", "", h.Now().UTC().Truncate(time.Millisecond)
	r.Undo, r.Intent, r.Admission.Admitted, r.Admission.ReservedRequests, r.Plan.Deviation, r.Plan.ManualRetry, r.Retry.ArchivedVersion = nil, nil, false, 0, "", false, 0
	r.Replacement.Lines, r.Original.Units, r.Replacement.SiblingsBefore, r.Replacement.UnprovenDraftID = nil, 0, nil, ""
	r.Wait.StartedAt, r.Wait.PollAt, r.Original.GoneSince, r.Wait.CandidateSince = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	r.Wait.Polls, r.Retry.Failures, r.Retry.Repeats, r.Retry.UnclearAnswer = 0, 0, 0, ""
	if r.Decision.Hops == 0 {
		r.Decision.TriedLocations, r.Decision.LastRejection = nil, ""
	}
	if !moved {
		r.Decision.To, r.Decision.ToID, r.Decision.ToType = "", "", ""
	}
}

// isStillMoved reports whether a DRAFT that was reopened, since the index showed it back, stands where it was moved
// to: then what the index was told was older than it looked.
func (x *attempt) isStillMoved(at string) bool {
	return x.r.Retry.Returns > 0 && x.r.Decision.ToID != "" && at == x.r.Decision.ToID
}
