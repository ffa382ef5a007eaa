package index_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var disputing = []story{
	{"of two roads that differ within ten seconds the later stands, and it is noted", disputed},
	{"the earlier one may come later", disputedByOlder},
	{"what is the same, apart, of one road or read by us is no dispute", undisputed},
}

func (s *store) tell(t *testing.T, second int, status, road, message string, news bool) {
	t.Helper()
	e := order("do_1", second)
	e.Status, e.Road = status, road
	s.put(t, e, message, news)
}

func (s *store) wantDisputed(t *testing.T, want ...string) {
	t.Helper()
	got, err := s.Disputed(t.Context(), s.org, 10)
	must(t, err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("disputed (-want +got):\n%s", diff)
	}
}

func disputed(t *testing.T, s *store) {
	s.tell(t, 0, "PENDING", "webhook", "m1", true)
	s.tell(t, 10, "OPENED", "kafka", "m2", true)
	s.wantDisputed(t, "do_1")
	want := order("do_1", 10)
	want.Status = "OPENED"
	s.want(t, want)
	s.tell(t, 11, "PENDING", "webhook", "m3", true)
	s.wantDisputed(t, "do_1")
	must(t, s.SettleDispute(t.Context(), s.org, "do_1"))
	s.wantDisputed(t)
}

func disputedByOlder(t *testing.T, s *store) {
	s.tell(t, 10, "OPENED", "webhook", "m1", true)
	s.tell(t, 1, "PENDING", "kafka", "m2", false)
	s.wantDisputed(t, "do_1")
	want := order("do_1", 10)
	want.Status = "OPENED"
	s.want(t, want)
}

func undisputed(t *testing.T, s *store) {
	s.tell(t, 0, "PENDING", "webhook", "m1", true)
	s.tell(t, 1, "PENDING", "kafka", "m2", true)    // the same
	s.tell(t, 2, "OPENED", "kafka", "m3", true)     // of one road
	s.tell(t, 13, "PENDING", "webhook", "m4", true) // apart
	s.tell(t, 14, "OPENED", "", "", true)           // a read
	s.tell(t, 15, "PENDING", "kafka", "m5", true)   // after a read
	s.wantDisputed(t)
}
