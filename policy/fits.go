package policy

// Fits reports whether the fences that hold for every rule admit a location, whatever the rules say.
// A fact that is not known admits nothing.
func Fits(f Facts, c Candidate) bool {
	for _, fence := range alwaysOn() {
		if fence.check(f, c).Verdict != Holds {
			return false
		}
	}
	return true
}

// Refuses returns the first fence of the named rule that is known to refuse a location now, which a decision
// by that rule had admitted. What is not known refuses nothing here, nor does a rule that is not there.
func (p *Policy) Refuses(rule string, f Facts, c Candidate) (Check, bool) {
	for _, r := range p.rules {
		if r.name != rule {
			continue
		}
		for _, fence := range r.then.must {
			if check := fence.check(f, c); check.Verdict == Fails {
				return check, true
			}
		}
	}
	return Check{}, false
}
