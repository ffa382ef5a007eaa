package handover

import (
	"sync"
	"time"
)

// turns lets mutations go before reads where both wait for the rate limit. Else, under a low limit, several
// reassignments could spend every request on reading, and find what they read stale before the
// request to act on it is granted.
type turns struct {
	mu      sync.Mutex
	waiting map[string]time.Time // record whose mutation waits > until when its turn is kept
}

// keep notes that a record's mutation waits.
func (t *turns) keep(record string, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == nil {
		t.waiting = map[string]time.Time{}
	}
	t.waiting[record] = until
}

// take ends the wait of a record.
func (t *turns) take(record string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting, record)
}

// others reports whether a mutation of another record waits.
func (t *turns) others(record string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := false
	for id, until := range t.waiting {
		if now.After(until) {
			delete(t.waiting, id)
		} else if id != record {
			found = true
		}
	}
	return found
}
