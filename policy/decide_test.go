package policy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/policy"
)

// Each testdata/decide/*.yaml is a policy with the decisions it must come to.
func TestDecide(t *testing.T) {
	t.Parallel()
	for _, path := range glob(t, "testdata/decide/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			file := readCases(t, path)
			p := parse(t, []byte(file.Policy))
			for _, c := range file.Cases {
				t.Run(c.Name, func(t *testing.T) { c.test(t, p) })
			}
		})
	}
}

// caseFile is what stands in a file of decision cases.
type caseFile struct {
	Policy string
	Cases  []decisionCase
}

type decisionCase struct {
	Name  string
	Facts factsCase
	Want  wantCase
	// Seen is by word what the first check of that word saw, wherever it is in the trace.
	Seen map[string]string
	// Verdicts are those of the rules looked at, in order, if they matter.
	Verdicts []policy.Verdict
}

type wantCase struct {
	Outcome      policy.Outcome
	Reason, Rule string
	Candidates   []string // ids
}

func (c decisionCase) test(t *testing.T, p *policy.Policy) {
	d := p.Decide(c.Facts.facts())
	got := wantCase{Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule}
	for _, candidate := range d.Candidates {
		got.Candidates = append(got.Candidates, candidate.ID)
	}
	if diff := cmp.Diff(c.Want, got); diff != "" {
		t.Errorf("decision (-want +got):\n%s\n%s", diff, strings.Join(d.Explain(), "\n"))
	}
	seen := map[string]string{}
	for _, check := range slices.Backward(checks(d)) {
		seen[check.Word] = check.Seen
	}
	for _, word := range slices.Sorted(maps.Keys(c.Seen)) {
		if got, want := seen[word], c.Seen[word]; got != want {
			t.Errorf("%s: saw %q, want %q", word, got, want)
		}
	}
	var verdicts []policy.Verdict
	for _, rule := range d.Trace {
		verdicts = append(verdicts, rule.Verdict)
	}
	if diff := cmp.Diff(c.Verdicts, verdicts); c.Verdicts != nil && diff != "" {
		t.Errorf("verdicts of the rules (-want +got):\n%s", diff)
	}
	var again policy.Decision
	data, err := json.Marshal(d)
	if err == nil {
		err = json.Unmarshal(data, &again)
	}
	if diff := cmp.Diff(d, again); err != nil || diff != "" {
		t.Errorf("after a round trip through JSON: %v (-want +got):\n%s", err, diff)
	}
}

// checks are all checks of a decision, in the order of the trace.
func checks(d policy.Decision) []policy.Check {
	var all []policy.Check
	for _, rule := range d.Trace {
		all = append(all, rule.Checks...)
		for _, candidate := range rule.Candidates {
			all = append(all, candidate.Checks...)
		}
	}
	return all
}

// factsCase are facts as a case writes them: what is left out is unknown.
type factsCase struct {
	From              string
	FromID            string `yaml:"from_id"`
	Priority, Country *string
	PickupPoint       *bool `yaml:"pickup_point"`
	Candidates        map[string]struct {
		ID, Slug          string
		Active            *bool
		Type, Integration *string
		UnderIncident     bool `yaml:"under_incident"`
		Tried             bool
		Allowed           []string `yaml:"allowed_countries"`
		Excluded          []string `yaml:"excluded_countries"`
	}
}

func (c factsCase) facts() policy.Facts {
	f := policy.Facts{
		DeliveryOrder: "do-1", From: c.From, FromID: c.FromID, Priority: fact(c.Priority), Country: fact(c.Country),
		PickupPoint: fact(c.PickupPoint), Candidates: map[string]policy.Candidate{},
	}
	for name, l := range c.Candidates {
		f.Candidates[name] = policy.Candidate{
			ID: l.ID, Slug: l.Slug, Active: fact(l.Active), Type: fact(l.Type), Integration: fact(l.Integration),
			UnderIncident: l.UnderIncident, Tried: l.Tried, AllowedCountries: l.Allowed, ExcludedCountries: l.Excluded,
		}
	}
	return f
}

func fact[T any](value *T) policy.Fact[T] {
	if value == nil {
		return policy.Fact[T]{}
	}
	return policy.Known(*value)
}

func readCases(t *testing.T, path string) caseFile {
	t.Helper()
	var file caseFile
	if err := yaml.UnmarshalWithOptions(read(t, path), &file, yaml.Strict()); err != nil {
		t.Fatalf("reading cases: %v", err)
	}
	if len(file.Cases) == 0 {
		t.Fatalf("%s has no cases", path)
	}
	return file
}

func TestDecideKeepsItsTraceSmall(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10 // bytes in Redis for one order, of the largest sensible policy
	var b strings.Builder
	b.WriteString("version: 1\ndefault: needs_person\nrules:\n")
	for i := range 200 {
		names := strings.Repeat("another-warehouse-of-ours-%[1]d-X, ", 50)
		for n := range 50 {
			names = strings.Replace(names, "X", fmt.Sprint(n), 1)
		}
		fmt.Fprintf(&b, "  - {name: the warehouse of region %[1]d stays, when: {from: ["+names+"]}, then: leave}\n", i)
	}
	p := parse(t, []byte(b.String()))
	data, err := json.Marshal(p.Decide(policy.Facts{From: "paris-warehouse", FromID: "loc-paris"}))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte("and 46 more")) || len(data) > limit {
		t.Errorf("the decision has %d bytes, want at most %d, and long lists shortened", len(data), limit)
	}
}

func TestDecisionsAreNotSharedBetweenCallers(t *testing.T) {
	t.Parallel()
	p := parse(t, read(t, "testdata/working_everything.yaml"))
	p.Names()[0] = "changed"
	p.Needs(factsOfParis)[0] = "changed"
	if got, want := p.Names()[0], "123"; got != want {
		t.Errorf("Names: got %q first, want %q", got, want)
	}
	if got, want := p.Needs(factsOfParis)[0], "lyon-warehouse"; got != want {
		t.Errorf("Needs: got %q first, want %q", got, want)
	}
}
