package policy

import (
	"fmt"
	"math"

	"happycolis-reassigner/policy/strictyaml"
)

// mostStock prefers the candidate that has the most units of what has to be shipped.
type mostStock struct{}

func readMostStock(r *reader, arg strictyaml.Node) rating {
	r.alone(arg, "most_stock")
	return mostStock{}
}

// rate puts a candidate of which any figure is unknown behind all others: half a sum would
// compare with a whole one.
func (mostStock) rate(f Facts, c Candidate, _ listing) (score float64, word, seen string) {
	const name = "most_stock"
	lines, known := f.lines()
	if !known {
		return math.Inf(-1), name, seenUnknown
	}
	s := c.look(lines)
	if len(s.missing) > 0 {
		return math.Inf(-1), name, shortenList(s.missing)
	}
	return float64(s.sum), name, fmt.Sprintf("%d units", s.sum)
}
