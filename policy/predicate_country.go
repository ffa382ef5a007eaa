package policy

import (
	"slices"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// country holds when the delivery address is in one of the named countries.
type country struct{ codes []string }

func readCountry(r *reader, arg strictyaml.Node) predicate {
	return country{r.countries(arg, "country")}
}

func (p country) check(f Facts) Check {
	seen, known := told(f.Country)
	if !known {
		return unknown("country", oneOf(p.codes))
	}
	is := func(code string) bool { return strings.EqualFold(code, seen) }
	return held("country", oneOf(p.codes), seen, slices.ContainsFunc(p.codes, is))
}

func (p country) covers(narrower predicate) bool {
	q, same := narrower.(country)
	return same && within(q.codes, p.codes)
}
