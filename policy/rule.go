package policy

// rule is one entry under rules.
type rule struct {
	name        string
	when        all // none: matches every delivery order
	skipUnknown bool
	then        then
	goesOn      bool // where it admits no candidate, the next rule is tried: otherwise: next
}

// then is what a rule says about the delivery orders it matches. The fields of reassign
// are set when outcome is Reassign.
type then struct {
	outcome Outcome
	reassign
}

// match holds the predicates against the facts.
func (r rule) match(f Facts) RuleTrace {
	t := RuleTrace{Rule: r.name}
	verdict, checks := r.when.check(f)
	t.Checks = checks
	switch {
	case verdict == Holds:
		t.Verdict = Matched
	case verdict == Fails:
		t.Verdict = NoMatch
	case r.skipUnknown:
		t.Verdict = Skipped
	default:
		t.Verdict = Unknown
	}
	return t
}
