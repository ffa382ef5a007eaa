package policy

import "happycolis-reassigner/policy/strictyaml"

// not holds when what it contains does not. What it contains is written like a when.
type not struct {
	inner  all
	wanted string
}

func readNot(r *reader, arg strictyaml.Node) predicate {
	var p not
	r.nest(arg, func() { p.inner = r.some(arg, "not", "never holds") })
	p.wanted = clipText(p.inner.wanted())
	return p
}

// check leaves what is unknown unknown.
func (p not) check(f Facts) Check {
	verdict, checks := p.inner.check(f)
	seen := clipText(joinChecks(checks, func(c Check) string { return c.Seen }))
	if verdict == Unknown {
		return Check{Word: "not", Wanted: p.wanted, Seen: seen, Verdict: Unknown}
	}
	return newCheck("not", p.wanted, seen, verdict == Fails)
}

// covers: what contradicts less is wider.
func (p not) covers(narrower predicate) bool {
	q, same := narrower.(not)
	return same && q.inner.covers(p.inner)
}
