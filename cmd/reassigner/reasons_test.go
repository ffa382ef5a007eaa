package main

import (
	"testing"

	"happycolis-reassigner/worker/journal"
)

func TestEveryReasonIsExplained(t *testing.T) {
	t.Parallel()
	all := append(journal.PersonReasons(), journal.LeftReasons()...)
	for _, reason := range all {
		if meanings[reason] == "" {
			t.Errorf("%s is not explained", reason)
		}
	}
	if got, want := len(meanings), len(all); got != want {
		t.Errorf("%d reasons are explained, want %d", got, want)
	}
}
