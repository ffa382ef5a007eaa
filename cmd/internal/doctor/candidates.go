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
	"happycolis-reassigner/worker/handover"
)

// locationsUnderIncident are the locations under incident, as far as that can be seen from here.
func (d *Doctor) locationsUnderIncident(ctx context.Context, o config.Organization) map[string]string {
	if d.redis == nil {
		return nil
	}
	failing, err := d.journal().OpenIncidents(ctx, o.Credentials.Organization)
	if err != nil {
		return nil // said of Redis above
	}
	return failing
}

// anyOtherLocation stands for every location that the policy does not name: no slug has a space.
const anyOtherLocation = "any other location"

// checkFallbacks looks, for each location that the policy hands over from, whether any candidate of it takes anything
// now. A candidate that could not be read has a finding of its own, and may. accepts is since when each takes orders, by id.
func checkFallbacks(p *policy.Policy, known map[string]*happycolis.Location, erring map[string]string, accepts map[string]time.Time) []Result {
	var found []Result
	for _, from := range distinctLocations(known, &happycolis.Location{ID: anyOtherLocation, Slug: anyOtherLocation}) {
		fallbacks := p.Fallbacks(from.Slug, from.ID)
		if len(fallbacks) == 0 || slices.ContainsFunc(fallbacks, func(name string) bool {
			return known[name] == nil || handover.PassesFences(from, known[name], erring, accepts[known[name].ID], time.Now())
		}) {
			continue
		}
		found = append(found, Result{Check: "candidates", Severity: Failed,
			Saw: fmt.Sprintf("if %s fails, nothing can go to any candidate of it: %s", from.Slug, strings.Join(fallbacks, ", ")),
			Do:  "mend one of them, or name another: until then each of its delivery orders needs a person"})
	}
	return found
}
