package metrics

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/wording"
)

// Limits of what is read of one organization for a scrape.
const (
	maxRecent  = 50  // the newest incidents, whatever their state
	maxOpen    = 200 // open ones besides
	maxReaders = 8   // incidents read at the same time
	maxTargets = 50  // locations that are told by name; the rest is "other"
)

// other is the label of everything beyond the bound of a label.
const other = "other"

// incidents collects the open incidents, and the newest of those that are over.
type incidents struct {
	journal       *journal.Journal
	organizations []string

	incidents, rows, reasons, targets, pauses gauge
}

func newIncidents(o Options) *incidents {
	const which = "of the open incidents and the 50 newest"
	return &incidents{
		journal: o.Journal, organizations: slices.Sorted(maps.Keys(o.Organizations)),
		incidents: newGauge("incidents", "The open incidents and the 50 newest, by state.", "organization", "state"),
		rows:      newGauge("reassignments", "Reassignments "+which+", by state.", "organization", "state"),
		reasons: newGauge("reassignments_at_rest", "Reassignments "+which+" that need a person or were left, by reason.",
			"organization", "state", "reason"),
		targets: newGauge("reassignments_to_location", "Reassignments "+which+" that are done, by where they went.",
			"organization", "location"),
		pauses: newGauge("pauses", "Pauses that stand: of everything, or of a location.", "organization"),
	}
}

func (s *incidents) collectIncidents(ctx context.Context, tell func(prometheus.Metric)) error {
	for _, organization := range s.organizations {
		sum, err := s.sumOrganization(ctx, organization)
		if err != nil {
			return err
		}
		pauses, err := s.journal.Pauses(ctx, organization)
		if err != nil {
			return err
		}
		tell(s.pauses.newMetric(float64(len(pauses)), organization))
		for _, state := range journal.IncidentStates() {
			tell(s.incidents.newMetric(float64(sum.incidents[state]), organization, string(state)))
		}
		for _, state := range journal.States() {
			tell(s.rows.newMetric(float64(sum.rows.States[state]), organization, string(state)))
		}
		for state, reasons := range sum.rows.Reasons {
			for reason, n := range reasons {
				tell(s.reasons.newMetric(float64(n), organization, string(state), string(reason)))
			}
		}
		for location, n := range keepLargest(sum.rows.Targets, maxTargets) {
			tell(s.targets.newMetric(float64(n), organization, location))
		}
	}
	return nil
}

// organizationSum adds up the incidents of one organization.
type organizationSum struct {
	mu        sync.Mutex
	incidents map[journal.IncidentState]int
	rows      journal.Tally
}

func (s *incidents) sumOrganization(ctx context.Context, organization string) (*organizationSum, error) {
	ids, err := s.journal.NewestIncidentIDs(ctx, organization, maxRecent)
	if err != nil {
		return nil, err
	}
	open, err := s.journal.OpenIncidents(ctx, organization)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Values(open)) {
		if len(ids) < maxRecent+maxOpen && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	sum := &organizationSum{incidents: map[journal.IncidentState]int{}, rows: journal.Tally{
		States: map[journal.State]int{}, Reasons: map[journal.State]map[journal.Reason]int{}, Targets: map[string]int{},
	}}
	readers, ctx := errgroup.WithContext(ctx)
	readers.SetLimit(maxReaders)
	for _, id := range ids {
		readers.Go(func() error { return s.addIncident(ctx, sum, organization, id) })
	}
	return sum, readers.Wait()
}

func (s *incidents) addIncident(ctx context.Context, sum *organizationSum, organization, id string) error {
	inc, err := s.journal.Incident(ctx, organization, id)
	if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrCorrupt) || errors.Is(err, journal.ErrNewer) {
		return nil
	}
	if err != nil {
		return err
	}
	tally, err := s.journal.Tally(ctx, organization, id)
	if err != nil {
		return err
	}
	sum.mu.Lock()
	defer sum.mu.Unlock()
	sum.incidents[inc.State]++
	for state, n := range tally.States {
		sum.rows.States[state] += n
	}
	for state, reasons := range tally.Reasons {
		if sum.rows.Reasons[state] == nil {
			sum.rows.Reasons[state] = map[journal.Reason]int{}
		}
		for reason, n := range reasons {
			sum.rows.Reasons[state][reason] += n
		}
	}
	for location, n := range tally.Targets {
		sum.rows.Targets[location] += n
	}
	return nil
}

// keepLargest keeps the most largest counts by name, and adds up the rest under "other".
func keepLargest(counts map[string]int, most int) map[string]int {
	kept := map[string]int{}
	for i, name := range wording.ByCount(counts) {
		if i >= most {
			kept[other] += counts[name]
			continue
		}
		kept[name] = counts[name]
	}
	return kept
}
