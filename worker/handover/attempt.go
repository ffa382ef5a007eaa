package handover

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/journal"
)

// attempt is one task's work at one reassignment.
type attempt struct {
	h      *Handover
	org    *worker.Organization
	r      *journal.Reassignment
	task   tasks.Reassign
	reader *decision.Reader
	view   *happycolis.DeliveryOrder // the original as read last
	summed *happycolis.DeliveryOrder // the read on whose strength check lets the replacement be sent
	opened bool                      // somebody else opened the replacement, and did not request it as it has to be
	locked string                    // parent order that we hold
	made   string                    // DRAFT that was created, and is not recorded yet
}

func (h *Handover) newAttempt(org *worker.Organization, r *journal.Reassignment, task tasks.Reassign) *attempt {
	return &attempt{h: h, org: org, r: r, task: task, reader: h.Decider.NewReader(org, r)}
}

// walkSteps walks the table until the reassignment rests, waits or fails.
func (x *attempt) walkSteps(ctx context.Context) worker.Outcome {
	if x.r.State == journal.NeedsPerson { // came to rest elsewhere: its task is put where people look for it
		return x.parkForOperator(ctx, x.r.Reason)
	}
	for range turnsMost {
		before, failures := x.r.State, x.r.Retry.Failures
		// A step passes on what the platform answered with; that is an outcome, and no failure of ours.
		stepErr := x.handleRequestError(x.runStep(ctx))
		result, ok := outcomeOf(stepErr)
		if !ok {
			return x.recordFailure(ctx, stepErr)
		}
		if err := x.recordDeviation(ctx, result); err != nil {
			return x.recordFailure(ctx, err)
		}
		switch o := result.(type) {
		case nextStep:
			x.advanceTo(stepAfter(x.r.Step), string(o))
		case goToStep:
			x.advanceTo(o.name, o.note)
		case compensate:
			x.observeStepDuration()
			scheduleUndo(x.r, o.then, o.reason)
			x.r.Note(x.h.Now(), "taking back: "+string(o.reason))
		case reassigned:
			return x.finish(ctx, journal.Reassigned, "")
		case left:
			return x.finish(ctx, journal.Left, journal.Reason(o))
		case needsPerson:
			return x.parkForOperator(ctx, journal.Reason(o))
		case wait:
			if !o.throttled && x.r.Retry.Failures == failures { // it waits for something else
				x.r.Retry.Failures = 0
			}
			return x.saveWait(ctx, o)
		case canaryFull:
			return x.waitForCanary(ctx)
		default:
			return x.recordFailure(ctx, fmt.Errorf("walkSteps has no case for an outcome of type %T", o))
		}
		if err := x.h.Journal.Save(ctx, x.r, x.h.Now()); err != nil {
			return x.recordFailure(ctx, err)
		}
		x.made = ""
		if x.r.State != before {
			x.h.logState(ctx, x.r)
		}
	}
	return x.saveWait(ctx, wait{until: x.h.Now().Add(x.h.Settings.Poll), note: "too many turns in one run"})
}

// scheduleUndo has what was prepared withdrawn; the row then ends as told.
func scheduleUndo(r *journal.Reassignment, then journal.State, reason journal.Reason) {
	r.Undo = &journal.Undo{Then: then, Reason: reason}
	r.State, r.Reason, r.Wait.StartedAt, r.Wait.PollAt, r.Wait.Polls, r.Retry.Repeats = journal.Undoing, "", time.Time{}, time.Time{}, 0, 0
	r.Wait.For, r.Wait.Until = "", time.Time{}
}

// runStep takes the row that stands next.
func (x *attempt) runStep(ctx context.Context) error {
	if err := x.resolveLateDrafts(ctx); err != nil {
		return err
	}
	if x.r.Undo != nil {
		return x.undoSteps(ctx)
	}
	if x.r.Step == "" {
		return x.runDecision(ctx)
	}
	s, ok := findStep(x.r.Step)
	if !ok {
		return needsPerson(journal.UnknownState)
	}
	return s.do(x, ctx)
}

