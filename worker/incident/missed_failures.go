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
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

const (
	maxSweepReads = 60 // locations without incident that one sweep of an organization reads at most
	maxReconciled = 50 // rows that need an operator and settled by themselves, which one sweep drives on at most
)

// findMissedFailures looks for locations in ERROR without an incident: their event never came. Locations with delivery
// orders in flight and those that the policy names are asked, at the calm class, at most maxSweepReads; where there
// are more, the next sweep goes on after the last, so that all get their turn.
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
			return nil // it keeps its turn
		}
		did.Requests, did.Read, did.Next = did.Requests+1, did.Read+1, p.ID
		if err == nil {
			if err := s.Index.PutLocation(ctx, org.ID, index.Location{ID: loc.ID, Slug: loc.Slug, Date: loc.Date}); err != nil {
				return err
			}
		}
		if err != nil || loc.Integration == nil || loc.Integration.State != handover.IntegrationError {
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

// locationsToCheck returns the locations without an open incident that a sweep looks at, by id.
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

// reconcileClosed does the same as settled for the rows that closed incidents left behind.
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

// reconcileNeedsPerson drives on what needs an operator although the index shows that it settled by itself, at most as many as
// are left. A fresh read of each decides.
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
