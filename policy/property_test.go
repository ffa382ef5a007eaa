package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"happycolis-reassigner/policy"
)

// Few names, so that rules, facts and candidates often speak of the same location.
var (
	slugs      = []string{"paris", "lyon", "lille"}
	locations  = []string{"paris", "lyon", "lille", "loc-paris", "loc-lyon", "loc-lille"}
	countries  = []string{"FR", "BE"}
	priorities = []string{"LOW", "NORMAL", "HIGH"}
)

// For every policy and all facts there is one decision, it is of a known shape, and
// nothing that a fence forbids is ever a candidate.
func TestDecideIsTotalAndNeverPicksAFencedCandidate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, mustShip := drawPolicy(t)
		p, err := policy.Parse([]byte(text))
		if err != nil {
			t.Fatalf("Parse:\n%v\n%s", err, text)
		}
		facts := drawFacts(t)
		d := p.Decide(facts)
		if diff := cmp.Diff(d, p.Decide(facts)); diff != "" {
			t.Fatalf("two decisions on the same facts (-first +second):\n%s", diff)
		}
		if problem := misshapen(d); problem != "" {
			t.Fatalf("%s\n%s\n%s", problem, text, strings.Join(d.Explain(), "\n"))
		}
		needs := p.Needs(facts)
		for _, to := range d.Candidates {
			if why := forbidden(facts, to, needs, mustShip[d.Rule]); why != "" {
				t.Fatalf("candidate %s %s\n%s\n%s", to, why, text, strings.Join(d.Explain(), "\n"))
			}
		}
		if _, err := json.Marshal(d); err != nil {
			t.Fatalf("encoding the decision: %v", err)
		}
	})
}

// Reading more never turns a decision around: when a fact that was unknown becomes known,
// a rule that had been found to match still decides.
func TestLearningAFactKeepsTheRuleThatMatched(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, _ := drawPolicy(t)
		if strings.Contains(text, "unknown: skip") {
			t.Skip("skipping an unknown rule is a guess, and may be a wrong one")
		}
		p, err := policy.Parse([]byte(text))
		if err != nil {
			t.Fatalf("Parse:\n%v\n%s", err, text)
		}
		facts := drawFacts(t)
		before := p.Decide(facts)
		if before.Reason == policy.ReasonFactUnknown {
			return
		}
		if !facts.Priority.Known {
			facts.Priority = policy.Known(rapid.SampledFrom(priorities).Draw(t, "priority learned"))
		}
		if !facts.PickupPoint.Known {
			facts.PickupPoint = policy.Known(rapid.Bool().Draw(t, "pickup point learned"))
		}
		if after := p.Decide(facts); after.Rule != before.Rule {
			t.Fatalf("rule %q decided, and after learning facts %q\n%s", before.Rule, after.Rule, text)
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
	case d.Trace == nil || d.Rule == "" || d.Revision == "":
		return fmt.Sprintf("trace %v, rule %q or revision %q is missing", d.Trace, d.Rule, d.Revision)
	}
	return ""
}

// forbidden says which fence the candidate breaks, or nothing. It is written from the
// manual, apart from the code under test.
func forbidden(f policy.Facts, to policy.Ranked, needs []string, mustShip bool) string {
	i := slices.IndexFunc(needs, func(name string) bool { return f.Candidates[name].ID == to.ID })
	if i < 0 {
		return "is not listed by the rule"
	}
	c := f.Candidates[needs[i]]
	switch {
	case c.ID == "" || c.ID == f.FromID || (c.Slug != "" && c.Slug == f.From):
		return "is the failing location, or has no id"
	case c.Active != policy.Known(true):
		return "is not known to be active"
	case !c.Type.Known || (c.Type.Value == "WAREHOUSE" && c.Integration != policy.Known("ACTIVE")):
		return "is a warehouse whose integration is not known to be active"
	case c.UnderIncident || c.Tried:
		return "is under incident or was tried"
	case mustShip && (!f.Country.Known || slices.Contains(c.ExcludedCountries, f.Country.Value)):
		return "does not ship there: unknown or excluded"
	case mustShip && len(c.AllowedCountries) > 0 && !slices.Contains(c.AllowedCountries, f.Country.Value):
		return "does not ship there: not allowed"
	}
	return ""
}

// drawPolicy returns a policy of up to five rules, and which rules must ship.
func drawPolicy(t *rapid.T) (text string, mustShip map[string]bool) {
	var b strings.Builder
	mustShip = map[string]bool{}
	fmt.Fprintf(&b, "version: 1\ndefault: %s\nrules:\n", rapid.SampledFrom([]string{"leave", "needs_person"}).Draw(t, "default"))
	n := rapid.IntRange(1, 5).Draw(t, "rules")
	for i := range n {
		name := fmt.Sprintf("rule %d", i)
		fmt.Fprintf(&b, "  - name: %s\n    when: {%s}\n", name, drawWhen(t, i == n-1))
		if rapid.Bool().Draw(t, "skip") {
			b.WriteString("    unknown: skip\n")
		}
		switch rapid.IntRange(0, 5).Draw(t, "then") {
		case 0:
			b.WriteString("    then: leave\n")
		case 1:
			b.WriteString("    then: needs_person\n")
		default:
			candidates := rapid.SliceOfNDistinct(rapid.SampledFrom(locations), 1, 4, rapid.ID[string]).Draw(t, "candidates")
			fmt.Fprintf(&b, "    then: {reassign: {candidates: [%s]", strings.Join(candidates, ", "))
			if mustShip[name] = rapid.Bool().Draw(t, "must"); mustShip[name] {
				b.WriteString(", must: [ships_to_country]")
			}
			if rapid.Bool().Draw(t, "prefer") {
				b.WriteString(", prefer: [listed_order]")
			}
			b.WriteString("}}\n")
		}
	}
	return b.String(), mustShip
}

