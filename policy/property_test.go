package policy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"happycolis-reassigner/policy"
)

// For every policy and all facts there is one decision, it is of a known shape, and
// nothing that a fence forbids is ever a candidate.
func TestDecideIsTotalAndNeverPicksAFencedCandidate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawPolicy(t)
		p := drawn.parse(t)
		facts := drawFacts(t)
		d := p.Decide(facts)
		if diff := cmp.Diff(d, p.Decide(facts)); diff != "" {
			t.Fatalf("two decisions on the same facts (-first +second):\n%s", diff)
		}
		if problem := misshapen(d); problem != "" {
			t.Fatalf("%s\n%s\n%s", problem, drawn, strings.Join(d.Explain(), "\n"))
		}
		needs := p.Needs(facts)
		for _, to := range d.Candidates {
			if why := forbidden(facts, to, needs, drawn.must[d.Rule]); why != "" {
				t.Fatalf("candidate %s %s\n%s\n%s", to, why, drawn, strings.Join(d.Explain(), "\n"))
			}
		}
		if _, err := json.Marshal(d); err != nil {
			t.Fatalf("encoding the decision: %v", err)
		}
	})
}

// Candidates with which nothing else is wrong are refused by the fences of the rule alone.
func TestAFencedCandidateIsNotPickedWhereNothingElseIsWrong(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		must := drawSome(t, "must", []string{"ships_to_country", "in_stock", "in_stock_if_known", capacityOfTwo})
		drawn := policyText{fallback: "leave", rules: "  - name: all\n    when: {}\n    then: {reassign: {candidates: [" +
			strings.Join(slugs, ", ") + "]" + listing(", must: ", must) + "}}\n"}
		facts := drawFacts(t)
		facts.From, facts.FromID = "brest", "loc-brest"
		for name, c := range facts.Candidates {
			c.Active, c.Type = policy.Known(true), policy.Known("INTERNAL")
			c.UnderIncident, c.Suspected, c.Tried = false, false, false
			facts.Candidates[name] = c
		}
		d := drawn.parse(t).Decide(facts)
		for _, to := range d.Candidates {
			if why := forbidden(facts, to, slugs, must); why != "" {
				t.Fatalf("candidate %s %s\n%s\n%s", to, why, drawn, strings.Join(d.Explain(), "\n"))
			}
		}
	})
}

// Reading more never turns a decision around: when a fact that was unknown becomes known,
// a rule that had been found to match still decides.
func TestLearningAFactKeepsTheRuleThatMatched(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawPolicy(t)
		if strings.Contains(drawn.String(), "unknown: skip") || len(drawn.goesOn) > 0 {
			t.Skip("skipping an unknown rule is a guess, and may be a wrong one; what admits a candidate may be learnt")
		}
		p := drawn.parse(t)
		facts := drawFacts(t)
		before := p.Decide(facts)
		if before.Reason == policy.ReasonFactUnknown {
			return
		}
		all := drawFactsKnown(t)
		learn(&facts.Priority, all.Priority)
		learn(&facts.PickupPoint, all.PickupPoint)
		learn(&facts.OrderType, all.OrderType)
		learn(&facts.Country, all.Country)
		learn(&facts.Lines, all.Lines)
		learn(&facts.Moment, all.Moment)
		if after := p.Decide(facts); after.Rule != before.Rule {
			t.Fatalf("rule %q decided, and after learning facts %q\n%s", before.Rule, after.Rule, drawn)
		}
	})
}

func learn[T any](f *policy.Fact[T], known policy.Fact[T]) {
	if !f.Known {
		*f = known
	}
}

// A rule below the one that decides changes nothing, whatever it says.
func TestARuleBelowTheOneThatDecidesChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawPolicy(t)
		longer := drawn
		if !longer.add(t, extraRule, false) {
			t.Skip("the rule would never be reached")
		}
		facts := drawFacts(t)
		before, after := drawn.parse(t).Decide(facts), longer.parse(t).Decide(facts)
		if before.Rule == policy.DefaultRule || drawn.goesOn[before.Rule] && before.Reason == policy.ReasonNoCandidate {
			// It was reached. Then it changes nothing only if it does not match.
			if last := after.Trace[len(after.Trace)-1]; last.Verdict == policy.Matched || last.Verdict == policy.Unknown {
				return
			}
			after.Trace = after.Trace[:len(after.Trace)-1]
		}
		after.Revision = before.Revision
		if diff := cmp.Diff(before, after); diff != "" {
			t.Fatalf("decision without and with the rule (-without +with):\n%s\n%s", diff, longer)
		}
	})
}

// A rule that is refused because it is never reached would indeed never have decided.
func TestARuleThatIsNeverReachedWouldNeverHaveDecided(t *testing.T) {
	t.Parallel()
	proved := 0
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawPolicy(t)
		extra := drawn
		if extra.add(t, extraRule, false) {
			return
		}
		alone := policyText{fallback: drawn.fallback, rules: extra.refused}
		facts := drawFacts(t)
		if alone.parse(t).Decide(facts).Trace[0].Verdict != policy.Matched {
			return
		}
		proved++
		if d := drawn.parse(t).Decide(facts); d.Rule == policy.DefaultRule {
			t.Fatalf("no rule decides, but the one that was refused matches:\n%s\n%s", drawn, alone)
		}
	})
	if proved == 0 {
		t.Error("no rule was drawn that is refused and matches")
	}
}

