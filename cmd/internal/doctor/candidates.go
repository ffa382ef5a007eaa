package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/handover/decision"
)

// locationsUnderIncident returns the locations with an open incident, as far as Redis can be read from here.
func (d *Doctor) locationsUnderIncident(ctx context.Context, o config.Organization) map[string]string {
	if d.redis == nil {
		return nil
	}
	failing, err := d.journal().OpenIncidents(ctx, o.Credentials.Organization)
	if err != nil {
		return nil // the check of Redis reports it
	}
	return failing
}

// anyOtherLocation stands for every location that the policy does not name; a slug has no spaces.
const anyOtherLocation = "any other location"

// checkFallbacks checks, for each location that the policy hands over from, that a candidate accepts orders now. A
// candidate that could not be read has a finding of its own, and counts as accepting. accepts is since when each
// accepts orders, by id.
func checkFallbacks(p *policy.Policy, known map[string]*happycolis.Location, erring map[string]string, accepts map[string]time.Time) []Result {
	var found []Result
	for _, from := range distinctLocations(known, &happycolis.Location{ID: anyOtherLocation, Slug: anyOtherLocation}) {
		fallbacks := p.Fallbacks(from.Slug, from.ID)
		if len(fallbacks) == 0 || slices.ContainsFunc(fallbacks, func(name string) bool {
			return known[name] == nil || decision.PassesFences(from, known[name], erring, accepts[known[name].ID], time.Now())
		}) {
			continue
		}
		found = append(found, Result{Check: "candidates", Severity: Failed,
			Saw: fmt.Sprintf("if %s fails, nothing can go to any candidate of it: %s", from.Slug, strings.Join(fallbacks, ", ")),
			Do:  "mend one of them, or name another: until then each of its delivery orders needs a person"})
	}
	return found
}
