package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheCheckTellsWhatIsWrongWithEveryFile has an unset variable, a policy that is not there, one that is named by an unset
// variable, and one with a mistake in it.
func TestTheCheckTellsWhatIsWrongWithEveryFile(t *testing.T) {
	t.Parallel()
	_, err := Check("testdata/check/several_mistakes.yaml", environment("SECRET", "s"))
	if err == nil {
		t.Fatal("it was accepted")
	}
	want := `testdata/check/several_mistakes.yaml:4:48: organizations[0].client_secret: the environment variable UNSET is not set; set it
testdata/check/several_mistakes.yaml:5:69: organizations[1].policy: testdata/check/missing.yaml cannot be read: no such file or directory
testdata/check/several_mistakes.yaml:6:69: organizations[2].policy: the environment variable UNSET is not set; set it
testdata/check/policy.yaml:2:1: unknown key "rulez" in the policy (did you mean "rules"?); known: version, groups, rules, default`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
