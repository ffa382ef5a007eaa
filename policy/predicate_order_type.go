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
	seen, known := told(f.OrderType)
	if !known {
		return unknown("order_type", oneOf(p.values))
	}
	return held("order_type", oneOf(p.values), seen, slices.Contains(p.values, seen))
}

func (p orderType) covers(narrower predicate) bool {
	q, same := narrower.(orderType)
	return same && within(q.values, p.values)
}
