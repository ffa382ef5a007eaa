package worker

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// crowd says how many tasks a server runs at once: each for one organization, most for all of them together.
// However many there are, each has leastSlots.
type crowd struct{ each, most int }

const leastSlots = 2

// share is how many tasks of one organization are run at once.
func (c crowd) share(organizations int) int {
	return max(leastSlots, min(c.each, c.most/max(1, organizations)))
}

// errCrowded gives a task back whose organization has all the slots that it may have. It is no failure: no
// retry is used up.
var errCrowded = errors.New("its organization is busy with others; it takes its turn")

// Who finds no slot comes back after turnFirst, one every turnEach: a thousand that are due at once, of an
// organization whose platform hangs, must not keep the queue busy with coming and going.
const (
	turnFirst = 500 * time.Millisecond
	turnEach  = 5 * time.Millisecond
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

// take reports whether the organization has a slot left, and takes it.
func (s *slots) take(organization string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[organization] >= s.share {
		return false
	}
	s.taken[organization]++
	return true
}

func (s *slots) give(organization string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[organization]--
}

// turn is how long somebody who found no slot stays away.
func (s *slots) turn(organization string, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now.Add(turnFirst)
	if next := s.next[organization].Add(turnEach); next.After(at) {
		at = next
	}
	s.next[organization] = at
	return at.Sub(now) + time.Duration(rand.Int64N(int64(turnEach)))
}
