package journal_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

var locking = []story{
	{"an order has one owner, who may take it again", lockHeld},
	{"a lock outlives a request's deadline, and no more", lockExpires},
	{"only the owner gives an order back", unlockByOther},
	{"of 64 that want an order one gets it", lockRace},
}

func lockHeld(t *testing.T, s *store) {
	wantLock(t, s, "ord_1", "inc_1/do_1", true)
	wantLock(t, s, "ord_1", "inc_1/do_2", false)
	wantLock(t, s, "ord_1", "inc_1/do_1", true)
	wantLock(t, s, "ord_2", "inc_1/do_2", true)
}

func lockExpires(t *testing.T, s *store) {
	wantLock(t, s, "ord_1", "inc_1/do_1", true)
	s.elapse(t, request)
	wantLock(t, s, "ord_1", "inc_1/do_2", false)
	s.elapse(t, journal.LeaseSlack)
	wantLock(t, s, "ord_1", "inc_1/do_2", true)
	wantLock(t, s, "ord_1", "inc_1/do_1", false)
}

func unlockByOther(t *testing.T, s *store) {
	wantLock(t, s, "ord_1", "inc_1/do_1", true)
	must(t, s.UnlockOrder(t.Context(), s.org, "ord_1", "inc_1/do_2"))
	wantLock(t, s, "ord_1", "inc_1/do_2", false)
	must(t, s.UnlockOrder(t.Context(), s.org, "ord_1", "inc_1/do_1"))
	wantLock(t, s, "ord_1", "inc_1/do_2", true)
	s.elapse(t, time.Hour)
	must(t, s.UnlockOrder(t.Context(), s.org, "ord_9", "inc_1/do_1")) // what nobody holds
}

func lockRace(t *testing.T, s *store) {
	var wg sync.WaitGroup
	var got atomic.Int32
	for i := range 64 {
		wg.Go(func() {
			ok, err := s.LockOrder(t.Context(), s.org, "ord_1", "owner"+string(rune('A'+i)))
			if err != nil {
				t.Error(err)
			}
			if ok {
				got.Add(1)
			}
		})
	}
	wg.Wait()
	if got.Load() != 1 {
		t.Errorf("%d got it, want 1", got.Load())
	}
}

func wantLock(t *testing.T, s *store, order, owner string, want bool) {
	t.Helper()
	got, err := s.LockOrder(t.Context(), s.org, order, owner)
	must(t, err)
	if got != want {
		t.Errorf("%s gets %s: %t, want %t", owner, order, got, want)
	}
}
