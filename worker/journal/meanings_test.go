package journal

import "testing"

func TestEveryReasonIsExplained(t *testing.T) {
	t.Parallel()
	all := append(PersonReasons(), LeftReasons()...)
	for _, reason := range all {
		if reason.Meaning() == "" {
			t.Errorf("%s is not explained", reason)
		}
	}
	if got, want := len(meanings), len(all); got != want {
		t.Errorf("%d reasons are explained, want %d", got, want)
	}
}
