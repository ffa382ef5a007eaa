package policy

import "strconv"

// listedOrder prefers the candidate that the rule lists first.
type listedOrder struct{}

func readListedOrder(r *reader, arg node) rating {
	r.alone(arg, "listed_order")
	return listedOrder{}
}

func (listedOrder) rate(_ Facts, _ Candidate, place int) (score float64, word, seen string) {
	return -float64(place), "listed_order", "place " + strconv.Itoa(place+1)
}
