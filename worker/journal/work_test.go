package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
)

var working = []story{
	{"an event that comes while a record is at work is told when it waits, once", nudgeAtWork},
	{"an event about the replacement is one about the record", nudgeReplacement},
	{"an event about what is over names it, and marks nothing", nudgeOver},
	{"what waits is found by the order number that was read meanwhile", foundWaiting},
}

func nudgeAtWork(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	r, err := s.Claim(t.Context(), s.org, r.Identity.ID, 1, then)
	must(t, err)
	wantNudge(t, s, "do_1", r.Identity.ID)
	must(t, s.Save(t.Context(), r, then)) // it goes on: not told yet
	for _, want := range []bool{true, false} {
		nudged, err := s.Park(t.Context(), r, then, then.Add(time.Hour))
		must(t, err)
		if nudged != want {
			t.Errorf("nudged is %t, want %t", nudged, want)
		}
	}
}

func nudgeReplacement(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	r.Replacement.ID = "do_2"
	must(t, s.Save(t.Context(), r, then))
	wantNudge(t, s, "do_2", r.Identity.ID)
	nudged, err := s.Park(t.Context(), r, then, then)
	must(t, err)
	if !nudged {
		t.Error("the record was not told")
	}
}

func foundWaiting(t *testing.T, s *store) {
	r := s.draft("inc_1", "do_7")
	r.Identity.OrderNumber, r.Identity.Orders = "", nil // imported: only the platform tells
	_, _, err := s.Enroll(t.Context(), r)
	must(t, err)
	r.Identity.OrderNumber, r.Identity.Orders = "SO-read", []string{"ord_read"}
	_, err = s.Park(t.Context(), r, then, then.Add(time.Hour))
	must(t, err)
	for _, name := range []string{"SO-read", "ord_read"} {
		if ids, err := s.Find(t.Context(), s.org, name); err != nil || len(ids) != 1 || ids[0] != r.Identity.ID {
			t.Errorf("by %s are found %v, %v; want %s", name, ids, err, r.Identity.ID)
		}
	}
}

func nudgeOver(t *testing.T, s *store) {
	wantNudge(t, s, "do_9", "")
	for _, state := range []journal.State{journal.Left, journal.Reassigned, journal.NeedsPerson} {
		r := s.enroll(t, "do_"+string(state))
		s.rest(t, r, state)
		wantNudge(t, s, "do_"+string(state), r.Identity.ID)
		nudged, err := s.Park(t.Context(), r, then, then)
		must(t, err)
		if want := state == journal.NeedsPerson; nudged != want {
			t.Errorf("%s is told when it waits: %t, want %t", state, nudged, want)
		}
	}
}

func wantNudge(t *testing.T, s *store, deliveryOrder, want string) {
	t.Helper()
	var watched func() bool
	_, err := s.rdb.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		watched = s.HasWatcher(t.Context(), p, s.org, deliveryOrder)
		return nil
	})
	must(t, err)
	if watched() != (want != "") {
		t.Errorf("%s is watched: %t, want %t", deliveryOrder, watched(), want != "")
	}
	got, err := s.Signal(t.Context(), s.org, deliveryOrder)
	must(t, err)
	if got != want {
		t.Errorf("nudging %s reached %q, want %q", deliveryOrder, got, want)
	}
}

var due = []story{
	{"a record at work is due when its lease and one more request are over", leaseEnds},
	{"one that waits is due a grace after its time", waitEnds},
	{"one at rest is never due", restIsNotDue},
	{"a re-driven record has a new version and makes the former task obsolete", redriven},
	{"a due time is put off without touching the record", deferred},
	{"no more are listed than asked for, the longest due first", dueBatch},
}

func leaseEnds(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	must(t, s.Save(t.Context(), r, then))
	s.elapse(t, lease-5*time.Second)
	wantDue(t, s, 10)
	s.elapse(t, 5*time.Second)
	wantDue(t, s, 10, r.Identity.ID)
}

func waitEnds(t *testing.T, s *store) {
	tests := map[string]struct{ wait, want time.Duration }{
		"in an hour":                         {time.Hour, time.Hour + journal.WaitGrace},
		"now":                                {0, journal.WaitGrace},
		"in the past, on the worker's clock": {-time.Hour, journal.WaitGrace},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := s.enroll(t, "do "+name)
			_, err := s.Park(t.Context(), r, then, then.Add(tt.wait))
			must(t, err)
			got, _ := s.dueIn(t, r.Identity.ID)
			wantNear(t, "due time", got, tt.want)
			if s.stored(t, r.Identity.ID).Leased {
				t.Error("it counts as at work")
			}
		})
	}
}

func restIsNotDue(t *testing.T, s *store) {
	for _, state := range []journal.State{journal.Reassigned, journal.Left, journal.NeedsPerson} {
		r := s.enroll(t, "do_"+string(state))
		must(t, s.Save(t.Context(), r, then))
		s.rest(t, r, state)
		if in, found := s.dueIn(t, r.Identity.ID); found {
			t.Errorf("%s is due in %s, want never", state, in)
		}
		must(t, s.Defer(t.Context(), s.org, r.Identity.ID, 0)) // does not make it due either
	}
	wantDue(t, s, 10)
}

func redriven(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	must(t, s.Save(t.Context(), r, then))
	must(t, s.Requeue(t.Context(), r, then))
	if r.Version != 3 || s.stored(t, r.Identity.ID).Leased {
		t.Errorf("version %d, want 3, and nobody at work", r.Version)
	}
	got, _ := s.dueIn(t, r.Identity.ID)
	wantNear(t, "due time", got, journal.RedriveGrace)
	_, err := s.Claim(t.Context(), s.org, r.Identity.ID, 2, then)
	wantError(t, err, journal.ErrObsolete)
	_, err = s.Claim(t.Context(), s.org, r.Identity.ID, 3, then)
	must(t, err)
}

func deferred(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	s.elapse(t, time.Hour)
	must(t, s.Defer(t.Context(), s.org, r.Identity.ID, time.Minute))
	got, _ := s.dueIn(t, r.Identity.ID)
	wantNear(t, "due time", got, time.Minute)
	wantDue(t, s, 10)
	if got := s.stored(t, r.Identity.ID).Version; got != 1 {
		t.Errorf("version is %d, want 1", got)
	}
}

func dueBatch(t *testing.T, s *store) {
	for i := range 4 {
		s.enroll(t, fmt.Sprint("do_", i))
		s.elapse(t, time.Minute)
	}
	wantDue(t, s, 3, "inc_1/do_0", "inc_1/do_1", "inc_1/do_2")
}

func wantDue(t *testing.T, s *store, most int, want ...string) {
	t.Helper()
	got, err := s.Due(t.Context(), s.org, most)
	must(t, err)
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("due (-want +got):\n%s", diff)
	}
}
