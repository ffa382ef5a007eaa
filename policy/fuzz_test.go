package policy_test

import (
	"maps"
	"slices"
	"testing"

	"happycolis-reassigner/policy"
)

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

// FuzzParseFacts: any bytes give facts on which a policy decides, or problems.
func FuzzParseFacts(f *testing.F) {
	f.Add([]byte(factsFile))
	f.Add([]byte("from: paris\ncandidates: {lyon: {stock: {MUG: {age: 1h}}, used: {hour: 1}}}\n"))
	f.Add([]byte("from: 7\nlines: [{quantity: -1}]\n"))
	p := parse(f, read(f, "testdata/working_everything.yaml"))
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := policy.ParseFacts(data)
		if err != nil {
			if len(err.Error()) == 0 {
				t.Error("ParseFacts refuses without a word")
			}
			return
		}
		if problem := misshapen(p.Decide(facts)); problem != "" {
			t.Errorf("decision on facts that were accepted: %s", problem)
		}
	})
}
