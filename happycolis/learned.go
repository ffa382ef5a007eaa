package happycolis

import (
	"sync"
	"time"
)

const learnedFor = time.Hour // how long a refused document is not tried again

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

func (l *learned) withoutNesting(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.nesting = now.Add(learnedFor)
}

func (l *learned) withoutShipments(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shipments = now.Add(learnedFor)
}
