package handover

import (
	"time"

	"happycolis-reassigner/happycolis"
)

// StepNames are the rows of the step table.
func StepNames() []string {
	var names []string
	for _, s := range steps() {
		names = append(names, s.name)
	}
	return names
}

// PlatformNow is the platform's clock by a read and by our clock.
func PlatformNow(read happycolis.Read, now time.Time) time.Time { return platformNow(read, now) }

// Turns lets mutations go before reads.
type Turns = turns

// Keep notes that a record's mutation waits.
func (t *turns) Keep(organization, record string, until time.Time) {
	t.keep(organization, record, until)
}

// First reports whether mutations of others go before a read.
func (t *turns) First(organization, record string, rate happycolis.Rate, now time.Time) bool {
	return t.first(organization, record, rate, now)
}

// KeptViews is how many views of originals are kept.
func (h *Handover) KeptViews() int {
	h.views.mu.Lock()
	defer h.views.mu.Unlock()
	return len(h.views.read)
}
