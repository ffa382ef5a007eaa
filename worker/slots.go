package worker

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// concurrency is how many tasks a server runs at once: each is the share of one organization, most the total. However
// many organizations there are, each has minSlots.
type concurrency struct{ each, most int }

const minSlots = 2

// share returns how many tasks of one organization run at once.
func (c concurrency) share(organizations int) int {
	return max(minSlots, min(c.each, c.most/max(1, organizations)))
}

// errNoSlot gives back to the queue a task whose organization has used all its slots. It is no failure: it uses up no
// retry.
var errNoSlot = errors.New("its organization is busy with others; it takes its turn")

// A task that finds no slot is tried again after firstSlotWait, and of several in the same organization one every
// slotWaitStep. Otherwise a thousand tasks that are due at once, of an organization whose platform hangs, would keep
// the queue busy with being taken and given back.
const (
	firstSlotWait = 500 * time.Millisecond
	slotWaitStep  = 5 * time.Millisecond
)

// slots keeps one organization from using more than its share, so that the others can work while requests of one hang.
// A task that waits for a token or for the rate limit holds no slot: it is back in the queue.
type slots struct {
	share int

	mu    sync.Mutex
	taken map[string]int
	next  map[string]time.Time // when the task that found no slot last is tried again
}

func newSlots(share int) *slots {
	return &slots{share: share, taken: map[string]int{}, next: map[string]time.Time{}}
}

// acquire takes a slot of the organization; false if it has none left.
func (s *slots) acquire(organization string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[organization] >= s.share {
		return false
	}
	s.taken[organization]++
	return true
}

func (s *slots) release(organization string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[organization]--
}

// nextSlotAt returns how long a task that found no slot has to wait before it is tried again.
func (s *slots) nextSlotAt(organization string, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now.Add(firstSlotWait)
	if next := s.next[organization].Add(slotWaitStep); next.After(at) {
		at = next
	}
	s.next[organization] = at
	return at.Sub(now) + time.Duration(rand.Int64N(int64(slotWaitStep)))
}
