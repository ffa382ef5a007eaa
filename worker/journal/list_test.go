package journal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

var listing = []story{
	{"rows come page by page, each once, in the order of their ids", rowsInPages},
	{"listing ends where its reader ends", rowsCutShort},
	{"a record that cannot be read is listed for a person", rowsCorrupt},
	{"a record that vanished is listed for a person", rowsVanished},
	{"a record that cannot be read counts as a person's once it was met, and until it is left", corruptIsCounted},
	{"what was never enrolled is not counted", strangersAreNotCounted},
	{"a record that is written anew after it was read as corrupt counts as it is", healedIsCounted},
	{"nothing but a person's leave is written over a record that cannot be read", corruptIsKept},
	{"a record of a newer release is left untouched", newerIsKept},
	{"a history keeps its latest entries", historyBounded},
}

func rowsInPages(t *testing.T, s *store) {
	const rows = 2*journal.ListPage + 50
	var want []string
	for i := range rows {
		want = append(want, s.enroll(t, fmt.Sprintf("do_%04d", i)).Identity.ID)
	}
	must(t, s.rdb.Del(t.Context(), journal.CountsKey(s.org, "inc_2")).Err()) // another incident has none of them
	var got []string
	for r, err := range s.Rows(t.Context(), s.org, "inc_1") {
		must(t, err)
		if r.Version != 1 || r.State != journal.Pending {
			t.Errorf("%s is listed as %s at version %d", r.Identity.ID, r.State, r.Version)
		}
		got = append(got, r.Identity.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for r, err := range s.Rows(t.Context(), s.org, "inc_2") {
		t.Errorf("another incident lists %v, %v", r, err)
	}
	wantCounts(t, s, map[journal.State]int{journal.Pending: rows})
}

func rowsCutShort(t *testing.T, s *store) {
	for i := range 3 {
		s.enroll(t, fmt.Sprint("do_", i))
	}
	n := 0
	for range s.Rows(t.Context(), s.org, "inc_1") {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d rows were read, want 2", n)
	}
}

func rowsCorrupt(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	s.enroll(t, "do_2")
	for _, field := range []string{"body", "version"} {
		must(t, s.rdb.HSet(t.Context(), journal.RecordKey(s.org, r.Identity.ID), field, "{").Err())
		_, err := s.Get(t.Context(), s.org, r.Identity.ID)
		wantError(t, err, journal.ErrCorrupt)
		_, err = s.Claim(t.Context(), s.org, r.Identity.ID, 1, then)
		wantError(t, err, journal.ErrCorrupt)
		wantRemains(t, s)
	}
}

func rowsVanished(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	s.enroll(t, "do_2")
	must(t, s.rdb.Del(t.Context(), journal.RecordKey(s.org, r.Identity.ID)).Err())
	wantRemains(t, s)
}

// wantRemains wants the rows of inc_1 to be what is left of do_1, and do_2 as it was.
func wantRemains(t *testing.T, s *store) {
	t.Helper()
	var got []journal.Reassignment
	for r, err := range s.Rows(t.Context(), s.org, "inc_1") {
		must(t, err)
		r.Version = 0
		got = append(got, *r)
	}
	if len(got) != 2 || got[1].State != journal.Pending {
		t.Fatalf("rows are %+v, want do_1 and do_2", got)
	}
	want := journal.Reassignment{Identity: journal.Identity{ID: "inc_1/do_1", Organization: s.org, Incident: "inc_1", DeliveryOrder: "do_1", Root: "do_1"},
		State:  journal.NeedsPerson,
		Reason: journal.JournalCorrupt}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("remains (-want +got):\n%s", diff)
	}
}

func corruptIsKept(t *testing.T, s *store) {
	id := s.enroll(t, "do_1").Identity.ID
	must(t, s.rdb.HSet(t.Context(), journal.RecordKey(s.org, id), "body", "{").Err())
	row := func() *journal.Reassignment {
		for r, err := range s.Rows(t.Context(), s.org, "inc_1") {
			must(t, err)
			return r
		}
		t.Fatal("no row")
		return nil
	}
	recovered := row()
	recovered.State, recovered.Reason = journal.Left, journal.Recovered
	wantError(t, s.toRest(t, recovered), journal.ErrObsolete)
	retried := row()
	retried.State, retried.Reason = journal.Pending, ""
	wantError(t, s.Requeue(t.Context(), retried, then), journal.ErrCorrupt)
	wantOwner(t, s, "do_1", "", "do_1")
	wantCounts(t, s, map[journal.State]int{journal.NeedsPerson: 1})

	left, err := s.GetOrStub(t.Context(), s.org, id)
	must(t, err)
	if diff := cmp.Diff(row(), left); diff != "" {
		t.Errorf("read alone it is another than in the list (-list +alone):\n%s", diff)
	}
	left.State, left.Reason = journal.Left, journal.ByPerson
	must(t, s.toRest(t, left))
	if got := s.stored(t, id); got.State != journal.Left || got.SchemaVersion != journal.SchemaVersion {
		t.Errorf("after a person's leave it is %s with shape %d", got.State, got.SchemaVersion)
	}
	wantCounts(t, s, map[journal.State]int{journal.Left: 1})
	wantOwner(t, s, "do_1", "", "do_1")
}

// corruptIsCounted breaks one record of every state in every way, and has each way to read it be the first that meets it.
func corruptIsCounted(t *testing.T, s *store) {
	breaks := map[string]func(key string) error{
		"body":    func(key string) error { return s.rdb.HSet(t.Context(), key, "body", "{").Err() },
		"version": func(key string) error { return s.rdb.HSet(t.Context(), key, "version", "one").Err() },
		"record":  func(key string) error { return s.rdb.Del(t.Context(), key).Err() },
	}
	meets := map[string]func(incident, id string) error{
		"get": func(_, id string) error { _, err := s.Get(t.Context(), s.org, id); return err },
		"rows": func(incident, _ string) error {
			for _, err := range s.Rows(t.Context(), s.org, incident) {
				must(t, err)
			}
			return nil
		},
		"group": func(incident, _ string) error {
			for _, state := range journal.States() {
				_, _, err := s.GroupPage(t.Context(), s.org, incident, state, "", "", 100)
				must(t, err)
			}
			return nil
		},
	}
	ends := map[journal.State]journal.Reason{journal.Pending: "", journal.Reassigned: "", journal.Left: journal.Gone, journal.NeedsPerson: journal.CancelRefused}
	for how, spoil := range breaks {
		for by, meet := range meets {
			for state, reason := range ends {
				incident := fmt.Sprint("inc_", how, "_", by, "_", state)
				r := s.draft(incident, "do_"+incident)
				_, _, err := s.Enroll(t.Context(), r)
				must(t, err)
				if state != journal.Pending {
					r.Decision.To, r.Reason = "lyon-warehouse", reason
					s.rest(t, r, state)
				}
				must(t, spoil(journal.RecordKey(s.org, r.Identity.ID)))
				for range 2 { // it counts once
					if err := meet(incident, r.Identity.ID); err != nil && !errors.Is(err, journal.ErrCorrupt) && !errors.Is(err, journal.ErrNotFound) {
						t.Fatal(err)
					}
					wantTally(t, s, incident, journal.NeedsPerson, journal.JournalCorrupt)
				}
				rows, _, err := s.GroupPage(t.Context(), s.org, incident, journal.NeedsPerson, journal.JournalCorrupt, "", 2)
				must(t, err)
				if len(rows) != 1 {
					t.Fatalf("%s: %d rows are listed as journal_corrupt, want 1", incident, len(rows))
				}
				rows[0].Reason = journal.ByPerson
				s.rest(t, rows[0], journal.Left)
				wantTally(t, s, incident, journal.Left, journal.ByPerson)
				other := s.draft(incident, "do_other_"+incident)
				_, _, err = s.Enroll(t.Context(), other)
				must(t, err)
				other.Decision.To = "lyon-warehouse"
				s.rest(t, other, journal.Reassigned)
				if tally, err := s.Tally(t.Context(), s.org, incident); err != nil || tally.Targets["lyon-warehouse"] != 1 {
					t.Errorf("%s: one more was moved, and those moved are %v, %v", incident, tally.Targets, err)
				}
			}
		}
	}
}

// strangersAreNotCounted asks for what was never enrolled, as somebody does who mistypes an id.
func strangersAreNotCounted(t *testing.T, s *store) {
	s.enroll(t, "do_1")
	for _, read := range []func(context.Context, string, string) (*journal.Reassignment, error){s.Get, s.GetOrStub} {
		_, err := read(t.Context(), s.org, "inc_1/do_2")
		wantError(t, err, journal.ErrNotFound)
	}
	wantCounts(t, s, map[journal.State]int{journal.Pending: 1})
	if n, err := s.rdb.Exists(t.Context(), journal.RecordKey(s.org, "inc_1/do_2")).Result(); err != nil || n != 0 {
		t.Errorf("a record was left behind, %v", err)
	}
}

// wantTally wants an incident to have one record, in a state for a reason.
func wantTally(t *testing.T, s *store, incident string, state journal.State, reason journal.Reason) {
	t.Helper()
	got, err := s.Tally(t.Context(), s.org, incident)
	must(t, err)
	want := journal.Tally{States: map[journal.State]int{}, Targets: map[string]int{}, Reasons: map[journal.State]map[journal.Reason]int{state: {reason: 1}}}
	for _, each := range journal.States() {
		want.States[each] = 0
	}
	want.States[state] = 1
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tally of %s (-want +got):\n%s", incident, diff)
	}
}