// advanceTo moves the record to a row, "" for a new decision.
func (x *attempt) advanceTo(name, note string) {
	if note != "" {
		x.r.Note(x.h.Now(), note)
	}
	x.observeStepDuration()
	x.r.Step, x.r.Wait.StartedAt, x.r.Wait.PollAt, x.r.Wait.Polls, x.r.Retry.Failures = name, time.Time{}, time.Time{}, 0, 0
	x.r.State = journal.Pending
	if s, ok := findStep(name); ok {
		x.r.State = s.state
	}
}

// The names of what is no row of the table but takes its time.
const (
	stepDecide = "decide"
	stepUndo   = "undo"
)

// observeStepDuration reports how long the step took that ends now. The first decision counts from the enrolment on; a record
// of an older version of this program, which did not note the time, reports nothing.
func (x *attempt) observeStepDuration() {
	r, now := x.r, x.h.Now().UTC().Truncate(time.Millisecond)
	name, since := r.Step, r.StepAt
	if name == "" {
		name = stepDecide
	}
	if r.Undo != nil {
		name = stepUndo
	}
	if since.IsZero() && r.Step == "" {
		since = r.Identity.OpenedAt
	}
	if x.h.OnStep != nil && !since.IsZero() {
		x.h.OnStep(name, max(0, now.Sub(since)))
	}
	r.StepAt = now
}

func (x *attempt) finish(ctx context.Context, state journal.State, reason journal.Reason) worker.Outcome {
	r := x.r
	x.observeStepDuration()
	r.State, r.Reason, r.Undo, r.Intent = state, reason, nil, nil
	note := string(state)
	if reason != "" {
		note += ": " + string(reason)
	}
	r.Note(x.h.Now(), note)
	signalled, err := x.h.Journal.Finish(ctx, r, x.h.Now())
	if err != nil {
		return x.recordFailure(ctx, err)
	}
	x.h.reconcileReservation(ctx, r)
	x.logFinish(ctx)
	if signalled {
		if err := x.h.reopenIfChanged(ctx, r, r.Identity.DeliveryOrder); err != nil {
			return x.recordFailure(ctx, err)
		}
	}
	return worker.Completed()
}

// parkForOperator leaves the row to an operator. The version that this task came under is noted: the archived task
// that now stands for the row is the one that may be run again.
func (x *attempt) parkForOperator(ctx context.Context, reason journal.Reason) worker.Outcome {
	r := x.r
	if u := r.Undo; u != nil && u.Late && u.Then == journal.NeedsPerson && u.Reason.IsUrgent() {
		reason = u.Reason // what is wrong with a late DRAFT does not hide it
	}
	if r.State != journal.NeedsPerson {
		x.observeStepDuration()
		r.State, r.Reason, r.Undo = journal.NeedsPerson, reason, nil
		r.Note(x.h.Now(), "needs a person: "+string(reason))
	}
	r.Retry.ArchivedVersion = x.task.At
	signalled, err := x.h.Journal.Finish(ctx, r, x.h.Now())
	if err != nil {
		return x.recordFailure(ctx, err)
	}
	x.h.reconcileReservation(ctx, r)
	x.logFinish(ctx)
	if signalled && isResumedByEvent(reason) {
		x.h.resetForRetry(r, "an event about it came", "")
		if err := x.h.reenqueue(ctx, r); err != nil {
			return x.recordFailure(ctx, err)
		}
		return worker.Completed()
	}
	return worker.LeaveToOperator(string(reason))
}

func (x *attempt) saveWait(ctx context.Context, w wait) worker.Outcome {
	now := x.h.Now()
	if w.note != "" {
		x.r.Note(now, w.note)
	}
	if err := x.noteWait(ctx, w); err != nil {
		return x.recordFailure(ctx, err)
	}
	signalled, err := x.h.Journal.Park(ctx, x.r, now, w.until)
	if err != nil {
		return x.recordFailure(ctx, err)
	}
	if signalled {
		return worker.RequeueAt(taskFor(x.r), now)
	}
	return worker.RequeueAt(taskFor(x.r), w.until)
}

