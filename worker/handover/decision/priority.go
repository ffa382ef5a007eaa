package decision

import (
	"sync"
	"time"

	"happycolis-reassigner/happycolis"
)

// MutationPriority lets mutations go before reads where both wait for the rate limit. Else, under a low limit, several
// reassignments could spend every request on reading, and find what they read stale before the
// request to act on it is granted.
type MutationPriority struct {
	mu      sync.Mutex
	waiting map[string]map[string]time.Time // organization > record whose mutation waits > until when its turn is kept
}

// turnsShare is of what the rate limit grants in a second: when as many mutations wait, reads stand back. For
// fewer there is room beside the reads, and what nobody asked for in time would be lost.
const turnsShare = 0.5

// MarkWaiting notes that a record's mutation waits.
func (t *MutationPriority) MarkWaiting(organization, record string, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == nil {
		t.waiting = map[string]map[string]time.Time{}
	}
	if t.waiting[organization] == nil {
		t.waiting[organization] = map[string]time.Time{}
	}
	t.waiting[organization][record] = until
}

// ClearWaiting ends the wait of a record.
func (t *MutationPriority) ClearWaiting(organization, record string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting[organization], record)
}

// hasOthersWaiting reports whether mutations of other records of the organization go before a read of this one.
func (t *MutationPriority) hasOthersWaiting(organization, record string, rate happycolis.Rate, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	others := 0
	for id, until := range t.waiting[organization] {
		if now.After(until) {
			delete(t.waiting[organization], id)
		} else if id != record {
			others++
		}
	}
	return others > 0 && float64(others) >= turnsShare*rate.PerSecondSustained()
}
