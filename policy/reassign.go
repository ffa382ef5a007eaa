package policy

import (
	"cmp"
	"slices"
)

// reassign is the list of fallbacks of a rule.
type reassign struct {
	candidates []string // as written, at least one
	must       []fence  // besides those that are always on
	prefer     []rating // the first that tells two candidates apart decides
}

// fence looks at one candidate that was read, and has an ID.
type fence interface {
	check(f Facts, c Candidate) Check
}

// rating scores one admitted candidate: more is better. seen is for the trace.
type rating interface {
	rate(f Facts, c Candidate, at listing) (score float64, word, seen string)
}

// listing is how the rule lists a candidate.
type listing struct {
	name  string // as written
	place int    // from 0
}

// choose holds every fence against every candidate, and puts the admitted ones in order.
// Equals stay as listed.
func (r reassign) choose(f Facts) ([]Ranked, []CandidateTrace) {
	type admitted struct {
		Ranked
		scores []float64
	}
	var in []admitted
	traces := make([]CandidateTrace, 0, len(r.candidates))
	fences := slices.Concat(alwaysOn(), r.must)
	listed := make(map[string]string, len(r.candidates)) // id to the name that was listed first
	for place, name := range r.candidates {
		c, checks := r.fenced(f, name, fences, listed)
		t := CandidateTrace{Name: name, Verdict: Admitted, Checks: checks}
		if c.Slug != name {
			t.Slug = c.Slug
		}
		if slices.ContainsFunc(checks, func(c Check) bool { return c.Verdict != Holds }) {
			t.Verdict = Fenced
		} else {
			scores, rated := r.ratings(f, c, listing{name, place})
			t.Checks = append(t.Checks, rated...)
			in = append(in, admitted{Ranked{ID: c.ID, Slug: c.Slug}, scores})
		}
		traces = append(traces, t)
	}
	slices.SortStableFunc(in, func(a, b admitted) int {
		return slices.CompareFunc(b.scores, a.scores, cmp.Compare[float64])
	})
	var ranked []Ranked
	for _, a := range in {
		ranked = append(ranked, a.Ranked)
	}
	return ranked, traces
}

// fenced returns the named candidate with all its checks; it is admitted if all hold.
// All are made, so that a person sees at once everything that is in the way.
func (r reassign) fenced(f Facts, name string, fences []fence, listed map[string]string) (Candidate, []Check) {
	c, found := f.Candidates[name]
	if !found || c.ID == "" {
		if name == f.From || name == f.FromID {
			return c, []Check{newCheck(wordLocation, wantedOther, name, false)}
		}
		return c, []Check{unknownCheck(wordLocation, "can be read")}
	}
	checks := make([]Check, 0, len(fences)+len(r.prefer))
	for _, fence := range fences {
		checks = append(checks, fence.check(f, c))
	}
	// One location under two names (slug and id) must not be tried twice.
	if first, again := listed[c.ID]; again {
		checks = append(checks, newCheck("listed", "once", "before, as "+first, false))
	} else {
		listed[c.ID] = name
	}
	return c, checks
}

// ratings returns the scores in the order of prefer, and what they saw.
func (r reassign) ratings(f Facts, c Candidate, at listing) (scores []float64, rated []Check) {
	for _, rating := range r.prefer {
		score, word, seen := rating.rate(f, c, at)
		scores = append(scores, score)
		rated = append(rated, Check{Word: word, Seen: seen, Verdict: Rated})
	}
	return scores, rated
}
