package journal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

var replacing = []story{
	{"the replacement is stored as a list of one, and none as none", storedAsList},
	{"a record with two replacements is a person's, and is not written over", twoReplacements},
}

func storedAsList(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	stored := func() (list []map[string]any) {
		t.Helper()
		var body struct{ Replacements []map[string]any }
		text, err := s.rdb.HGet(t.Context(), journal.RecordKey(s.org, r.Identity.ID), "body").Result()
		must(t, err)
		must(t, json.Unmarshal([]byte(text), &body))
		return body.Replacements
	}
	if got := stored(); len(got) != 0 {
		t.Errorf("stored are %v, want none", got)
	}
	r.Replacement.ID, r.Replacement.Past = "new of do_1", []string{"former"}
	must(t, s.Save(t.Context(), r, then))
	if got := stored(); len(got) != 1 || got[0]["id"] != "new of do_1" {
		t.Errorf("stored are %v, want a list of one", got)
	}
	got, err := s.Get(t.Context(), s.org, r.Identity.ID)
	must(t, err)
	if diff := cmp.Diff(r.Replacement, got.Replacement); diff != "" {
		t.Errorf("replacement (-want +got):\n%s", diff)
	}
}

func twoReplacements(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	r.Replacement.ID = "new of do_1"
	must(t, s.Save(t.Context(), r, then))
	key := journal.RecordKey(s.org, r.Identity.ID)
	body, err := s.rdb.HGet(t.Context(), key, "body").Result()
	must(t, err)
	body = strings.Replace(body, `"replacements":[{`, `"replacements":[{"id":"another"},{`, 1)
	must(t, s.rdb.HSet(t.Context(), key, "body", body).Err())
	_, err = s.Get(t.Context(), s.org, r.Identity.ID)
	wantError(t, err, journal.ErrCorrupt)
	wantCounts(t, s, map[journal.State]int{journal.NeedsPerson: 1})
	for row, err := range s.Rows(t.Context(), s.org, "inc_1") {
		must(t, err)
		if row.State != journal.NeedsPerson || row.Reason != journal.JournalCorrupt || row.Replacement.ID != "" {
			t.Errorf("it is listed as %s %s with %q", row.State, row.Reason, row.Replacement.ID)
		}
		wantError(t, s.Save(t.Context(), row, then), journal.ErrCorrupt)
	}
	if got, err := s.rdb.HGet(t.Context(), key, "body").Result(); err != nil || got != body {
		t.Errorf("%v: stored is %s, want it untouched", err, got)
	}
}