// drawWhen returns predicates: none only for the last rule, since nothing follows that.
func drawWhen(t *rapid.T, last bool) string {
	least := 1
	if last {
		least = 0
	}
	words := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"from", "priority", "pickup_point"}), least, 3, rapid.ID[string]).Draw(t, "when")
	for i, word := range words {
		switch word {
		case "from":
			words[i] = "from: [" + rapid.SampledFrom(locations).Draw(t, "from") + "]"
		case "priority":
			words[i] = "priority: [" + rapid.SampledFrom(priorities).Draw(t, "priority") + "]"
		case "pickup_point":
			words[i] = fmt.Sprintf("pickup_point: %t", rapid.Bool().Draw(t, "pickup point"))
		}
	}
	return strings.Join(words, ", ")
}

func drawFacts(t *rapid.T) policy.Facts {
	f := policy.Facts{
		Priority:    maybe(t, "priority", rapid.SampledFrom(priorities)),
		PickupPoint: maybe(t, "pickup point", rapid.Bool()),
		Country:     maybe(t, "country", rapid.SampledFrom(countries)),
		Candidates:  map[string]policy.Candidate{},
	}
	from := rapid.SampledFrom(slugs).Draw(t, "from")
	if rapid.IntRange(0, 4).Draw(t, "slug known") > 0 {
		f.From = from
	}
	if rapid.IntRange(0, 4).Draw(t, "id known") > 0 {
		f.FromID = "loc-" + from
	}
	for _, slug := range slugs {
		c := drawCandidate(t, slug)
		for _, name := range []string{slug, "loc-" + slug} {
			if rapid.IntRange(0, 4).Draw(t, "read") > 0 {
				f.Candidates[name] = c
			}
		}
	}
	if len(f.Candidates) == 0 && rapid.Bool().Draw(t, "no map") {
		f.Candidates = nil
	}
	return f
}

func drawCandidate(t *rapid.T, slug string) policy.Candidate {
	often := rapid.IntRange(0, 4)
	c := policy.Candidate{
		ID:            "loc-" + slug,
		Active:        maybe(t, "active", rapid.Map(often, func(n int) bool { return n > 0 })),
		Type:          maybe(t, "type", rapid.SampledFrom([]string{"WAREHOUSE", "INTERNAL", "EXTERNAL"})),
		Integration:   maybe(t, "integration", rapid.SampledFrom([]string{"ACTIVE", "ACTIVE", "ACTIVE", "ERROR", ""})),
		UnderIncident: often.Draw(t, "under incident") == 0,
		Tried:         often.Draw(t, "tried") == 0,
	}
	if often.Draw(t, "slug told") > 0 {
		c.Slug = slug
	}
	if often.Draw(t, "allows some") == 0 {
		c.AllowedCountries = []string{rapid.SampledFrom(countries).Draw(t, "allowed")}
	}
	if often.Draw(t, "excludes some") == 0 {
		c.ExcludedCountries = []string{rapid.SampledFrom(countries).Draw(t, "excluded")}
	}
	return c
}

// maybe is a fact that is known four times out of five.
func maybe[T any](t *rapid.T, label string, value *rapid.Generator[T]) policy.Fact[T] {
	if rapid.IntRange(0, 4).Draw(t, label+" known") == 0 {
		return policy.Fact[T]{}
	}
	return policy.Known(value.Draw(t, label))
}

// FuzzParse: any bytes give a policy that decides, or problems that have places in order.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/working_*.yaml", "testdata/busted_*.yaml"} {
		for _, path := range glob(f, pattern) {
			f.Add(read(f, path))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		if file := hostile[name].text; len(file) < 10_000 {
			f.Add([]byte(file))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := policy.Parse(data)
		if err == nil {
			if problem := misshapen(p.Decide(factsOfParis)); problem != "" {
				t.Errorf("decision of a policy that was accepted: %s", problem)
			}
			return
		}
		problems, ok := err.(policy.Problems)
		if !ok || len(problems) == 0 {
			t.Fatalf("Parse: got %T with %d problems, want Problems", err, len(problems))
		}
		last := policy.Problem{Line: 1, Column: 1}
		for _, p := range problems {
			if p.Line < last.Line || (p.Line == last.Line && p.Column < last.Column) || p.Message == "" {
				t.Errorf("problem %v comes after %v", p, last)
			}
			last = p
		}
	})
}
