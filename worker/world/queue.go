package world

import (
	"context"
	"sync"
	"time"

	"happycolis-reassigner/tasks"
)

// Queue is a tasks.Queue in memory, with the rules of asynq that matter here: a task id stays taken while its task is
// kept (here for ever), queues have a strict order, and within one the first task comes first.
type Queue struct {
	skew     time.Duration
	mu       sync.Mutex
	seq      int
	items    map[string]*item
	archived map[string]*item
	done     map[string]bool
}

type item struct {
	message tasks.Message
	at      time.Time
	seq     int
	active  bool
}

// newQueue makes a queue; skew is how far the clock of the submitting worker is ahead of the world's.
func newQueue(skew time.Duration) *Queue {
	return &Queue{skew: skew, items: map[string]*item{}, archived: map[string]*item{}, done: map[string]bool{}}
}

// Submit implements tasks.Queue.
func (q *Queue) Submit(_ context.Context, m tasks.Message, at time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := m.ID()
	if q.items[id] != nil || q.archived[id] != nil || q.done[id] {
		return nil
	}
	q.seq++
	q.items[id] = &item{message: m, at: at.Add(-q.skew), seq: q.seq}
	return nil
}

// IsWaiting implements tasks.Queue.
func (q *Queue) IsWaiting(_ context.Context, m tasks.Message) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t := q.items[m.ID()]
	return t != nil && !t.active, nil
}

// DeleteArchived implements tasks.Queue.
func (q *Queue) DeleteArchived(_ context.Context, m tasks.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.archived, m.ID())
	return nil
}

// Wipe deletes every task, as if all keys of the queue were lost.
func (q *Queue) Wipe() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items, q.archived, q.done = map[string]*item{}, map[string]*item{}, map[string]bool{}
}

// Archived returns the messages of the archived tasks.
func (q *Queue) Archived() []tasks.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []tasks.Message
	for _, t := range q.archived {
		all = append(all, t.message)
	}
	return all
}

// RunArchived makes an archived task pending again, as Run in the web UI does.
func (q *Queue) RunArchived(m tasks.Message, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if t := q.archived[m.ID()]; t != nil {
		delete(q.archived, m.ID())
		t.at, t.active = now, false
		q.items[m.ID()] = t
	}
}

func (q *Queue) nextDue() (time.Time, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var first time.Time
	found := false
	for _, t := range q.items {
		if !t.active && (!found || t.at.Before(first)) {
			first, found = t.at, true
		}
	}
	return first, found
}

var rank = map[string]int{tasks.QueueIncident: 0, tasks.QueueSweep: 1, tasks.QueueHandover: 2, tasks.QueueStart: 3}

// take returns the first task that is due, and marks it active.
func (q *Queue) take(now time.Time) *item {
	q.mu.Lock()
	defer q.mu.Unlock()
	var best *item
	bestRank := 0
	for _, t := range q.items {
		if t.active || t.at.After(now) {
			continue
		}
		terms, _ := tasks.PolicyOf(t.message)
		r := rank[terms.Queue]
		if best == nil || r < bestRank || r == bestRank && (t.at.Before(best.at) || t.at.Equal(best.at) && t.seq < best.seq) {
			best, bestRank = t, r
		}
	}
	if best != nil {
		best.active = true
	}
	return best
}

func (q *Queue) finish(t *item)  { q.move(t, func(id string) { q.done[id] = true }) }
func (q *Queue) archive(t *item) { q.move(t, func(id string) { q.archived[id] = t }) }
func (q *Queue) drop(t *item)    { q.move(t, func(id string) { q.done[id] = true }) }

func (q *Queue) move(t *item, to func(id string)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.items, t.message.ID())
	to(t.message.ID())
}

func (q *Queue) requeue(t *item, at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.at, t.active = at, false
}

// dueMessages returns the messages that are due.
func (q *Queue) dueMessages(now time.Time) []tasks.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []tasks.Message
	for _, t := range q.items {
		if !t.at.After(now) {
			all = append(all, t.message)
		}
	}
	return all
}
