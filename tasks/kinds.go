// Package tasks holds the words that travel through Redis: the kinds of task, their payloads, and
// where and how patiently each is run. A task is a messenger; what is true stands in the journal.
// So a payload carries ids and a version only, a task may be lost or run twice without harm, and
// a kind that is not known here is never guessed at.
package tasks

import (
	"time"

	"github.com/hibiken/asynq"
)

// Kind names a sort of task on the wire. A kind is never renamed: tasks of yesterday must still run.
type Kind string

// The kinds of task.
const (
	LocationObserve   Kind = "location:observe" // look at a location that is said to have failed
	IncidentFanout    Kind = "incident:fanout"  // enrol one page of a failing location's delivery orders
	OrderReassign     Kind = "order:reassign"   // drive one reassignment as far as it goes
	SweepOrganization Kind = "sweep"            // compare what is with what should be, for one organization
)

// The queues. Handover and start are served strictly in this order by one server, incident and sweep
// by another, so that a drain of thousands never delays the observation of the next location, and
// a handover under way is finished before a new one is begun.
const (
	QueueHandover = "handover"
	QueueStart    = "start"
	QueueIncident = "incident"
	QueueSweep    = "sweep"
)

// Queues returns every queue.
func Queues() []string { return []string{QueueHandover, QueueStart, QueueIncident, QueueSweep} }

// TaskPolicy say how one kind is run. Every value that the queue library would otherwise choose by
// itself is said here.
type TaskPolicy struct {
	Kind      Kind
	Queue     string
	MaxRetry  int           // of failures; waiting is not a failure and uses none
	Timeout   time.Duration // of one run, whole seconds
	Retention time.Duration // how long a finished task is shown
}

// policies is the one table of how tasks are run. No MaxRetry is 0: a killed worker's task would be
// archived at once. Retention is short, since a task id stays taken as long as the task is kept.
var policies = []TaskPolicy{
	{Kind: LocationObserve, Queue: QueueIncident, MaxRetry: 20, Timeout: 60 * time.Second, Retention: time.Hour},
	{Kind: IncidentFanout, Queue: QueueIncident, MaxRetry: 20, Timeout: 120 * time.Second, Retention: time.Hour},
	{Kind: OrderReassign, Queue: QueueStart, MaxRetry: 20, Timeout: 120 * time.Second, Retention: 10 * time.Minute},
	{Kind: SweepOrganization, Queue: QueueSweep, MaxRetry: 3, Timeout: 300 * time.Second, Retention: 10 * time.Minute},
}

// PolicyOf returns the terms of a message, and whether its kind is known. A reassignment that has
// begun travels in QueueHandover, before those that have not.
func PolicyOf(m Message) (TaskPolicy, bool) {
	for _, t := range policies {
		if t.Kind != m.Kind() {
			continue
		}
		if r, ok := m.(Reassign); ok && r.Begun {
			t.Queue = QueueHandover
		}
		return t, true
	}
	return TaskPolicy{}, false
}

func (t TaskPolicy) options(id string, at time.Time) []asynq.Option {
	return []asynq.Option{
		asynq.TaskID(id),
		asynq.Queue(t.Queue),
		asynq.MaxRetry(t.MaxRetry),
		asynq.Timeout(t.Timeout),
		asynq.Retention(t.Retention),
		asynq.ProcessAt(at),
	}
}
