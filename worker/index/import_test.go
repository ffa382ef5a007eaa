package index_test

import (
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
)

var importing = []story{
	{"an import goes on where it ended, each list by itself", importResumes},
	{"an index that was imported as a whole is not short", importFinished},
}

func importResumes(t *testing.T, s *store) {
	wantImported := func(list string, want int) {
		t.Helper()
		got, err := s.Imported(t.Context(), s.org, list)
		must(t, err)
		if got != want {
			t.Errorf("%d lines of %s are imported, want %d", got, list, want)
		}
	}
	wantImported("list_1", 0)
	must(t, s.Advance(t.Context(), s.org, "list_1", 100))
	must(t, s.Advance(t.Context(), s.org, "list_1", 250))
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
	if !a.Imported.Equal(noon) || !a.Since.Equal(noon) || a.Short(noon.Add(time.Second)) {
		t.Errorf("age is %+v, short %t, want it imported at noon and not short", a, a.Short(noon.Add(time.Second)))
	}
	must(t, s.See(t.Context(), s.org, "m", noon))
	must(t, s.FinishImport(t.Context(), s.org, noon.Add(time.Hour)))
	if a := ageOf(t, s); !a.Since.Equal(noon) || !a.Imported.Equal(noon.Add(time.Hour)) {
		t.Errorf("after another import it listens since %s and was imported at %s", a.Since, a.Imported)
	}
}
