// Package tasks defines what travels through the queue: the kinds of task, their payloads and ids, and how each kind
// is run (queue, retries, timeout). Whoever wants something done calls Queue.Submit; package worker runs it.
//
// A task only causes somebody to look; what is true is in the journal. So a payload holds ids and a version and
// nothing else, a task may be lost or run twice without harm, and a payload of an unknown version is not interpreted.
package tasks

import (
	"time"

	"github.com/hibiken/asynq"
)

// Kind names a kind of task in Redis. A kind is never renamed: tasks of the former release must still run after an
// upgrade.
type Kind string

// The kinds of task.
const (
	LocationObserve   Kind = "location:observe" // read a location that is said to have failed
	IncidentFanout    Kind = "incident:fanout"  // enroll one page of the delivery orders of a failing location
	OrderReassign     Kind = "order:reassign"   // drive one reassignment as far as it goes
	SweepOrganization Kind = "sweep"            // correct, for one organization, what no event told or a crash left
)

// The queues. One server takes tasks strictly in the order handover, start; another one in the order incident, sweep.
// So a drain of thousands never delays the observation of the next location, and a handover in progress is finished
// before a new one begins.
const (
	QueueHandover = "handover"
	QueueStart    = "start"
	QueueIncident = "incident"
	QueueSweep    = "sweep"
)

// Queues returns every queue.
func Queues() []string { return []string{QueueHandover, QueueStart, QueueIncident, QueueSweep} }

// TaskPolicy says how one kind is run. It sets every value that asynq would otherwise choose.
type TaskPolicy struct {
	Kind      Kind
	Queue     string
	MaxRetry  int           // of failures; waiting is no failure and uses none
	Timeout   time.Duration // of one run, whole seconds
	Retention time.Duration // how long a finished task is shown, and its id taken
}

// policies is the one table of how tasks are run. No MaxRetry is 0, since asynq would archive the task of a worker
// that was killed. Retention is short, since a task id stays taken as long as the task is kept.
var policies = []TaskPolicy{
	{Kind: LocationObserve, Queue: QueueIncident, MaxRetry: 20, Timeout: 60 * time.Second, Retention: time.Hour},
	{Kind: IncidentFanout, Queue: QueueIncident, MaxRetry: 20, Timeout: 120 * time.Second, Retention: time.Hour},
	{Kind: OrderReassign, Queue: QueueStart, MaxRetry: 20, Timeout: 120 * time.Second, Retention: 10 * time.Minute},
	{Kind: SweepOrganization, Queue: QueueSweep, MaxRetry: 3, Timeout: 300 * time.Second, Retention: 10 * time.Minute},
}

// PolicyOf returns how a message is run, and whether its kind is known. A reassignment that has begun is put on
// QueueHandover, whose tasks run before those of QueueStart.
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
