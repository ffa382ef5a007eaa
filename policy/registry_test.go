package policy_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/policy"
)

// The examples are for people, the one under testdata for the reader.
//
// A new word is one file and one line in registry.go. This test tells what else it needs.
func TestEachWordHasAFileACaseAHeadingAndAnExample(t *testing.T) {
	t.Parallel()
	manual := string(read(t, "README.md"))
	examples := string(read(t, "../policy.example.yaml")) + string(read(t, "testdata/working_everything.yaml"))
	for _, path := range glob(t, "examples/*.yaml") {
		examples += string(read(t, path))
	}
	examples = regexp.MustCompile(`#.*`).ReplaceAllString(examples, "")
	for sort, words := range policy.Words() {
		if len(words) == 0 || !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) != len(words) {
			t.Errorf("every %s in registry.go must be there once, sorted: %v", sort, words)
		}
		for _, word := range words {
			t.Run(sort+" "+word, func(t *testing.T) {
				t.Parallel()
				if _, err := os.Stat(fmt.Sprintf("%s_%s.go", sort, word)); err != nil {
					t.Errorf("a word has a file of its own: %v", err)
				}
				if heading := fmt.Sprintf("\n### `%s`\n", word); !strings.Contains(manual, heading) {
					t.Errorf("README.md lacks the heading %q", strings.TrimSpace(heading))
				}
				used := regexp.MustCompile(`[ \[{]` + word + `[:,\]\n]`)
				if !used.MatchString(examples) {
					t.Error("no example uses it: neither ../policy.example.yaml nor examples/ nor testdata/working_everything.yaml")
				}
				want := []policy.Verdict{policy.Holds, policy.Fails, policy.Unknown}
				if sort == "rating" {
					want = []policy.Verdict{policy.Rated}
				}
				if word == "in_stock_if_known" { // it admits what is unknown: it has no third answer
					want = want[:2]
				}
				path := fmt.Sprintf("testdata/decide/%s_%s.yaml", sort, word)
				got := verdicts(t, path, word)
				for _, verdict := range want {
					if !slices.Contains(got, verdict) {
						t.Errorf("no case in %s gives it the verdict %q", path, verdict)
					}
				}
			})
		}
	}
}

// Fences that are always on have no line in the registry, but a row in the manual.
func TestEachFenceThatIsAlwaysOnIsInTheManual(t *testing.T) {
	t.Parallel()
	called, refused := policy.AlwaysOnWords()
	if diff := cmp.Diff(called, refused); diff != "" {
		t.Errorf("words of the fences and words refused under must (-called +refused):\n%s", diff)
	}
	manual := string(read(t, "README.md"))
	for _, word := range called {
		if row := fmt.Sprintf("\n| `%s` |", word); !strings.Contains(manual, row) {
			t.Errorf("README.md lacks the row %q", strings.TrimSpace(row))
		}
	}
}

// verdicts are those that the cases of a file give to a word.
func verdicts(t *testing.T, path, word string) []policy.Verdict {
	t.Helper()
	file := readCases(t, path)
	p := parse(t, []byte(file.Policy))
	var got []policy.Verdict
	for _, c := range file.Cases {
		for _, check := range checks(p.Decide(c.Facts.facts())) {
			if check.Word == word {
				got = append(got, check.Verdict)
			}
		}
	}
	return got
}
