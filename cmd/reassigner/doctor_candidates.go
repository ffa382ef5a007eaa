package main

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

// erring are the locations under incident, as far as that can be seen from here.
func (d *doctor) erring(ctx context.Context, o config.Organization) map[string]string {
	if d.redis == nil {
		return nil
	}
	failing, err := d.journal().Failing(ctx, o.Credentials.Organization)
	if err != nil {
		return nil // said of Redis above
	}
	return failing
}

// elsewhere stands for every location that the policy does not name: no slug has a space.
const elsewhere = "any other location"

// stranded looks, for each location that the policy hands over from, whether any candidate of it takes anything
// now. A candidate that could not be read has a finding of its own, and may. accepts is since when each takes orders, by id.
func stranded(p *policy.Policy, known map[string]*happycolis.Location, erring map[string]string, accepts map[string]time.Time) []finding {
	var found []finding
	for _, from := range eachOnce(known, &happycolis.Location{ID: elsewhere, Slug: elsewhere}) {
		fallbacks := p.Fallbacks(from.Slug, from.ID)
		if len(fallbacks) == 0 || slices.ContainsFunc(fallbacks, func(name string) bool {
			return known[name] == nil || handover.Fits(from, known[name], erring, accepts[known[name].ID], time.Now())
		}) {
			continue
		}
		found = append(found, finding{Check: "candidates", Verdict: failing,
			Saw: fmt.Sprintf("if %s fails, nothing can go to any candidate of it: %s", from.Slug, strings.Join(fallbacks, ", ")),
			Do:  "mend one of them, or name another: until then each of its delivery orders needs a person"})
	}
	return found
}
