package intake

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of the bodies that are not verified yet.
const (
	unverifiedBytes = 64 << 20    // that those share which are larger than smallBody: 256 of max_body's default
	slowAfter       = time.Second // from then on a body may be cut for another; a busy machine is not the sender's fault
	lookAgain       = 50 * time.Millisecond
	shareMost       = 10 * time.Second // that a body waits for its share
)

// budget is a number of bytes that bodies share until they are verified. Where a body finds too few left, the slowest
// of the others is cut.
type budget struct {
	mu      sync.Mutex
	free    int64
	shares  map[*share]struct{} // those that have bytes
	changed chan struct{}       // closed when bytes become free
}

func newBudget(bytes int64) *budget {
	return &budget{free: bytes, shares: map[*share]struct{}{}, changed: make(chan struct{})}
}

// share is what one body has of a budget; nothing, as long as it is small.
type share struct {
	of      *budget
	cut     func() // ends the reading of the body
	bytes   int64
	since   time.Time
	settled bool // everything was read
	read    atomic.Int64
	isCut   atomic.Bool
}

func (b *budget) newShare(cut func()) *share { return &share{of: b, cut: cut} }

// wait waits until there are bytes for the body. It reports false if there were none for too long.
func (s *share) wait(ctx context.Context, bytes int64) bool {
	ctx, cancel := context.WithTimeout(ctx, shareMost)
	defer cancel()
	for {
		changed, got := s.takeBytes(bytes)
		if got {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		case <-time.After(lookAgain):
		}
	}
}

// takeBytes takes bytes, if there are enough once those who are slow were cut.
func (s *share) takeBytes(bytes int64) (changed <-chan struct{}, got bool) {
	b := s.of
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.free < bytes {
		slowest := b.slowest(time.Now())
		if slowest == nil {
			return b.changed, false
		}
		slowest.isCut.Store(true)
		slowest.cut() // under the lock: its body still lies before its release
		slowest.giveBack()
	}
	s.bytes, s.since = bytes, time.Now()
	s.read.Store(0)
	b.free -= bytes
	b.shares[s] = struct{}{}
	return nil, true
}

// slowest returns the body that came slowest of those that take long; nil if none does. The lock is held.
func (b *budget) slowest(now time.Time) *share {
	var found *share
	least := 0.0
	for s := range b.shares {
		took := now.Sub(s.since)
		if speed := float64(s.read.Load()) / took.Seconds(); !s.settled && took >= slowAfter && (found == nil || speed < least) {
			found, least = s, speed
		}
	}
	return found
}

// countRead counts bytes that were read.
func (s *share) countRead(n int) { s.read.Add(int64(n)) }

// settle records that everything was read: the body is not cut any more.
func (s *share) settle() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.settled = true
}

// wasCut reports whether the body was cut for another.
func (s *share) wasCut() bool { return s.isCut.Load() }

// release gives the bytes back. It may be called twice.
func (s *share) release() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.giveBack()
}

// giveBack is release with the lock held.
func (s *share) giveBack() {
	b := s.of
	if _, has := b.shares[s]; !has {
		return
	}
	delete(b.shares, s)
	b.free += s.bytes
	close(b.changed)
	b.changed = make(chan struct{})
}
