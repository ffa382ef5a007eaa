package incident

import (
	"context"
	"errors"
	"fmt"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// shareFrom is how many locations an organization must be known to have until a share of them means
// something.
const shareFrom = 3

// share returns how much of an organization's known locations has failed: those that the policy names and those that the
// index heard of. When everything looks dead the observer is the suspect. What an event said of a location, and no second
// observation confirmed yet, counts only if the location reads ERROR now: an event may be old news.
func (s *Incidents) share(ctx context.Context, inc *journal.Incident) (float64, string, error) {
	open, err := s.Journal.Failing(ctx, inc.Organization)
	if err != nil {
		return 0, "", err
	}
	known, err := s.known(ctx, inc.Organization)
	if err != nil {
		return 0, "", err
	}
	failed, rumours := 0, 0
	for location, id := range open {
		known[location] = true
		counts := location == inc.LocationID
		if !counts {
			if counts, err = s.failed(ctx, inc, location, id); err != nil {
				return 0, "", err
			}
		}
		if counts {
			failed++
		} else {
			rumours++
		}
	}
	besides := ""
	if rumours > 0 {
		besides = fmt.Sprintf("; not counted: %d that no reading of ERROR confirms", rumours)
	}
	if len(known) < shareFrom {
		return 0, fmt.Sprintf("%d of %d known locations are under incident; a share counts from %d%s", failed, len(known), shareFrom, besides), nil
	}
	return float64(failed) / float64(len(known)), fmt.Sprintf("%d of %d known locations are under incident, the limit is a share of %g%s",
		failed, len(known), s.Settings.MaxShare, besides), nil
}

// failed reports whether another location with an open incident is known to have failed, or reads ERROR now. One that
// cannot be read does not; where the platform cannot be asked now, nothing is decided.
func (s *Incidents) failed(ctx context.Context, inc *journal.Incident, location, id string) (bool, error) {
	other, err := s.Journal.Incident(ctx, inc.Organization, id)
	switch {
	case errors.Is(err, journal.ErrNotFound), errors.Is(err, journal.ErrNewer), errors.Is(err, journal.ErrCorrupt):
		return true, nil
	case err != nil:
		return false, err
	case !other.State.Open() || other.Confirmed():
		return other.State.Open(), nil
	}
	loc, requests, err := s.Handover.ReadLocation(ctx, s.Organizations[inc.Organization], location)
	inc.Requests += requests
	switch kind := happycolis.KindOf(err); {
	case err == nil:
		return loc.Integration != nil && loc.Integration.State == handover.IntegrationError, nil
	case kind == "", kind == happycolis.KindWaiting, kind == happycolis.KindThrottled, kind == happycolis.KindLimiter,
		kind == happycolis.KindUnauthorized:
		return false, err
	}
	return false, nil
}

// known returns the locations that the policy names and those that the index heard of, by id; one that only
// the policy knows, by its name.
func (s *Incidents) known(ctx context.Context, organization string) (map[string]bool, error) {
	places, err := s.Index.Places(ctx, organization)
	if err != nil {
		return nil, err
	}
	known, slugs := map[string]bool{}, map[string]bool{}
	for _, p := range places {
		known[p.ID], slugs[p.Slug] = true, true
	}
	for _, name := range s.Organizations[organization].Policy().Names() {
		if !slugs[name] {
			known[name] = true
		}
	}
	return known, nil
}
