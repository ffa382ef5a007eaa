package worker

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// concurrency says how many tasks a server runs at once: each for one organization, most for all of them together.
// However many there are, each has minSlots.
type concurrency struct{ each, most int }

const minSlots = 2

// share is how many tasks of one organization are run at once.
func (c concurrency) share(organizations int) int {
	return max(minSlots, min(c.each, c.most/max(1, organizations)))
}

// errNoSlot gives a task back whose organization has all the slots that it may have. It is no failure: no
// retry is used up.
var errNoSlot = errors.New("its organization is busy with others; it takes its turn")

// Who finds no slot comes back after firstSlotWait, one every slotWaitStep: a thousand that are due at once, of an
// organization whose platform hangs, must not keep the queue busy with coming and going.
const (
	firstSlotWait = 500 * time.Millisecond
	slotWaitStep  = 5 * time.Millisecond
)

// slots keeps one organization from running more than its share, so that one whose platform hangs leaves the
// others theirs. Waiting for a refused token or a rate limit holds no slot at all.
type slots struct {
	share int

	mu    sync.Mutex
	taken map[string]int
	next  map[string]time.Time // the turn of the latest who found none
}

func newSlots(share int) *slots {
	return &slots{share: share, taken: map[string]int{}, next: map[string]time.Time{}}
}

// acquire reports whether the organization has a slot left, and takes it.
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

// nextSlotAt is how long somebody who found no slot stays away.
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
