package happycolis

import (
	"sync"
	"time"
)

// How long a refused document is not tried again.
const (
	learnedFor   = time.Hour
	suspectedFor = time.Minute
)

// learned remembers, for all organizations, what the platform's schema does not have.
type learned struct {
	mu                 sync.Mutex
	nesting, shipments time.Time // not tried again before
}

func (l *learned) nestingKnown(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.nesting.After(now)
}

func (l *learned) shipmentsKnown(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.shipments.After(now)
}

func (l *learned) withoutNesting(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.nesting = until
}

func (l *learned) withoutShipments(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shipments = until
}
