package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/ledger"
	"happycolis-reassigner/worker/redistest"
)

// TestPromisesThatNoFigureEndsEndByTime covers a platform that never tells again.
func TestPromisesThatNoFigureEndsEndByTime(t *testing.T) {
	t.Parallel()
	server := redistest.StartEmbedded(t)
	s := newStore(redistest.NewClient(t, server.Addr()), "org_1")
	server.SetTime(today)
	s.stock(t, 10, 0, 0)
	s.take(t, claim("re_1", 4), true)
	review := func(want ...string) {
		t.Helper()
		got, err := s.ListStale(t.Context(), s.org, 10)
		must(t, err)
		if diff := cmp.Diff(want, got); len(want)+len(got) > 0 && diff != "" {
			t.Errorf("to be looked at (-want +got):\n%s", diff)
		}
	}
	review()
	server.SetTime(today.Add(11 * time.Minute))
	review("re_1")
	review()
	must(t, s.Commit(t.Context(), s.org, "re_1", today.Add(12*time.Minute)))
	server.SetTime(today.Add(12*time.Minute + ledger.ReservationKept - time.Second))
	review()
	s.left(t, 6)
	server.SetTime(today.Add(12*time.Minute + ledger.ReservationKept))
	review("re_1")
	must(t, s.Commit(t.Context(), s.org, "re_1", today))
	s.left(t, 10)
	for _, key := range server.Keys() {
		if key != "reassigner:{org_1}:stock:loc_lyon|MUG" && key != "reassigner:{org_1}:started:loc_lyon" {
			t.Errorf("%s is left behind", key)
		}
	}
}
