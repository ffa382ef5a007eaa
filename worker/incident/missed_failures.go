package incident

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

const (
	maxSweepReads = 60 // locations without an incident that one sweep of an organization reads, at most
	maxReconciled = 50 // rows that need an operator and seem settled, that one sweep drives, at most
)

// findMissedFailures looks for locations in ERROR without an incident: their event never came. It reads locations with
// delivery orders in flight and those that the policy names, with background priority, at most maxSweepReads. Where
// there are more, the next sweep continues after the last one, so that all are read in time.
func (s *Incidents) findMissedFailures(ctx context.Context, org *worker.Organization, open map[string]string, tick int64, did *journal.SweepStatus) error {
	last, err := s.Journal.LastSweepStatus(ctx, org.ID)
	if err != nil {
		return err
	}
	places, err := s.locationsToCheck(ctx, org, open)
	if err != nil {
		return err
	}
	did.Locations, did.Next = len(places), last.Next
	from, _ := slices.BinarySearchFunc(places, last.Next, func(p index.Location, next string) int { return strings.Compare(p.ID, next) })
	if from < len(places) && places[from].ID == last.Next {
		from++
	}
	for n := range min(len(places), maxSweepReads) {
		p := places[(from+n)%len(places)]
		loc, err := org.ForBackground.Location(ctx, p.ID)
		if kind := happycolis.KindOf(err); kind == happycolis.KindWaiting || kind == happycolis.KindThrottled {
			return nil // the next sweep begins with it
		}
		did.Requests, did.Read, did.Next = did.Requests+1, did.Read+1, p.ID
		if err == nil {
			if err := s.Index.PutLocation(ctx, org.ID, index.Location{ID: loc.ID, Slug: loc.Slug, Date: loc.Date}); err != nil {
				return err
			}
		}
		if err != nil || loc.Integration == nil || loc.Integration.State != orders.IntegrationError {
			continue
		}
		s.Log.InfoContext(ctx, "location in ERROR without an event", "organization", org.ID, "location", p.ID)
		s.logFound(org.ID, foundMissed, 1)
		m := tasks.Observe{V: tasks.Version, Organization: org.ID, Location: p.ID, Integration: loc.Integration.ID, Message: fmt.Sprint("sweep-", tick)}
		if err := s.Queue.Submit(ctx, m, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// locationsToCheck returns the locations without an open incident that a sweep has to read, by id.
func (s *Incidents) locationsToCheck(ctx context.Context, org *worker.Organization, open map[string]string) ([]index.Location, error) {
	places, err := s.Index.Locations(ctx, org.ID)
	if err != nil {
		return nil, err
	}
	names := org.Policy().Names()
	var watched []index.Location
	for _, p := range places {
		if open[p.ID] != "" {
			continue
		}
		if !slices.Contains(names, p.ID) && !slices.Contains(names, p.Slug) {
			n, err := s.Index.CountInFlight(ctx, org.ID, p.ID)
			if err != nil {
				return nil, err
			}
			if n == 0 {
				continue
			}
		}
		watched = append(watched, p)
	}
	slices.SortFunc(watched, func(a, b index.Location) int { return strings.Compare(a.ID, b.ID) })
	return watched, nil
}

// reconcileClosed does what reconcileNeedsPerson does for the rows of closed incidents.
func (s *Incidents) reconcileClosed(ctx context.Context, org *worker.Organization, left *int) error {
	ids, err := s.Journal.IncidentIDs(ctx, org.ID)
	if err != nil {
		return err
	}
	tallies, err := s.Journal.Tallies(ctx, org.ID, ids)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if tallies[i].States[journal.NeedsPerson] == 0 {
			continue
		}
		inc, err := s.Journal.Incident(ctx, org.ID, id)
		if errors.Is(err, journal.ErrNewer) || errors.Is(err, journal.ErrCorrupt) || err == nil && inc.State.IsOpen() {
			continue
		}
		if err == nil {
			err = s.reconcileNeedsPerson(ctx, inc, left)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reconcileNeedsPerson drives rows that need an operator although the index shows that they settled by themselves, at
// most left of them. A fresh read of each decides.
func (s *Incidents) reconcileNeedsPerson(ctx context.Context, inc *journal.Incident, left *int) error {
	for after := ""; *left > 0; {
		rows, next, err := s.Journal.GroupPage(ctx, inc.Organization, inc.ID, journal.NeedsPerson, "", after, pageSize)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if *left == 0 {
				return nil
			}
			went, err := s.Handover.ReconcileNeedsPerson(ctx, r)
			if err != nil {
				return err
			}
			if went {
				*left--
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
	return nil
}
