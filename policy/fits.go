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
