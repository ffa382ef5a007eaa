package policy

import (
	"fmt"
	"strconv"

	"happycolis-reassigner/policy/strictyaml"
)

// units holds when so many units have to be shipped, of all lines together.
type units struct{ least, most int } // 0: no bound

func readUnits(r *reader, arg strictyaml.Node) predicate {
	f := r.fields(arg, "units", "min", "max")
	p := units{r.count(f["min"], "min"), r.count(f["max"], "max")}
	switch {
	case arg.Kind == strictyaml.Mapping && len(arg.Fields) == 0:
		r.refuse(arg, "units wants a bound: {min: 2}, {max: 9} or both")
	case p.most > 0 && p.least > p.most:
		r.refuse(f["min"], "min is %d and max only %d, so units never holds", p.least, p.most)
	}
	return p
}

func (p units) check(f Facts) Check {
	const word = "units"
	lines, known := f.lines()
	if !known {
		return unknownCheck(word, p.String())
	}
	sum := 0
	for _, line := range lines {
		sum += line.Quantity
	}
	return newCheck(word, p.String(), strconv.Itoa(sum), sum >= p.least && (p.most == 0 || sum <= p.most))
}

// String is the bounds in words.
func (p units) String() string {
	switch {
	case p.most == 0:
		return fmt.Sprintf("at least %d", p.least)
	case p.least == 0:
		return fmt.Sprintf("at most %d", p.most)
	default:
		return fmt.Sprintf("%d to %d", p.least, p.most)
	}
}

func (p units) covers(narrower predicate) bool {
	q, same := narrower.(units)
	return same && p.least <= q.least && (p.most == 0 || q.most > 0 && q.most <= p.most)
}
