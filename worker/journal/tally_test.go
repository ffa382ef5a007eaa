package journal_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

var tallying = []story{
	{"a tally follows each record from state to state", tallyFollows},
	{"what holds though it is released is counted and listed apart", unsentCounted},
	{"a group is listed in pages, and a record that leaves it is gone from it", groupInPages},
}

func tallyFollows(t *testing.T, s *store) {
	moved, silent, left := s.enroll(t, "do_1"), s.enroll(t, "do_2"), s.enroll(t, "do_3")
	s.enroll(t, "do_4")
	moved.Decision.To = "lyon-warehouse"
	s.rest(t, moved, journal.Reassigned)
	silent.Reason = journal.FallbackSilent
	s.rest(t, silent, journal.NeedsPerson)
	left.Reason = journal.CancelRefused
	s.rest(t, left, journal.NeedsPerson)
	left.Reason = journal.ByPerson
	s.rest(t, left, journal.Left)
	got, err := s.Tally(t.Context(), s.org, "inc_1")
	must(t, err)
	want := journal.Tally{States: map[journal.State]int{}, Targets: map[string]int{"lyon-warehouse": 1},
		Reasons: map[journal.State]map[journal.Reason]int{
			journal.NeedsPerson: {journal.FallbackSilent: 1}, journal.Left: {journal.ByPerson: 1}}}
	for _, state := range journal.States() {
		want.States[state] = map[journal.State]int{journal.Pending: 1, journal.Reassigned: 1, journal.NeedsPerson: 1, journal.Left: 1}[state]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tally (-want +got):\n%s", diff)
	}
	if got.InProgress() != 1 || got.Sum() != 4 {
		t.Errorf("%d under way of %d, want 1 of 4", got.InProgress(), got.Sum())
	}
}

func unsentCounted(t *testing.T, s *store) {
	waits := s.enroll(t, "do_1")
	waits.State = journal.Holding
	_, err := s.Park(t.Context(), waits, then, then)
	must(t, err)
	unsent := func(want ...string) {
		t.Helper()
		rows, _, err := s.Unsent(t.Context(), s.org, "inc_1", "", 10)
		must(t, err)
		got := []string{}
		for _, r := range rows {
			got = append(got, r.Identity.DeliveryOrder)
		}
		tally, err := s.Tally(t.Context(), s.org, "inc_1")
		must(t, err)
		if diff := cmp.Diff(append([]string{}, want...), got); diff != "" || tally.Unsent != len(want) {
			t.Errorf("%d are counted; (-want +got):\n%s", tally.Unsent, diff)
		}
	}
	unsent()
	waits.Release.IntendedAt = then
	_, err = s.Park(t.Context(), waits, then, then)
	must(t, err)
	unsent("do_1")
	waits.State = journal.Checking
	must(t, s.Save(t.Context(), waits, then))
	unsent()
}

func groupInPages(t *testing.T, s *store) {
	var want []string
	for i := range 5 {
		r := s.enroll(t, fmt.Sprint("do_", i))
		r.Reason = journal.NoCandidate
		if i == 2 {
			r.Reason = journal.PolicyRule
		}
		s.rest(t, r, journal.NeedsPerson)
		if i == 4 {
			r.Reason = ""
			s.rest(t, r, journal.Reassigned)
		}
		if i != 2 && i != 4 {
			want = append(want, r.Identity.ID)
		}
	}
	var got []string
	pages, after := 0, ""
	for {
		rows, next, err := s.GroupPage(t.Context(), s.org, "inc_1", journal.NeedsPerson, journal.NoCandidate, after, 2)
		must(t, err)
		for _, r := range rows {
			got = append(got, r.Identity.ID)
		}
		pages++
		if after = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || pages != 2 {
		t.Errorf("in %d pages, want 2; rows (-want +got):\n%s", pages, diff)
	}
	all, _, err := s.GroupPage(t.Context(), s.org, "inc_1", journal.NeedsPerson, "", "", 100)
	must(t, err)
	if len(all) != 4 {
		t.Errorf("%d need a person, want 4", len(all))
	}
}
