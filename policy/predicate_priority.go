package policy

import (
	"slices"

	"happycolis-reassigner/policy/strictyaml"
)

// priorities are the values of the platform (documented), as a policy writes them.
var priorities = []string{"LOW", "NORMAL", "HIGH"}

// priority holds when the delivery order's priority is one of the named ones.
type priority struct{ values []string }

func readPriority(r *reader, arg strictyaml.Node) predicate {
	return priority{r.choices(arg, "priority", priorities)}
}

func (p priority) check(f Facts) Check {
	seen, known := textOf(f.Priority)
	if !known {
		return unknownCheck("priority", oneOf(p.values))
	}
	return newCheck("priority", oneOf(p.values), seen, slices.Contains(p.values, seen))
}

func (p priority) covers(narrower predicate) bool {
	q, same := narrower.(priority)
	return same && isSubset(q.values, p.values)
}
