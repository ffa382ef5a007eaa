package query

import (
	"testing"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/journal"
)

func TestWhatTheDefaultDecidesIsNotARulesWish(t *testing.T) {
	t.Parallel()
	const byDefault, byRule = "no rule matches; the default asks for an operator", "the policy asks for a person"
	for _, c := range []struct {
		reason   journal.Reason
		decision *policy.Decision
		want     string
	}{
		{journal.PolicyRule, &policy.Decision{Rule: policy.DefaultRule, Outcome: policy.NeedsPerson}, byDefault},
		{journal.PolicyRule, &policy.Decision{Rule: policy.DefaultRule, Outcome: policy.Leave}, byRule}, // of what was released already
		{journal.PolicyRule, &policy.Decision{Rule: "pickup points", Outcome: policy.NeedsPerson}, byRule},
		{journal.PolicyRule, nil, byRule},
		{journal.FactUnknown, &policy.Decision{Rule: policy.DefaultRule, Outcome: policy.NeedsPerson}, journal.FactUnknown.Meaning()},
		{"", nil, ""},
	} {
		if got := meaningOf(&journal.Reassignment{Reason: c.reason, Decision: journal.Decision{Policy: c.decision}}); got != c.want {
			t.Errorf("%s by %+v: got %q, want %q", c.reason, c.decision, got, c.want)
		}
	}
}
