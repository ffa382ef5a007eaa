package policy

import "happycolis-reassigner/policy/strictyaml"

// inStock admits a candidate that has every unit of the delivery order.
type inStock struct{}

func readInStock(r *reader, arg strictyaml.Node) fence {
	r.alone(arg, "in_stock")
	return inStock{}
}

func (inStock) ofStock() {}

// check fails where a known figure is too small, whatever else is unknown.
func (inStock) check(f Facts, c Candidate) Check {
	const word = "in_stock"
	lines, known := f.lines()
	if !known {
		return unknownCheck(word, "known lines")
	}
	s := c.look(lines)
	wanted := shortenList(s.wanted)
	switch {
	case len(s.short) > 0:
		return newCheck(word, wanted, shortenList(s.short), false)
	case len(s.missing) > 0:
		return Check{Word: word, Wanted: wanted, Seen: shortenList(s.missing), Verdict: Unknown}
	default:
		return newCheck(word, wanted, shortenList(s.enough), true)
	}
}
