// Package worker is the frame around the task handlers: what a handler may answer, the one table
// from that answer to the queue, and the servers that run it. Its packages are receiver (webhooks
// come in), incident (a location fails), handover (one delivery order moves), journal (what is
// true), index (what is known of the platform) and desk (what people see and do).
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

// OutcomeKind is what a run of a handler came to.
type OutcomeKind int

// The verdicts.
const (
	Done        OutcomeKind = iota // nothing more to do for this task
	Requeue                        // go on later, with the message that Outcome.Next holds
	Retryable                      // a failure that time may heal: run the same task again
	Obsolete                       // somebody else drives this, or it is over
	NeedsPerson                    // at rest until an operator decides
)

// Outcome is the answer of a handler. Only the fields of its verdict are set.
type Outcome struct {
	Kind   OutcomeKind
	Until  time.Time     // Requeue
	Next   tasks.Message // Requeue
	Reason string        // NeedsPerson: a reason of the journal; Obsolete: why
	Err    error         // Transient
}

// Completed is the outcome of a task that has nothing more to do.
func Completed() Outcome { return Outcome{Kind: Done} }

// RequeueAt goes on with next at the time given; a past time means at once.
func RequeueAt(next tasks.Message, until time.Time) Outcome {
	return Outcome{Kind: Requeue, Next: next, Until: until}
}

// Retry is a failure that time may heal.
func Retry(err error) Outcome { return Outcome{Kind: Retryable, Err: err} }

// Superseded is the outcome of a task whose work is not its own any more.
func Superseded(why string) Outcome { return Outcome{Kind: Obsolete, Reason: why} }

// LeaveToOperator leaves the matter to an operator.
func LeaveToOperator(reason string) Outcome { return Outcome{Kind: NeedsPerson, Reason: reason} }

// Handler runs the payload of one kind of task.
type Handler func(ctx context.Context, payload []byte) Outcome

// queueError is the one table from outcome to queue. Nobody else returns asynq's errors.
//
//	Done         nil: the task is completed
//	Requeue    the next message is submitted, then nil; no retry is used up by waiting
//	Transient    the error: asynq tries again with its backoff, and archives after MaxRetry
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

// isLastTry reports whether the task that runs is archived if it fails now.
func isLastTry(ctx context.Context) bool {
	retried, _ := asynq.GetRetryCount(ctx)
	most, known := asynq.GetMaxRetry(ctx)
	return known && retried >= most
}
