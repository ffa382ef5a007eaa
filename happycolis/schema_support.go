package happycolis

import (
	"sync"
	"time"
)

// For how long a refused document is not tried again.
const (
	supportKept       = time.Hour
	supportKeptUnsure = time.Minute
)

// schemaSupport remembers, for all organizations, what the platform's schema lacks.
type schemaSupport struct {
	mu                 sync.Mutex
	nesting, shipments time.Time // not tried again before
}

func (l *schemaSupport) hasNesting(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.nesting.After(now)
}

func (l *schemaSupport) hasShipments(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.shipments.After(now)
}

func (l *schemaSupport) disableNesting(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.nesting = until
}

func (l *schemaSupport) disableShipments(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shipments = until
}
