package policy

// rule is one entry under rules.
type rule struct {
	name        string
	when        []predicate // all must hold; none: matches every delivery order
	skipUnknown bool
	then        then
}

// then is what a rule says about the delivery orders it matches. The fields of reassign
// are set when outcome is Reassign.
type then struct {
	outcome Outcome
	reassign
}

// predicate looks at the delivery order. Its check never looks at Facts.Candidates, which
// are read after the rule is found.
type predicate interface {
	check(f Facts) Check
}

// match holds the predicates against the facts. A predicate that fails settles it,
// whatever is unknown; so the trace then keeps the failing ones only.
func (r rule) match(f Facts) RuleTrace {
	t := RuleTrace{Rule: r.name, Verdict: Matched}
	var failing []Check
	for _, p := range r.when {
		c := p.check(f)
		t.Checks = append(t.Checks, c)
		switch c.Verdict {
		case Fails:
			failing = append(failing, c)
		case Unknown:
			t.Verdict = Unknown
		}
	}
	switch {
	case len(failing) > 0:
		t.Verdict, t.Checks = NoMatch, failing
	case t.Verdict == Unknown && r.skipUnknown:
		t.Verdict = Skipped
	}
	return t
}
