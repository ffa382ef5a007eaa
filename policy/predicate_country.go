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
	seen, known := textOf(f.Country)
	if !known {
		return unknownCheck("country", oneOf(p.codes))
	}
	is := func(code string) bool { return strings.EqualFold(code, seen) }
	return newCheck("country", oneOf(p.codes), seen, slices.ContainsFunc(p.codes, is))
}

func (p country) covers(narrower predicate) bool {
	q, same := narrower.(country)
	return same && isSubset(q.codes, p.codes)
}
