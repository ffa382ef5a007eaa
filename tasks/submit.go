package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// Queue is where tasks are put and looked for. The worker's packages ask for no more of the queue
// library than this.
type Queue interface {
	// Submit puts m on its queue, to be run at the time given (in the past: now). Submitting a
	// message that is there already is not an error.
	Submit(ctx context.Context, m Message, at time.Time) error
	// IsWaiting reports whether the task of m is still to be run: pending, scheduled or to be retried.
	IsWaiting(ctx context.Context, m Message) (bool, error)
	// DeleteArchived deletes the task of m if it is archived. That it is not there is not an error.
	DeleteArchived(ctx context.Context, m Message) error
}

// Asynq is the Queue on asynq.
type Asynq struct {
	client    *asynq.Client
	inspector *asynq.Inspector
}

// NewAsynq returns the Queue over a client and an inspector, which it does not close.
func NewAsynq(client *asynq.Client, inspector *asynq.Inspector) *Asynq {
	return &Asynq{client: client, inspector: inspector}
}

// Submit implements Queue. The context's deadline is honoured if the Redis client was made so
// (ContextTimeoutEnabled). A submission that failed may have been committed all the same; since
// every task has an id, submitting again is harmless.
func (q *Asynq) Submit(ctx context.Context, m Message, at time.Time) error {
	terms, ok := PolicyOf(m)
	if !ok {
		return fmt.Errorf("submitting %s: kind is not in the table", m.Kind())
	}
	payload, err := Encode(m)
	if err != nil {
		return err
	}
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(string(m.Kind()), payload), terms.options(m.ID(), at)...)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("submitting %s: %w", m.Kind(), err)
	}
	return nil
}

// IsWaiting implements Queue. An active task does not count: whether its holder lives is told by the
// lease in the journal, not by asynq.
func (q *Asynq) IsWaiting(_ context.Context, m Message) (bool, error) {
	terms, _ := PolicyOf(m)
	info, err := q.inspector.GetTaskInfo(terms.Queue, m.ID())
	switch {
	case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("looking for task %s: %w", m.ID(), err)
	}
	switch info.State {
	case asynq.TaskStatePending, asynq.TaskStateScheduled, asynq.TaskStateRetry:
		return true, nil
	default:
		return false, nil
	}
}

// DeleteArchived implements Queue.
func (q *Asynq) DeleteArchived(_ context.Context, m Message) error {
	terms, _ := PolicyOf(m)
	info, err := q.inspector.GetTaskInfo(terms.Queue, m.ID())
	if err == nil && info.State == asynq.TaskStateArchived {
		err = q.inspector.DeleteTask(terms.Queue, m.ID())
	}
	if err == nil || errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return nil
	}
	return fmt.Errorf("deleting archived task %s: %w", m.ID(), err)
}
