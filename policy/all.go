package policy

import "slices"

// predicate looks at the delivery order. It never looks at Facts.Candidates, which are
// read after the rule is found.
type predicate interface {
	check(f Facts) Check

	// covers reports that this predicate holds whenever narrower does, and fails only when
	// narrower fails. It is false wherever that is not obvious.
	covers(narrower predicate) bool
}

// all are predicates that must hold together. Without any they always hold.
type all []predicate

// check holds the predicates against the facts. One that fails settles it, whatever is
// unknown, so the checks are then the failing ones only; else they are all.
func (ps all) check(f Facts) (Verdict, []Check) {
	verdict := Holds
	var checks, failing []Check
	for _, p := range ps {
		c := p.check(f)
		checks = append(checks, c)
		switch c.Verdict {
		case Fails:
			failing = append(failing, c)
		case Unknown:
			verdict = Unknown
		}
	}
	if len(failing) > 0 {
		return Fails, failing
	}
	return verdict, checks
}

// covers reports that ps hold whenever narrower do.
func (ps all) covers(narrower all) bool {
	for _, p := range ps {
		if !slices.ContainsFunc(narrower, p.covers) {
			return false
		}
	}
	return true
}

// wanted is what the predicates want, in words.
func (ps all) wanted() string {
	var checks []Check
	for _, p := range ps {
		checks = append(checks, p.check(Facts{})) // held against nothing, it still tells
	}
	return joinChecks(checks, func(c Check) string { return c.Wanted })
}

// isSubset reports that every value of part is one of whole.
func isSubset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(value string) bool { return !slices.Contains(whole, value) })
}
