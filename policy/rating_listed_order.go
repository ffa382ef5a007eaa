package policy

import (
	"strconv"

	"happycolis-reassigner/policy/strictyaml"
)

// wordListedOrder is the rating after which nothing is left to decide.
const wordListedOrder = "listed_order"

// listedOrder prefers the candidate that the rule lists first.
type listedOrder struct{}

func readListedOrder(r *reader, arg strictyaml.Node) rating {
	r.alone(arg, wordListedOrder)
	return listedOrder{}
}

func (listedOrder) rate(_ Facts, _ Candidate, at listing) (score float64, word, seen string) {
	return -float64(at.place), wordListedOrder, "place " + strconv.Itoa(at.place+1)
}
