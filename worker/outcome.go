// Package worker runs the tasks of the queue. A handler answers with an Outcome, and one table turns that into what
// the queue (asynq) is to do with the task, so that no handler knows asynq's errors. Servers runs the handlers: one
// server for handovers and one for incidents and sweeps, each with a bounded share of its slots for one organization.
//
// What it promises: waiting uses up no retry and no slot; a failure that time may heal is retried with a growing
// delay; a task that needs an operator is archived at once, with the reason as its error. Tasks are executed at least
// once, so a handler may run twice for one task, even at the same time: the compare-and-set of the journal makes that
// harmless.
//
// The packages below it are, in the order in which an event visits them: receiver (takes webhooks), index (what is
// known of delivery orders and locations), incident (a location failed), handover (one delivery order is moved),
// journal (the records of both), notify (alerts) and admin (API and console for operators).
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"

	"happycolis-reassigner/tasks"
)

// OutcomeKind says how a run of a handler ended; queueError has the consequence of each.
type OutcomeKind int

// The kinds of outcome.
const (
	Done        OutcomeKind = iota // the task has nothing more to do
	Requeue                        // go on later, with the task in Outcome.Next
	Retryable                      // a failure that time may heal: retry the same task
	Obsolete                       // another task has taken over the work, or it is over
	NeedsPerson                    // nothing more is done until an operator decides
)

// Outcome is the answer of a handler. Only the fields that belong to its kind are set; the constructors below set
// them.
type Outcome struct {
	Kind   OutcomeKind
	Until  time.Time     // of Requeue: not before then
	Next   tasks.Message // of Requeue: the task to submit
	Reason string        // of NeedsPerson: a reason of the journal; of Obsolete: why, for the log
	Err    error         // of Retryable
}

// Completed ends the task successfully: nothing follows.
func Completed() Outcome { return Outcome{Kind: Done} }

// RequeueAt submits next, to be run at until; a time that is past means at once. The running task ends successfully.
func RequeueAt(next tasks.Message, until time.Time) Outcome {
	return Outcome{Kind: Requeue, Next: next, Until: until}
}

// Retry has the queue run the same task again, after the delay of retryDelay, until its retries are used up.
func Retry(err error) Outcome { return Outcome{Kind: Retryable, Err: err} }

// Superseded ends a task whose work another one has taken over, or that is over. It is no failure; why is logged.
func Superseded(why string) Outcome { return Outcome{Kind: Obsolete, Reason: why} }

// LeaveToOperator archives the task without a retry. The reason stands as its error in the queue's web UI.
func LeaveToOperator(reason string) Outcome { return Outcome{Kind: NeedsPerson, Reason: reason} }

// Handler runs the payload of one kind of task. It may be called twice for one task, and ctx ends at the task's
// timeout.
type Handler func(ctx context.Context, payload []byte) Outcome

// queueError is the one table from outcome to queue. Nobody else returns asynq's errors.
//
//	Done         nil: the task is completed
//	Requeue      the next task is submitted, then nil; no retry is used up by waiting
//	Retryable    the error: asynq tries again with its backoff, and archives after MaxRetry
//	Obsolete     nil
//	NeedsPerson  archived at once, with the reason as its error; Run in the web UI is a retry
func queueError(ctx context.Context, queue tasks.Queue, log *slog.Logger, kind string, out Outcome) error {
	switch out.Kind {
	case Requeue:
		return queue.Submit(ctx, out.Next, out.Until)
	case Retryable:
		if errors.Is(out.Err, tasks.ErrVersion) {
			log.WarnContext(ctx, "task of another release is not run", "task", kind)
			return fmt.Errorf("%w: %w", out.Err, asynq.SkipRetry)
		}
		if isLastTry(ctx) {
			log.WarnContext(ctx, "task is given up after its last retry", "task", kind, "error", out.Err)
		}
		return out.Err
	case NeedsPerson:
		return fmt.Errorf("needs a person: %s: %w", out.Reason, asynq.SkipRetry)
	case Obsolete:
		log.DebugContext(ctx, "obsolete task", "task", kind, "why", out.Reason)
		return nil
	default:
		return nil
	}
}

// isLastTry reports whether a failure of the running task uses up its last retry, so that asynq archives it.
func isLastTry(ctx context.Context) bool {
	retried, _ := asynq.GetRetryCount(ctx)
	most, known := asynq.GetMaxRetry(ctx)
	return known && retried >= most
}