// Refusing a candidate moves its delivery orders only.
func TestACandidateLessKeepsTheOrderOfTheOthers(t *testing.T) {
	t.Parallel()
	p := parse(t, []byte(`
version: 1
rules:
  - name: spread
    when: {}
    then: {reassign: {candidates: [paris, lyon, lille], prefer: [{share: {paris: 3, lyon: 2, lille: 2}}]}}
default: leave
`))
	rapid.Check(t, func(t *rapid.T) {
		facts := policy.Facts{DeliveryOrder: rapid.String().Draw(t, "delivery order"), FromID: "loc-brest", Candidates: map[string]policy.Candidate{}}
		for _, slug := range slugs {
			facts.Candidates[slug] = policy.Candidate{ID: "loc-" + slug, Slug: slug, Active: policy.Known(true), Type: policy.Known("INTERNAL")}
		}
		all := p.Decide(facts).Candidates
		out := rapid.SampledFrom(slugs).Draw(t, "out")
		delete(facts.Candidates, out)
		want := slices.DeleteFunc(all, func(r policy.Ranked) bool { return r.Slug == out })
		if diff := cmp.Diff(want, p.Decide(facts).Candidates); diff != "" {
			t.Fatalf("candidates without %s (-want +got):\n%s", out, diff)
		}
	})
}

// misshapen says what is wrong with the shape of a decision, or nothing.
func misshapen(d policy.Decision) string {
	reasons := map[policy.Outcome][]string{
		policy.Reassign:    {""},
		policy.Leave:       {policy.ReasonPolicyLeave},
		policy.NeedsPerson: {policy.ReasonPolicyRule, policy.ReasonFactUnknown, policy.ReasonNoCandidate},
	}
	switch {
	case !slices.Contains(reasons[d.Outcome], d.Reason):
		return fmt.Sprintf("outcome %q has the reason %q", d.Outcome, d.Reason)
	case (d.Outcome == policy.Reassign) != (len(d.Candidates) > 0):
		return fmt.Sprintf("outcome %q has %d candidates", d.Outcome, len(d.Candidates))
	case d.Wait && (d.Reason != policy.ReasonNoCandidate || d.Capacity == nil):
		return fmt.Sprintf("it waits with the reason %q and the capacity %v", d.Reason, d.Capacity)
	case d.Suspects && (d.Reason != policy.ReasonNoCandidate || len(d.Suspected()) == 0):
		return fmt.Sprintf("it suspects %v with the reason %q", d.Suspected(), d.Reason)
	case d.Trace == nil || d.Rule == "" || d.Revision == "":
		return fmt.Sprintf("trace %v, rule %q or revision %q is missing", d.Trace, d.Rule, d.Revision)
	case d.Rule != policy.DefaultRule && d.Reason != policy.ReasonNoCandidate && d.Trace[len(d.Trace)-1].Rule != d.Rule:
		return fmt.Sprintf("the trace does not end with the rule %q", d.Rule)
	case d.Rule != policy.DefaultRule && !slices.ContainsFunc(d.Trace, func(t policy.RuleTrace) bool { return t.Rule == d.Rule }):
		return fmt.Sprintf("the trace lacks the rule %q", d.Rule)
	}
	return ""
}

// forbidden says which fence the candidate breaks, or nothing. It is written from the
// manual, apart from the code under test.
func forbidden(f policy.Facts, to policy.Ranked, needs, must []string) string {
	i := slices.IndexFunc(needs, func(name string) bool { return f.Candidates[name].ID == to.ID })
	if i < 0 {
		return "is not listed by the rule"
	}
	c := f.Candidates[needs[i]]
	mustShip := slices.Contains(must, "ships_to_country")
	need := map[string]int{}
	for _, line := range f.Lines.Value {
		need[line.SKU] += line.Quantity
	}
	switch {
	case c.ID == "" || c.ID == f.FromID || (c.Slug != "" && c.Slug == f.From):
		return "is the failing location, or has no id"
	case c.Active != policy.Known(true):
		return "is not known to be active"
	case !c.Type.Known || (c.Type.Value == "WAREHOUSE" && c.Integration != policy.Known("ACTIVE")):
		return "is a warehouse whose integration is not known to be active"
	case c.Accepting == policy.Known(false):
		return "takes no orders by now"
	case c.UnderIncident || c.Suspected || c.Tried:
		return "is under incident, confirmed or not, or was tried"
	case mustShip && (!f.Country.Known || slices.Contains(c.ExcludedCountries, f.Country.Value)):
		return "does not ship there: unknown or excluded"
	case mustShip && len(c.AllowedCountries) > 0 && !slices.Contains(c.AllowedCountries, f.Country.Value):
		return "does not ship there: not allowed"
	case slices.Contains(must, capacityOfTwo) && (!c.Used.Known || c.Used.Value.Hour >= 2):
		return "has no capacity left, or it is not known"
	case slices.Contains(must, "in_stock") && !f.Lines.Known:
		return "is not known to have what is not known"
	}
	for sku, units := range need {
		stock := c.Stock[sku]
		switch {
		case slices.Contains(must, "in_stock") && !stock.Known:
			return "is not known to have " + sku
		case (slices.Contains(must, "in_stock") || slices.Contains(must, "in_stock_if_known")) && stock.Known && stock.Available < units:
			return "has too little of " + sku
		}
	}
	return ""
}
