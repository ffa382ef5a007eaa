package journal_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
)

// overtaken are the stories of what another does after something was read and before the script that writes runs.
var overtaken = []story{
	{"an approval is refused while rows of another one are copied", func(t *testing.T, s *store) {
		inc := s.frozen(t, "do_1")
		err := s.before(t, 1, func() {
			must(t, s.rdb.HSet(t.Context(), journal.IncidentKey(s.org, inc.ID), "approving", "key 0 1 1").Err())
		}).Approve(t.Context(), inc, 0, 1, then)
		wantError(t, err, journal.ErrObsolete)
	}},
	{"an approval of rows that just ended writes nothing", func(t *testing.T, s *store) {
		inc := s.frozen(t, "do_1")
		err := s.before(t, 1, func() {
			must(t, s.rdb.Del(t.Context(), journal.PlanKey(s.org, inc.ID, inc.Plan)+":order").Err())
		}).Approve(t.Context(), inc, 0, 1, then)
		wantError(t, err, journal.ErrPlanGone)
		if n, byPlan := s.counts(t, []string{"do_1"}); n != 0 || byPlan {
			t.Errorf("%d rows are approved, it moves by plans: %t", n, byPlan)
		}
	}},
	{"a page that another copied is not copied again", func(t *testing.T, s *store) {
		inc := s.frozen(t, "do_1", "do_2")
		must(t, s.before(t, 2, func() {
			must(t, s.FinishApproval(t.Context(), s.org, inc.ID))
			must(t, s.rdb.Del(t.Context(), journal.PlanKey(s.org, inc.ID, inc.Plan)).Err())
		}).Approve(t.Context(), inc, 0, 2, then))
		if n, byPlan := s.counts(t, []string{"do_1", "do_2"}); n != 2 || !byPlan {
			t.Errorf("%d rows are approved, it moves by plans: %t", n, byPlan)
		}
	}},
	{"an observation of an incident that was changed is not noted", func(t *testing.T, s *store) {
		inc := s.open(t, journal.Draining)
		other := *inc
		noted, err := s.before(t, 1, func() { must(t, s.SaveIncident(t.Context(), &other, then)) }).NoteObserved(t.Context(), inc)
		if noted || err != nil {
			t.Errorf("got %t, %v", noted, err)
		}
	}},
	{"a record that goes on is not forgotten", func(t *testing.T, s *store) {
		const id = "inc-20010203T040506-aaaaaa"
		s.closedIncident(t, id, then, "do_1")
		record := journal.RecordKey(s.org, journal.ReassignmentID(id, "do_1"))
		incidents, rows, err := s.before(t, 1, func() {
			must(t, s.rdb.HSet(t.Context(), record, "state", string(journal.Pending)).Err())
		}).Expire(t.Context(), s.org, then.Add(time.Hour), 100)
		if incidents != 0 || rows != 0 || err != nil || s.rdb.Exists(t.Context(), record).Val() == 0 {
			t.Errorf("forgot %d incidents, %d rows, %v", incidents, rows, err)
		}
	}},
	{"an incident that is opened again is not forgotten", func(t *testing.T, s *store) {
		const id = "inc-20010203T040506-aaaaaa"
		s.closedIncident(t, id, then)
		incidents, _, err := s.before(t, 2, func() { // the first one ends its cooldown
			must(t, s.rdb.HSet(t.Context(), journal.IncidentKey(s.org, id), "state", string(journal.Draining)).Err())
		}).Expire(t.Context(), s.org, then.Add(time.Hour), 100)
		if incidents != 0 || err != nil || s.rdb.Exists(t.Context(), journal.IncidentKey(s.org, id)).Val() == 0 {
			t.Errorf("forgot %d incidents, %v", incidents, err)
		}
	}},
	{"of a record that is gone nobody is nudged", func(t *testing.T, s *store) {
		r := s.enroll(t, "do_1")
		must(t, s.rdb.Del(t.Context(), journal.RecordKey(s.org, r.Identity.ID)).Err())
		if id, err := s.Signal(t.Context(), s.org, "do_1"); id != "" || err != nil {
			t.Errorf("nudged %q, %v", id, err)
		}
	}},
}

// before is the journal of a worker that is overtaken before its n-th script.
func (s *store) before(t *testing.T, n int, act func()) *journal.Journal {
	t.Helper()
	one, alone := s.rdb.(*redis.Client)
	if !alone {
		t.Skip("asked with one Redis")
	}
	client := redis.NewClient(one.Options())
	t.Cleanup(func() { _ = client.Close() })
	client.AddHook(&beforeScript{n: n, act: act})
	return journal.New(client, request, 0)
}

// beforeScript acts before the n-th script that a client runs.
type beforeScript struct {
	n   int
	act func()
}

func (h *beforeScript) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *beforeScript) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h *beforeScript) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "evalsha" {
			if h.n--; h.n == 0 {
				h.act()
			}
		}
		return next(ctx, cmd)
	}
}

// waking are the stories of records that wait for a place of the canary.
var waking = []story{
	{"who waits longest is woken, as many as there are places, and all once a replacement was sent", func(t *testing.T, s *store) {
		s.limitTo(2)
		s.open(t, journal.Draining)
		one := s.waiting(t, "do_1")
		s.places(t, one, nil)
		for _, id := range []string{"do_2", "do_3", "do_4"} {
			if _, err := s.WaitForCanary(t.Context(), s.waiting(t, id), then); err != nil {
				t.Fatal(err)
			}
		}
		s.wakes(t, 1)
		s.places(t, s.stored(t, journal.ReassignmentID("inc_1", "do_2")), nil)
		s.wakes(t, 0)
		one.State, one.Decision.To, one.Replacement.ID, one.Replacement.SentAt = journal.Reassigned, "lyon", "new of do_1", then
		s.rests(t, one)
		s.wakes(t, 2)
		s.wakes(t, 0)
	}},
	{"as many refused in a row wake none, until it is waived", func(t *testing.T, s *store) {
		s.limitTo(1)
		s.open(t, journal.Draining)
		r := s.waiting(t, "do_1")
		s.places(t, r, nil)
		if _, err := s.WaitForCanary(t.Context(), s.waiting(t, "do_2"), then); err != nil {
			t.Fatal(err)
		}
		r.State, r.Reason = journal.NeedsPerson, journal.CancelRefused
		s.rests(t, r)
		s.wakes(t, 0)
		must(t, s.WaiveCanary(t.Context(), s.org, "inc_1"))
		s.wakes(t, 1)
	}},
	{"none is woken while the incident moves nothing", func(t *testing.T, s *store) {
		inc := s.open(t, journal.Draining)
		if _, err := s.WaitForCanary(t.Context(), s.waiting(t, "do_1"), then); err != nil {
			t.Fatal(err)
		}
		inc.State = journal.Blocked
		must(t, s.SaveIncident(t.Context(), inc, then))
		s.wakes(t, 0)
		inc.State = journal.Watching
		must(t, s.SaveIncident(t.Context(), inc, then))
		s.wakes(t, 1)
	}},
}

// wakes wants so many records woken.
func (s *store) wakes(t *testing.T, want int) {
	t.Helper()
	if got, err := s.ReleaseCanaryWaiters(t.Context(), s.org, "inc_1"); got != want || err != nil {
		t.Errorf("woke %d, want %d: %v", got, want, err)
	}
}
