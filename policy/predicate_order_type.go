package policy

import (
	"slices"

	"happycolis-reassigner/policy/strictyaml"
)

// orderTypes are the values of the platform (documented), as a policy writes them.
var orderTypes = []string{"B2B", "B2C"}

// orderType holds when the delivery order is of one of the named types.
type orderType struct{ values []string }

func readOrderType(r *reader, arg strictyaml.Node) predicate {
	return orderType{r.choices(arg, "order_type", orderTypes)}
}

func (p orderType) check(f Facts) Check {
	seen, known := textOf(f.OrderType)
	if !known {
		return unknownCheck("order_type", oneOf(p.values))
	}
	return newCheck("order_type", oneOf(p.values), seen, slices.Contains(p.values, seen))
}

func (p orderType) covers(narrower predicate) bool {
	q, same := narrower.(orderType)
	return same && isSubset(q.values, p.values)
}