// healedIsCounted has whoever works at a record save it between two looks of somebody who finds it corrupt.
func healedIsCounted(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	must(t, s.rdb.HSet(t.Context(), journal.RecordKey(s.org, r.Identity.ID), "body", "{").Err())
	fields, err := s.rdb.HMGet(t.Context(), journal.RecordKey(s.org, r.Identity.ID), "version", "body").Result()
	must(t, err)
	must(t, s.Save(t.Context(), r, then))
	must(t, s.Spoilt(t.Context(), s.org, r.Identity.ID, fields))
	wantCounts(t, s, map[journal.State]int{journal.Pending: 1})
	_, err = s.Get(t.Context(), s.org, r.Identity.ID)
	must(t, err)

	must(t, s.rdb.HSet(t.Context(), journal.RecordKey(s.org, r.Identity.ID), "body", "{").Err())
	_, err = s.Get(t.Context(), s.org, r.Identity.ID)
	wantError(t, err, journal.ErrCorrupt)
	wantCounts(t, s, map[journal.State]int{journal.NeedsPerson: 1})
	must(t, s.Save(t.Context(), r, then))
	wantCounts(t, s, map[journal.State]int{journal.Pending: 1})
}

func newerIsKept(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	body := fmt.Sprintf(`{"shape":%d,"identity":{"id":%q,"organization":%q,"incident":"inc_1","delivery_order":"do_1"},"state":"pending","later":1}`, journal.SchemaVersion+1, r.Identity.ID, s.org)
	must(t, s.rdb.HSet(t.Context(), journal.RecordKey(s.org, r.Identity.ID), "body", body).Err())
	_, err := s.Get(t.Context(), s.org, r.Identity.ID)
	wantError(t, err, journal.ErrNewer)
	_, err = s.Claim(t.Context(), s.org, r.Identity.ID, 1, then)
	wantError(t, err, journal.ErrNewer)
	wantOwner(t, s, "do_1", "", "do_1")
	for row, err := range s.Rows(t.Context(), s.org, "inc_1") {
		must(t, err)
		if row.Identity.ID != r.Identity.ID || row.State != journal.Pending {
			t.Errorf("it is listed as %s %s", row.Identity.ID, row.State)
		}
		row.State = journal.Left
		err := s.toRest(t, row)
		wantError(t, err, journal.ErrNewer)
		wantError(t, err, journal.ErrObsolete) // callers step aside
	}
	got, err := s.rdb.HMGet(t.Context(), journal.RecordKey(s.org, r.Identity.ID), "version", "state", "body").Result()
	must(t, err)
	if diff := cmp.Diff([]any{"1", "pending", body}, got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func historyBounded(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	for i := range journal.HistoryMost + 20 {
		r.Note(then.Add(time.Duration(i)*time.Second), fmt.Sprint("note ", i))
	}
	must(t, s.Save(t.Context(), r, then))
	got := s.stored(t, r.Identity.ID).History
	if len(got) != journal.HistoryMost || got[0].Note != "note 20" {
		t.Errorf("%d entries, the first %q, want %d from note 20 on", len(got), got[0].Note, journal.HistoryMost)
	}
}
