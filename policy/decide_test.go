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
	Wait         bool
	Suspects     bool
}

func (c decisionCase) test(t *testing.T, p *policy.Policy) {
	d := p.Decide(c.Facts.facts())
	got := wantCase{Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule, Wait: d.Wait, Suspects: d.Suspects}
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

func TestDecideKeepsItsTraceSmallWhereWordsContainWords(t *testing.T) {
	t.Parallel()
	const limit = 2 << 10 // bytes of the trace of one rule
	sku := `sku: ["` + strings.Repeat("A", 190) + `1", "` + strings.Repeat("A", 190) + `2"]`
	entries := strings.Repeat("{not: {any: [{"+sku+"}, {not: {country: [FR], "+sku+"}}]}}, ", 40)
	p := parse(t, []byte("version: 1\ndefault: leave\nrules:\n  - {name: deep, when: {any: ["+entries+"]}, then: leave}\n"))
	facts := factsOfParis
	for n := range 50 {
		facts.Lines = policy.Known(append(facts.Lines.Value, policy.Line{SKU: strings.Repeat("B", 200) + fmt.Sprint(n), Quantity: 1}))
	}
	for name, f := range map[string]policy.Facts{"known": facts, "unknown": {}} {
		d := p.Decide(f)
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > limit || len(d.Trace[0].Checks) != 1 {
			t.Errorf("with facts that are %s, the decision has %d bytes, want at most %d", name, len(data), limit)
		}
	}
}

func TestTheCapacityOfTheRuleIsToldWheneverItReassigns(t *testing.T) {
	t.Parallel()
	p := parse(t, []byte(`
version: 1
rules:
  - name: low priority stays
    when: {priority: [LOW]}
    then: leave
  - name: urgent ones are not counted
    when: {priority: [HIGH]}
    then: {reassign: {candidates: [lyon]}}
  - name: the others are
    when: {}
    then: {reassign: {candidates: [lyon], must: [{capacity: {per_hour: 5, per_day: 20}}]}}
default: leave
`))
	for priority, want := range map[string]*policy.Capacity{"LOW": nil, "HIGH": nil, "NORMAL": {PerHour: 5, PerDay: 20}} {
		got := p.Decide(policy.Facts{Priority: policy.Known(priority)}).Capacity
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("priority %s: capacity (-want +got):\n%s", priority, diff)
		}
	}
}

func TestDecisionsAreNotSharedBetweenCallers(t *testing.T) {
	t.Parallel()
	p := parse(t, read(t, "testdata/working_everything.yaml"))
	p.Names()[0] = "changed"
	p.Words()[0] = "changed"
	p.Needs(factsOfParis)[0] = "changed"
	if got, want := p.Names()[0], "123"; got != want {
		t.Errorf("Names: got %q first, want %q", got, want)
	}
	if got, want := p.Words()[0], "any"; got != want {
		t.Errorf("Words: got %q first, want %q", got, want)
	}
	if got, want := p.Needs(factsOfParis)[0], "lyon-warehouse"; got != want {
		t.Errorf("Needs: got %q first, want %q", got, want)
	}
}
