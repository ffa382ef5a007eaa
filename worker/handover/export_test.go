package handover

import (
	"time"

	"happycolis-reassigner/happycolis"
)

// StepNames are the rows of the step table.
func StepNames() []string {
	var names []string
	for _, s := range stepTable() {
		names = append(names, s.name)
	}
	return names
}

// PlatformNow is the platform's clock by a read and by our clock.
func PlatformNow(read happycolis.Read, now time.Time) time.Time { return platformNow(read, now) }

// MutationPriority lets mutations go before reads.
type MutationPriority = mutationPriority

// Keep notes that a record's mutation waits.
func (t *mutationPriority) Keep(organization, record string, until time.Time) {
	t.markWaiting(organization, record, until)
}

// First reports whether mutations of others go before a read.
func (t *mutationPriority) First(organization, record string, rate happycolis.Rate, now time.Time) bool {
	return t.hasOthersWaiting(organization, record, rate, now)
}

// KeptViews is how many views of originals are kept.
func (h *Handover) KeptViews() int { return h.originals.read.Len() }
