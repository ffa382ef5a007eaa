package policy

import (
	"maps"
	"slices"
)

// Policy is a policy file that was read without a problem. It never changes, so any
// number of goroutines may ask it.
type Policy struct {
	revision     string
	rules        []rule
	defaultLeave bool // else the default is needs_person
	names, words []string
	text         string
}

// revisionLength is how many hexadecimal digits of the SHA-256 name a revision: 48 bits
// tell the versions of one file apart and still fit into a log line.
const revisionLength = 12

// Revision names this version of the policy: it changes with every byte of the file.
func (p *Policy) Revision() string { return p.revision }

// Text returns the policy as it was written.
func (p *Policy) Text() string { return p.text }

// Names returns every location that the policy mentions, sorted, each once.
func (p *Policy) Names() []string { return slices.Clone(p.names) }

// Candidates returns every location that a rule may reassign to, sorted, each once.
func (p *Policy) Candidates() []string {
	all := map[string]struct{}{}
	for _, r := range p.rules {
		for _, name := range r.then.candidates {
			all[name] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Fallbacks returns every location that a rule may reassign to when the location with this slug and id fails,
// sorted, each once.
func (p *Policy) Fallbacks(slug, id string) []string {
	all := map[string]struct{}{}
	for _, r := range p.rules {
		if verdict, _ := r.when.check(Facts{From: slug, FromID: id}); verdict == Fails {
			continue
		}
		for _, name := range r.then.candidates {
			if name != slug && name != id {
				all[name] = struct{}{}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Words returns every predicate, fence and rating that the policy uses, wherever it
// stands, sorted, each once: a fact that only other words read need not be gathered.
func (p *Policy) Words() []string { return slices.Clone(p.words) }

// Needs returns the candidates of the rules that f may be decided by, as the policy names them, each once: the
// locations to read before Decide. It does not look at f.Candidates. It is nil when no
// location is needed: the rule reassigns nothing, or none matches.
func (p *Policy) Needs(f Facts) []string {
	var names []string
	for _, r := range p.rules {
		switch verdict := r.match(f).Verdict; {
		case verdict == Unknown:
			return names
		case verdict != Matched:
			continue
		}
		for _, name := range r.then.candidates {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if !r.goesOn {
			return names
		}
	}
	return names
}
