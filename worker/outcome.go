// Package worker is the frame around the task handlers: what a handler may answer, the one table
// from that answer to the queue, and the servers that run it. Its rooms are receiver (webhooks
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

// Verdict is what a run of a handler came to.
type Verdict int

// The verdicts.
const (
	Done        Verdict = iota // nothing more to do for this task
	HoldUntil                  // go on later, with the message that Outcome.Next holds
	Transient                  // a failure that time may heal: run the same task again
	Obsolete                   // somebody else drives this, or it is over
	NeedsPerson                // at rest until a person decides
)

// Outcome is the answer of a handler. Only the fields of its verdict are set.
type Outcome struct {
	Verdict Verdict
	Until   time.Time     // HoldUntil
	Next    tasks.Message // HoldUntil
	Reason  string        // NeedsPerson: a reason of the journal; Obsolete: why
	Err     error         // Transient
}

// Finished is the outcome of a task that has nothing more to do.
func Finished() Outcome { return Outcome{Verdict: Done} }

// Hold goes on with next at the time given; a past time means at once.
func Hold(next tasks.Message, until time.Time) Outcome {
	return Outcome{Verdict: HoldUntil, Next: next, Until: until}
}

// Again is a failure that time may heal.
func Again(err error) Outcome { return Outcome{Verdict: Transient, Err: err} }

// Stale is the outcome of a task whose work is not its own any more.
func Stale(why string) Outcome { return Outcome{Verdict: Obsolete, Reason: why} }

// Person leaves the matter to a person.
func Person(reason string) Outcome { return Outcome{Verdict: NeedsPerson, Reason: reason} }

// Handler runs the payload of one kind of task.
type Handler func(ctx context.Context, payload []byte) Outcome

// answer is the one table from outcome to queue. Nobody else returns asynq's errors.
//
//	Done         nil: the task is completed
//	HoldUntil    the next message is submitted, then nil; no retry is used up by waiting
//	Transient    the error: asynq tries again with its backoff, and archives after MaxRetry
//	Obsolete     nil
//	NeedsPerson  archived at once, with the reason as its error; Run in the web UI is a retry
func answer(ctx context.Context, queue tasks.Queue, log *slog.Logger, kind string, out Outcome) error {
	switch out.Verdict {
	case HoldUntil:
		return queue.Submit(ctx, out.Next, out.Until)
	case Transient:
		if errors.Is(out.Err, tasks.ErrVersion) {
			log.WarnContext(ctx, "task of another release is not run", "task", kind)
			return fmt.Errorf("%w: %w", out.Err, asynq.SkipRetry)
		}
		if lastTry(ctx) {
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

// lastTry reports whether the task that runs is archived if it fails now.
func lastTry(ctx context.Context) bool {
	retried, _ := asynq.GetRetryCount(ctx)
	most, known := asynq.GetMaxRetry(ctx)
	return known && retried >= most
}
