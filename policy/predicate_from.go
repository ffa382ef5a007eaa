package policy

import (
	"slices"

	"happycolis-reassigner/policy/strictyaml"
)

// from holds when the failing location is one of the named ones, by slug or by id.
type from struct{ names []string }

func readFrom(r *reader, arg strictyaml.Node) predicate {
	return from{r.locations(arg, "from", maxNames)}
}

// check is unknown when the part that is known is not named and the other part could be.
func (p from) check(f Facts) Check {
	wanted := oneOf(p.names)
	for _, name := range []string{f.From, f.FromID} {
		if name != "" && slices.Contains(p.names, name) {
			return newCheck("from", wanted, name, true)
		}
	}
	if f.From == "" || f.FromID == "" {
		return unknownCheck("from", wanted)
	}
	return newCheck("from", wanted, f.From, false)
}

func (p from) covers(narrower predicate) bool {
	q, same := narrower.(from)
	return same && isSubset(q.names, p.names)
}
