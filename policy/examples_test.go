package policy_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"happycolis-reassigner/policy"
)

// Each examples/<situation>.yaml is a complete policy; testdata/examples/<situation>.yaml has
// facts as "policy explain --facts" takes them, and the decisions they must lead to.
func TestEachExampleDecidesAsItsCommentsSay(t *testing.T) {
	t.Parallel()
	for _, path := range glob(t, "examples/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			p := parse(t, read(t, path))
			var cases []struct{ Name, Facts, Want string }
			if err := yaml.UnmarshalWithOptions(read(t, "testdata/"+path), &cases, yaml.Strict()); err != nil {
				t.Fatalf("reading cases: %v", err)
			}
			decided := map[string]bool{}
			for _, c := range cases {
				t.Run(c.Name, func(t *testing.T) {
					facts, err := policy.ParseFacts([]byte(c.Facts))
					if err != nil {
						t.Fatalf("ParseFacts:\n%v", err)
					}
					d := p.Decide(facts)
					decided[d.Rule] = true
					if got := d.String(); !met(t, c.Want, d) {
						t.Errorf("got %q, want %q\n%s", got, c.Want, strings.Join(d.Explain(), "\n"))
					}
				})
			}
			for _, rule := range p.Rules() {
				if !decided[rule] {
					t.Errorf("no case is decided by the rule %q", rule)
				}
			}
		})
	}
}

func TestWantIsTheBeginningOfADecision(t *testing.T) {
	t.Parallel()
	p := parse(t, read(t, "examples/one_fallback.yaml"))
	facts := policy.Facts{From: "lille-warehouse", FromID: "loc-lille", Country: policy.Known("FR")}
	nobody := p.Decide(facts)
	facts.Candidates = map[string]policy.Candidate{"lyon-warehouse": {
		ID: "loc-lyon", Slug: "lyon-warehouse", Active: policy.Known(true), Type: policy.Known("INTERNAL")}}
	lyon := p.Decide(facts)
	tests := map[string]struct {
		want string
		of   policy.Decision
		met  bool
	}{
		"only the outcome":               {"reassign", lyon, true},
		"the candidate by slug":          {"reassign lyon-warehouse", lyon, true},
		"the candidate by id":            {"reassign  loc-lyon ", lyon, true},
		"another candidate":              {"reassign lille-warehouse", lyon, false},
		"one candidate too many":         {"reassign lyon-warehouse lille-warehouse", lyon, false},
		"another outcome":                {"leave", lyon, false},
		"a person":                       {"needs_person", nobody, true},
		"a person, for this reason":      {"needs_person no_candidate", nobody, true},
		"a person, for another reason":   {"needs_person policy_rule", nobody, false},
		"a person, but it does not wait": {"needs_person no_candidate wait", nobody, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := met(t, test.want, test.of); got != test.met {
				t.Errorf("%q of %q: got %t, want %t", test.want, test.of, got, test.met)
			}
		})
	}
}

func TestParseWantRefusesWhatNoDecisionCanBe(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                         `what is wanted begins with reassign, leave, needs_person, not ""`,
		"reasign lyon":             `what is wanted begins with reassign, leave, needs_person, not "reasign" (did you mean "reassign"?)`,
		"needs_person nocandidate": `unknown reason "nocandidate" (did you mean "no_candidate"?); known: policy_rule, fact_unknown, no_candidate, policy_leave`,
	}
	for wish, want := range tests {
		if _, err := policy.ParseWant(wish); err == nil || err.Error() != want {
			t.Errorf("ParseWant(%q): got %v, want %s", wish, err, want)
		}
	}
}

func met(t *testing.T, wish string, d policy.Decision) bool {
	t.Helper()
	want, err := policy.ParseWant(wish)
	if err != nil {
		t.Fatal(err)
	}
	return want.Met(d)
}

// The policy by which the manual introduces the language uses each sort of word.
func TestThePolicyOfTheManualDecides(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(string(read(t, "README.md")), "```yaml\n")
	text, _, _ := strings.Cut(rest, "```")
	p := parse(t, []byte(text))
	want := []string{"capacity", "from", "in_stock", "listed_order", "most_stock", "pickup_point", "priority", "ships_to_country"}
	if got := p.Words(); !slices.Equal(got, want) {
		t.Errorf("Words: got %v, want %v", got, want)
	}
	facts := factsOfParis
	facts.PickupPoint = policy.Fact[bool]{}
	facts.Lines = policy.Known([]policy.Line{{SKU: "MUG", Quantity: 2}})
	facts.Candidates = map[string]policy.Candidate{}
	for name, available := range map[string]int{"lyon-warehouse": 5, "lille-warehouse": 50} {
		facts.Candidates[name] = policy.Candidate{
			ID: "loc-" + name, Slug: name, Active: policy.Known(true), Type: policy.Known("WAREHOUSE"), Integration: policy.Known("ACTIVE"),
			Stock: map[string]policy.Stock{"MUG": {Available: available, Known: true}}, Used: policy.Known(policy.Used{Hour: 499}),
		}
	}
	d := p.Decide(facts)
	if got, want := d.String(), "reassign lille-warehouse lyon-warehouse"; got != want {
		t.Errorf("Decide: got %q, want %q\n%s", got, want, strings.Join(d.Explain(), "\n"))
	}
	if d.Capacity == nil || *d.Capacity != (policy.Capacity{PerHour: 500}) {
		t.Errorf("Capacity: got %v, want 500 an hour", d.Capacity)
	}
}
