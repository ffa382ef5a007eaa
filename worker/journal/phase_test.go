package journal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

func TestPhase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		intended, confirmed, sent bool
		want                      journal.Phase
		began, released           bool
	}{
		{false, false, false, journal.NotReleased, false, false},
		{true, false, false, journal.ReleaseBegun, true, false},
		{true, true, false, journal.ReleaseConfirmed, true, true},
		{true, true, true, journal.ReplacementSent, true, true},
		{true, false, true, journal.SentBeforeConfirmed, true, false},
		{false, false, true, journal.SentWithoutRelease, false, false},
		{false, true, false, journal.ReleaseConfirmed, true, true}, // an operator proceeded after the intended one was over
		{false, true, true, journal.ReplacementSent, true, true},
	} {
		at := map[bool]time.Time{true: then}
		r := &journal.Reassignment{Release: journal.Release{IntendedAt: at[c.intended], ConfirmedAt: at[c.confirmed]}, Replacement: journal.Replacement{SentAt: at[c.sent]}}
		if got := r.Phase(); got != c.want {
			t.Errorf("intended %t, confirmed %t, sent %t: %s, want %s", c.intended, c.confirmed, c.sent, got, c.want)
		}
		if r.ReleaseBegan() != c.began || r.Released() != c.released || r.Sent() != c.sent {
			t.Errorf("%s: began %t, released %t, sent %t", r.Phase(), r.ReleaseBegan(), r.Released(), r.Sent())
		}
	}
}

// derived is a question that Phase answers.
var derived = regexp.MustCompile(`(Release\.(IntendedAt|ConfirmedAt)|Replacement\.SentAt)\.IsZero\(\)`)

// TestOnlyPhaseAsksHowFarARelease is: elsewhere somebody asks for a time alone, and forgets the other two.
func TestOnlyPhaseAsksHowFarAReleaseIs(t *testing.T) {
	t.Parallel()
	read := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "phase.go" {
			return err
		}
		text, err := os.ReadFile(path)
		if read++; derived.Match(text) {
			t.Errorf("%s asks for %s: ask the record's Phase", path, derived.Find(text))
		}
		return err
	})
	if err != nil || read < 100 {
		t.Fatalf("%d files of code were found: %v", read, err)
	}
}
