package index_test

import (
	"slices"
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
)

var importing = []story{
	{"an import goes on where it ended, each list by itself", importResumes},
	{"an import remembers which lines failed, until they are asked for again", importRemembersFailures},
	{"an index that was imported as a whole is not short", importFinished},
}

func importResumes(t *testing.T, s *store) {
	wantImported := func(list string, want int) {
		t.Helper()
		got, err := s.ImportProgress(t.Context(), s.org, list)
		must(t, err)
		if got != want {
			t.Errorf("%d lines of %s are imported, want %d", got, list, want)
		}
	}
	wantImported("list_1", 0)
	must(t, s.RecordProgress(t.Context(), s.org, "list_1", 100))
	must(t, s.RecordProgress(t.Context(), s.org, "list_1", 250))
	wantImported("list_1", 250)
	wantImported("list_2", 0)
	left, err := s.rdb.TTL(t.Context(), index.ImportedKey(s.org, "list_1")).Result()
	must(t, err)
	if left <= 0 || left > 7*24*time.Hour {
		t.Errorf("progress is kept for %s, want some days", left)
	}
}

func importFinished(t *testing.T, s *store) {
	must(t, s.FinishImport(t.Context(), s.org, noon))
	a := ageOf(t, s)
	if !a.Imported.Equal(noon) || !a.Since.Equal(noon) || a.IsIncomplete(noon.Add(time.Second)) {
		t.Errorf("age is %+v, short %t, want it imported at noon and not short", a, a.IsIncomplete(noon.Add(time.Second)))
	}
	must(t, s.MarkSeen(t.Context(), s.org, "m", noon))
	must(t, s.FinishImport(t.Context(), s.org, noon.Add(time.Hour)))
	if a := ageOf(t, s); !a.Since.Equal(noon) || !a.Imported.Equal(noon.Add(time.Hour)) {
		t.Errorf("after another import it listens since %s and was imported at %s", a.Since, a.Imported)
	}
}

func importRemembersFailures(t *testing.T, s *store) {
	note := func(a index.ImportResult, wantFailed, wantSkipped int, want ...int) {
		t.Helper()
		failed, skipped, err := s.RecordResult(t.Context(), s.org, "list_1", a)
		must(t, err)
		lines, err := s.FailedLines(t.Context(), s.org, "list_1")
		must(t, err)
		if failed != wantFailed || skipped != wantSkipped || !slices.Equal(lines, want) {
			t.Errorf("after %+v: %d failed (%v), %d skipped; want %d (%v), %d", a, failed, lines, skipped, wantFailed, want, wantSkipped)
		}
	}
	note(index.ImportResult{FromStart: true, Lines: []int{0, 1, 2, 3}, Failed: []int{3, 1}, Skipped: 1}, 2, 1, 1, 3)
	note(index.ImportResult{Lines: []int{4, 5}, Failed: []int{5}, Skipped: 1}, 3, 2, 1, 3, 5)
	note(index.ImportResult{Lines: []int{1, 3, 5}, Failed: []int{3}}, 1, 2, 3)
	if lines, err := s.FailedLines(t.Context(), s.org, "list_2"); err != nil || len(lines) > 0 {
		t.Errorf("another list has %v, %v", lines, err)
	}
	note(index.ImportResult{FromStart: true, Lines: []int{0}}, 0, 0)
}
