package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// Queue is where tasks are submitted and looked up. It is all that the worker's packages use of the queue library.
type Queue interface {
	// Submit puts m on its queue, to be run at at; a time that is past means now. It is idempotent: a message that is
	// there already is no error.
	Submit(ctx context.Context, m Message, at time.Time) error
	// IsWaiting reports whether the task of m will still be run: it is pending, scheduled or to be retried.
	IsWaiting(ctx context.Context, m Message) (bool, error)
	// DeleteArchived deletes the task of m if it is archived. If there is none, that is no error.
	DeleteArchived(ctx context.Context, m Message) error
}

// Asynq implements Queue with asynq.
type Asynq struct {
	client    *asynq.Client
	inspector *asynq.Inspector
}

// NewAsynq returns a Queue over a client and an inspector. The caller closes these.
func NewAsynq(client *asynq.Client, inspector *asynq.Inspector) *Asynq {
	return &Asynq{client: client, inspector: inspector}
}

// Submit implements Queue. The context's deadline is obeyed only if the Redis client was made with
// ContextTimeoutEnabled. A submission that failed may have been stored all the same; since every task has an id,
// submitting it again is harmless.
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

// IsWaiting implements Queue. An active task does not count: whether its worker lives is known by the lease in the
// journal, not by asynq.
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
