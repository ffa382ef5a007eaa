package policy

// Words are the registered words by sort, for the guard tests.
func Words() map[string][]string {
	return map[string][]string{
		"predicate": predicates().names(),
		"fence":     fences().names(),
		"rating":    ratings().names(),
	}
}

// AlwaysOnWords are the words of the fences that are always on: as they call themselves,
// and as the grammar refuses them.
func AlwaysOnWords() (called, refused []string) {
	for _, f := range alwaysOn() {
		called = append(called, f.check(Facts{}, Candidate{}).Word)
	}
	return called, alwaysOnWords
}

// Rules are the names of the rules, in order.
func (p *Policy) Rules() (names []string) {
	for _, r := range p.rules {
		names = append(names, r.name)
	}
	return names
}
