package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
)

// checkCountries checks, for each location that the policy hands over from, whether it ships to countries to which no
// active candidate ships. Delivery orders for those will need an operator.
func checkCountries(p *policy.Policy, known map[string]*happycolis.Location) []Result {
	var found []Result
	for _, from := range distinctLocations(known) {
		var fallbacks []*happycolis.Location
		for _, candidate := range p.Fallbacks(from.Slug, from.ID) {
			if to := known[candidate]; to != nil && to.Active && to.ID != from.ID {
				fallbacks = append(fallbacks, to)
			}
		}
		if countries := countriesNotServed(from, fallbacks); countries != "" && len(p.Fallbacks(from.Slug, from.ID)) > 0 {
			found = append(found, Result{Check: "countries", Severity: Warning,
				Saw: fmt.Sprintf("if %s fails, no active candidate ships to %s", from.Slug, countries),
				Do:  "add a candidate that does, or let such orders need a person; plan --location " + from.Slug + " shows which"})
		}
	}
	if found == nil && len(known) > 0 {
		found = []Result{{Check: "countries", Severity: Passed, Saw: "whatever fails, its candidates ship to every country that it ships to"}}
	}
	return found
}

// distinctLocations are the locations known, and others besides, in the order of their names. One may be named by its slug
// and by its id.
func distinctLocations(known map[string]*happycolis.Location, others ...*happycolis.Location) []*happycolis.Location {
	var all []*happycolis.Location
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !slices.ContainsFunc(all, func(l *happycolis.Location) bool { return l.ID == known[name].ID }) {
			all = append(all, known[name])
		}
	}
	return append(all, others...)
}

// countriesNotServed is where a location ships to and none of the others does, in words; "" if there is no such country.
func countriesNotServed(from *happycolis.Location, others []*happycolis.Location) string {
	ships := func(country string) bool {
		return slices.ContainsFunc(others, func(to *happycolis.Location) bool {
			return !slices.Contains(to.ExcludedCountries, country) &&
				(len(to.AllowedCountries) == 0 || slices.Contains(to.AllowedCountries, country))
		})
	}
	if len(from.AllowedCountries) > 0 {
		return strings.Join(slices.DeleteFunc(slices.Clone(from.AllowedCountries), func(country string) bool {
			return slices.Contains(from.ExcludedCountries, country) || ships(country)
		}), " ")
	}
	// It ships everywhere but to what it excludes.
	open := slices.ContainsFunc(others, func(to *happycolis.Location) bool { return len(to.AllowedCountries) == 0 })
	if served := servedBy(others); !open && len(served) == 0 {
		return "any country"
	} else if !open {
		return "countries other than " + strings.Join(served, " ")
	}
	var lacking []string
	for _, to := range others {
		for _, country := range to.ExcludedCountries {
			if !slices.Contains(from.ExcludedCountries, country) && !slices.Contains(lacking, country) && !ships(country) {
				lacking = append(lacking, country)
			}
		}
	}
	slices.Sort(lacking)
	return strings.Join(lacking, " ")
}

// servedBy are the countries that any of the locations ships to.
func servedBy(locations []*happycolis.Location) []string {
	all := map[string]bool{}
	for _, loc := range locations {
		for _, country := range loc.AllowedCountries {
			if !slices.Contains(loc.ExcludedCountries, country) {
				all[country] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}
