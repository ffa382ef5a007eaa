package policy

import "happycolis-reassigner/policy/strictyaml"

// inStockIfKnown refuses a candidate that is known to lack a unit of the delivery order.
type inStockIfKnown struct{}

func readInStockIfKnown(r *reader, arg strictyaml.Node) fence {
	r.alone(arg, "in_stock_if_known")
	return inStockIfKnown{}
}

func (inStockIfKnown) ofStock() {}

// check admits what is not known: that is the user's wish. It still shows that it is not.
func (inStockIfKnown) check(f Facts, c Candidate) Check {
	const word = "in_stock_if_known"
	lines, known := f.lines()
	if !known {
		return newCheck(word, "known lines, if any", seenUnknown, true)
	}
	s := c.look(lines)
	if len(s.short) > 0 {
		return newCheck(word, shortenList(s.wanted), shortenList(s.short), false)
	}
	return newCheck(word, shortenList(s.wanted), shortenList(append(s.missing, s.enough...)), true)
}
