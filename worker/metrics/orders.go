package metrics

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"happycolis-reassigner/worker/index"
)

// maxLocations is how many locations of an organization have their own label value.
const maxLocations = 200

// orders collects the order index.
type orders struct {
	index         *index.Index
	organizations []string
	now           func() time.Time

	known, flight, incomplete gauge
	since, last, imported     gauge
}

func newOrders(o Options) *orders {
	return &orders{
		index: o.Index, organizations: slices.Sorted(maps.Keys(o.Organizations)), now: o.Now,
		known: newGauge("index_delivery_orders", "Delivery orders that the index knows.", "organization"),
		flight: newGauge("index_in_flight_delivery_orders", "Delivery orders that the index knows to be in flight, by location.",
			"organization", "location"),
		incomplete: newGauge("index_incomplete", "1 while delivery orders may be missing in the index: it is young, or webhooks came late, and nothing was imported since.",
			"organization"),
		since:    newGauge("index_since_timestamp_seconds", "When the first webhook came.", "organization"),
		last:     newGauge("index_last_webhook_timestamp_seconds", "When the last webhook came.", "organization"),
		imported: newGauge("index_imported_timestamp_seconds", "When an import was finished last.", "organization"),
	}
}

func (s *orders) collectOrders(ctx context.Context, tell func(prometheus.Metric)) error {
	for _, organization := range s.organizations {
		age, err := s.index.Coverage(ctx, organization)
		if err != nil {
			return err
		}
		tell(s.known.newMetric(float64(age.Known), organization))
		tell(s.incomplete.newMetric(boolToFloat(age.IsIncomplete(s.now())), organization))
		for g, at := range map[gauge]time.Time{s.since: age.Since, s.last: age.Last, s.imported: age.Imported} {
			if !at.IsZero() {
				tell(g.newMetric(float64(at.UnixMilli())/1000, organization))
			}
		}
		if err := s.collectLocations(ctx, organization, tell); err != nil {
			return err
		}
	}
	return nil
}

func (s *orders) collectLocations(ctx context.Context, organization string, tell func(prometheus.Metric)) error {
	places, err := s.index.Locations(ctx, organization)
	if err != nil {
		return err
	}
	slices.SortFunc(places, func(a, b index.Location) int { return cmp.Compare(a.ID, b.ID) })
	counts := map[string]int{}
	for _, p := range places[:min(len(places), maxLocations)] {
		n, err := s.index.CountInFlight(ctx, organization, p.ID)
		if err != nil {
			return err
		}
		counts[cmp.Or(p.Slug, p.ID)] += n
	}
	for location, n := range keepLargest(counts, maxTargets) {
		tell(s.flight.newMetric(float64(n), organization, location))
	}
	return nil
}
