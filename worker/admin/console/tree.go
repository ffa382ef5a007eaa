package console

import (
	"slices"

	"happycolis-reassigner/policy"
)

// tree is the trace of a decision: the rules in order, what each looked at, and under the one that matched its
// candidates.
type tree struct {
	policy.Decision
	Sentences []string // the same as sentences, as the command line and the log have it
	Default   bool
}

func treeOf(d *policy.Decision) *tree {
	if d == nil {
		return nil
	}
	return &tree{Decision: *d, Sentences: d.Explain(), Default: d.Rule == policy.DefaultRule}
}

// Decided reports whether a rule is the one that decided.
func (t *tree) Decided(rule policy.RuleTrace) bool { return rule.Rule == t.Rule }

// Rank returns the rank of a candidate among those admitted, from 1; 0 if it is not admitted.
func (t *tree) Rank(c policy.CandidateTrace) int {
	return 1 + slices.IndexFunc(t.Candidates, func(r policy.Ranked) bool {
		return r.Slug == c.Name || r.Slug != "" && r.Slug == c.Slug || r.ID == c.Name
	})
}