// recordFailure sorts the errors of the journal. Nothing is written: the record stands as it was saved last.
func (x *attempt) recordFailure(ctx context.Context, err error) worker.Outcome {
	x.noteLateDraft(ctx)
	if errors.Is(err, journal.ErrObsolete) {
		return worker.Superseded(err.Error())
	}
	x.h.Log.WarnContext(ctx, "reassignment interrupted", "organization", x.r.Identity.Organization, "incident", x.r.Identity.Incident,
		"delivery_order", x.r.Identity.DeliveryOrder, "order_number", x.r.Identity.OrderNumber, "step", x.r.Step, "error", err)
	// Our claim advanced the version, so this task would find itself obsolete: its successor goes on.
	if fresh, getErr := x.h.Journal.Get(ctx, x.r.Identity.Organization, x.r.Identity.ID); getErr == nil && fresh.Version == x.r.Version {
		return worker.RequeueAt(taskFor(fresh), x.h.Now().Add(retryAfterFault))
	}
	return worker.Retry(fmt.Errorf("driving %s: %w", x.r.Identity.ID, err))
}

// retryAfterFault is the distance to the next try after the journal or the queue failed.
const retryAfterFault = 2 * time.Second

// logFinish tells that the row rests.
func (x *attempt) logFinish(ctx context.Context) {
	if x.h.OnFinish != nil {
		x.h.OnFinish(x.r)
	}
	x.h.logState(ctx, x.r)
}

// logState logs a change of state, one line each. Every line has the same keys, and they are those of the other
// packages. What the decision says is told whole once, where the row rests by it, else in its first sentence.
func (h *Handover) logState(ctx context.Context, r *journal.Reassignment) {
	level, log := slog.LevelInfo, h.Log
	if r.State == journal.NeedsPerson && r.Reason.IsUrgent() {
		level, log = slog.LevelError, log.With("alert", "urgent")
	}
	rule, decision := "", ""
	if r.Decision.Policy != nil {
		said := r.Decision.Policy.Explain()
		if !restsByPolicy(r) {
			said = said[:1]
		}
		rule, decision = r.Decision.Policy.Rule, strings.Join(said, " ")
	}
	log.Log(ctx, level, "reassignment "+string(r.State), "organization", r.Identity.Organization, "incident", r.Identity.Incident,
		"delivery_order", r.Identity.DeliveryOrder, "order_number", r.Identity.OrderNumber, "step", r.Step, "rule", rule, "from", r.Identity.From, "to", r.Decision.To, "replacement", r.Replacement.ID,
		"reason", string(r.Reason), "decision", decision)
}

// restsByPolicy reports whether a row rests since the policy decided so: it is where the policy sent it, or the policy sends it
// nowhere.
func restsByPolicy(r *journal.Reassignment) bool {
	switch r.State {
	case journal.Reassigned:
		return true
	case journal.NeedsPerson, journal.Left:
		return slices.Contains([]journal.Reason{journal.PolicyRule, journal.FactUnknown, journal.NoCandidate, journal.FallbacksExhausted, journal.PolicyLeave}, r.Reason)
	default:
		return false
	}
}

func (x *attempt) unlockOrder(ctx context.Context) {
	if x.locked == "" {
		return
	}
	if err := x.h.Journal.UnlockOrder(context.WithoutCancel(ctx), x.r.Identity.Organization, x.locked, x.r.Identity.ID); err != nil {
		x.h.Log.WarnContext(ctx, "order lock stays until its lease ends", "organization", x.r.Identity.Organization, "incident", x.r.Identity.Incident,
			"delivery_order", x.r.Identity.DeliveryOrder, "order_number", x.r.Identity.OrderNumber, "error", err)
	}
	x.locked = ""
}
