package policy

import (
	"strconv"

	"happycolis-reassigner/policy/strictyaml"
)

// pickupPoint holds when whether the delivery order goes to a pickup point is as wanted.
type pickupPoint struct{ wanted bool }

func readPickupPoint(r *reader, arg strictyaml.Node) predicate {
	return pickupPoint{r.truth(arg, "pickup_point")}
}

func (p pickupPoint) check(f Facts) Check {
	wanted := strconv.FormatBool(p.wanted)
	if !f.PickupPoint.Known {
		return unknownCheck("pickup_point", wanted)
	}
	seen := f.PickupPoint.Value
	return newCheck("pickup_point", wanted, strconv.FormatBool(seen), seen == p.wanted)
}

func (p pickupPoint) covers(narrower predicate) bool { return p == narrower }
