package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// shareFrom is how many known locations an organization must have before max_share is applied: of one or two locations
// a share says nothing.
const shareFrom = 3

// blastRadiusGate holds where too large a share of an organization's known locations has failed; known are those that
// the policy names and those in the index. If nearly everything seems to have failed, our own view is more likely
// wrong. A location whose incident has no second observation yet counts only if it reads ERROR now: its event may be
// outdated. An incident that an operator opened counts for the others, and is not held by it.
func (c *gateCheck) blastRadiusGate(ctx context.Context, _ time.Time) (judgement, error) {
	if c.inc.HasByHand() {
		return judgement{detail: "an operator opened it, so it is not blocked by others; it counts for them"}, nil
	}
	open, err := c.Journal.OpenIncidents(ctx, c.inc.Organization)
	if err != nil {
		return judgement{}, err
	}
	known, err := c.knownLocations(ctx, c.inc.Organization)
	if err != nil {
		return judgement{}, err
	}
	var j judgement
	failed, unconfirmed := 0, 0
	for location, id := range open {
		known[location] = true
		counts := location == c.inc.LocationID
		if !counts {
			var requests int
			counts, requests, err = c.hasFailed(ctx, c.inc, location, id)
			j.requests += requests
			if err != nil {
				return j, err
			}
		}
		if counts {
			failed++
		} else {
			unconfirmed++
		}
	}
	j.holds, j.detail = c.affectedShare(failed, unconfirmed, len(known))
	return j, nil
}

// affectedShare compares the share of failed locations with the limit.
func (s *Incidents) affectedShare(failed, unconfirmed, known int) (exceeded bool, detail string) {
	besides := ""
	if unconfirmed > 0 {
		besides = fmt.Sprintf("; not counted: %d that no reading of ERROR confirms", unconfirmed)
	}
	if known < shareFrom {
		return false, fmt.Sprintf("%d of %d known locations are under incident; a share counts from %d%s", failed, known, shareFrom, besides)
	}
	return float64(failed)/float64(known) > s.Settings.MaxShare, fmt.Sprintf("%d of %d known locations are under incident, the limit is a share of %g%s",
		failed, known, s.Settings.MaxShare, besides)
}

// hasFailed reports whether another location with an open incident is known to have failed, or reads ERROR now. A
// location that cannot be read has not; where the platform cannot be asked at all, the error says so.
func (s *Incidents) hasFailed(ctx context.Context, inc *journal.Incident, location, id string) (failed bool, requests int, err error) {
	other, err := s.Journal.Incident(ctx, inc.Organization, id)
	switch {
	case errors.Is(err, journal.ErrNotFound), errors.Is(err, journal.ErrNewer), errors.Is(err, journal.ErrCorrupt):
		return true, 0, nil
	case err != nil:
		return false, 0, err
	case !other.State.IsOpen() || other.Confirmed():
		return other.State.IsOpen(), 0, nil
	}
	loc, requests, err := s.Handover.Decider.ReadLocationNow(ctx, s.Organizations[inc.Organization], location)
	switch kind := happycolis.KindOf(err); {
	case err == nil:
		return loc.Integration != nil && loc.Integration.State == orders.IntegrationError, requests, nil
	case kind == "", kind == happycolis.KindWaiting, kind == happycolis.KindThrottled, kind == happycolis.KindLimiter,
		kind == happycolis.KindUnauthorized:
		return false, requests, err
	}
	return false, requests, nil
}

// knownLocations returns the locations that the policy names and those in the index, by id; a location that only the
// policy names, by its slug.
func (s *Incidents) knownLocations(ctx context.Context, organization string) (map[string]bool, error) {
	places, err := s.Index.Locations(ctx, organization)
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
