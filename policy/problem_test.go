package policy_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // of a machine without zones

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/policy"
)

// sources are what the policies of the tests may ask for.
var sources = policy.Sources{Zone: func(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, errors.New("the zone of the machine")
	}
	return time.LoadLocation(name)
}}

// Each testdata/busted_<mistake>.yaml has its messages beside it, in a .txt file.
func TestParseTellsEveryMistakeWithItsPlace(t *testing.T) {
	t.Parallel()
	for _, path := range glob(t, "testdata/busted_*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			want := read(t, strings.TrimSuffix(path, ".yaml")+".txt")
			_, err := sources.Parse(read(t, path))
			if err == nil {
				t.Fatalf("Parse accepts it; want:\n%s", want)
			}
			if diff := cmp.Diff(string(want), err.Error()+"\n"); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseAcceptsWhatTheManualAllows(t *testing.T) {
	t.Parallel()
	for _, path := range append(glob(t, "testdata/working_*.yaml"), "../policy.example.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			if _, err := sources.Parse(read(t, path)); err != nil {
				t.Errorf("Parse: %v", err)
			}
		})
	}
}

func TestParseAcceptsAFileFromWindows(t *testing.T) {
	t.Parallel()
	unix := read(t, "testdata/working_everything.yaml")
	windows := "\ufeff" + strings.ReplaceAll(string(unix), "\n", "\r\n")
	p, err := sources.Parse([]byte(windows))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	if diff := cmp.Diff(parse(t, unix).Names(), p.Names()); diff != "" {
		t.Errorf("names differ from those of the same file with Unix line ends (-want +got):\n%s", diff)
	}
}

// hostile are files that no person writes. Each must be refused soon, with this message last.
var hostile = map[string]struct{ text, want string }{
	"a megabyte and a byte":     {strings.Repeat("#", 1<<20+1), "1:1: the file has 1048577 bytes; a policy may have 1048576"},
	"not text":                  {"version: \xff\xfe", "1:1: the file is not UTF-8 text"},
	"too many words":            {strings.Repeat("- a\n", 60_000), "30001:1: the file has more than 60000 words and marks"},
	"open brackets":             {strings.Repeat("[", 1<<20), "1:60001: the file has more than 60000 words and marks"},
	"deep brackets":             {strings.Repeat("[", 1_000) + strings.Repeat("]", 1_000), "1:33: lists and mappings are nested deeper than 32"},
	"deep mappings in brackets": {strings.Repeat("{a: ", 1_000), "1:129: lists and mappings are nested deeper than 32"},
	"deep dashes":               {strings.Repeat("- ", 1_000), "1:65: lists and mappings are nested deeper than 32"},
	"deep question marks":       {strings.Repeat("? ", 1_000), "1:65: lists and mappings are nested deeper than 32"},
	"deep stairs":               {stairs(1_000), "33:34: lists and mappings are nested deeper than 32"},
}

func TestParseRefusesWhatCouldExhaustIt(t *testing.T) {
	t.Parallel()
	const patience = 20 * time.Second // the race detector and a busy machine included
	for name, file := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, err := policy.Parse([]byte(file.text))
			if took := time.Since(start); took > patience {
				t.Errorf("Parse took %v, want less than %v", took, patience)
			}
			if got := fmt.Sprint(err); !strings.HasSuffix(got, file.want) {
				t.Errorf("Parse: got %q, want it to end with %q", got, file.want)
			}
		})
	}
}

// Limits are tested from both sides: the last that is allowed, the first that is not.
func TestParseKeepsItsLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 200)
	tests := map[string]struct{ text, want string }{
		"200 rules":                    {withRules(200), "<nil>"},
		"201 rules":                    {withRules(201), "203:5: the policy has 201 rules; the limit is 200"},
		"50 candidates":                {withCandidates(50), "<nil>"},
		"51 candidates":                {withCandidates(51), "candidates has 51 entries; the limit is 50"},
		"a name of 200 characters":     {named(long), "<nil>"},
		"a name of 201 characters":     {named(long + "é"), "3:12: the name of a rule has 201 characters; the limit is 200"},
		"a rule set of the whole size": {withRules(200) + strings.Repeat("#\n", 10_000), "<nil>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Parse([]byte(test.text))
			if got := fmt.Sprint(err); !strings.HasSuffix(got, test.want) {
				t.Errorf("Parse: got %q, want it to end with %q", got, test.want)
			}
		})
	}
}

func TestProblemsAreCountedWhenThereAreTooManyToRead(t *testing.T) {
	t.Parallel()
	_, err := policy.Parse([]byte("version: 1\ndefault: leave\nrules:\n" + strings.Repeat("- x\n", 150)))
	var problems policy.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("Parse: got %T, want Problems", err)
	}
	if got, want := len(problems), 101; got != want {
		t.Fatalf("got %d problems, want %d", got, want)
	}
	want := policy.Problem{Line: 104, Column: 3, Message: "50 more problems from here on are not shown"}
	if diff := cmp.Diff(want, problems[100]); diff != "" {
		t.Errorf("last problem (-want +got):\n%s", diff)
	}
}

func stairs(steps int) string {
	var b strings.Builder
	for i := range steps {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func withRules(n int) string {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {name: rule %d, when: {from: [location-%d]}, then: leave}\n", i, i)
	}
	return b.String() + "default: leave\n"
}

func withCandidates(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("location-%d", i)
	}
	return "version: 1\nrules:\n  - {name: many, when: {}, then: {reassign: {candidates: [" + strings.Join(names, ", ") + "]}}}\ndefault: leave\n"
}

func named(name string) string {
	return "version: 1\nrules:\n  - {name: " + name + ", when: {}, then: leave}\ndefault: leave\n"
}

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files for %s: %v", pattern, err)
	}
	return paths
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t testing.TB, data []byte) *policy.Policy {
	t.Helper()
	p, err := sources.Parse(data)
	if err != nil {
		t.Fatalf("Parse:\n%v\n%s", err, data)
	}
	return p
}
