package journal_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/redistest"
)

// large are the delivery orders of a plan of three pages.
func large() []string {
	ids := make([]string, 2*journal.ListPage+50)
	for i := range ids {
		ids[i] = fmt.Sprint("do_", i)
	}
	return ids
}

// counts returns how many of the delivery orders are approved, and whether the incident moves by plans.
func (s *store) counts(t *testing.T, deliveryOrders []string) (n int, byPlan bool) {
	t.Helper()
	for page := range (len(deliveryOrders)-1)/journal.ListPage + 1 {
		some := deliveryOrders[page*journal.ListPage : min(len(deliveryOrders), (page+1)*journal.ListPage)]
		standing, err := s.ApprovalStatuses(t.Context(), s.org, "inc_1", nil, some)
		must(t, err)
		for _, p := range standing {
			if p.Approved {
				n++
			}
		}
	}
	_, byPlan, err := s.Approved(t.Context(), s.org, "inc_1", "do_unknown")
	must(t, err)
	return n, byPlan
}

// interrupted approves all of a plan through a client that Redis refuses from its n-th request on.
func (s *store) interrupted(t *testing.T, inc *journal.Incident, n, rows int) error {
	t.Helper()
	one, alone := s.rdb.(*redis.Client)
	if !alone {
		t.Skip("asked with one Redis")
	}
	client := redis.NewClient(one.Options())
	defer func() { _ = client.Close() }() // nothing is unwritten
	client.AddHook(&redistest.RefusingHook{From: int64(n), To: 1 << 40})
	return journal.New(client, request, 0).Approve(t.Context(), inc, 0, rows, then)
}

func approvalReadsFirst(t *testing.T, s *store) {
	all := large()
	inc := s.frozen(t, all...)
	must(t, s.rdb.HDel(t.Context(), journal.PlanKey(s.org, inc.ID, inc.Plan), all[len(all)-1]).Err())
	wantError(t, s.Approve(t.Context(), inc, 0, len(all), then), journal.ErrPlanGone)
	if n, byPlan := s.counts(t, all); n != 0 || byPlan {
		t.Errorf("%d rows are approved, it moves by plans: %t; want nothing written", n, byPlan)
	}
	if err := s.intends(t, "do_1", "loc_lyon"); !errors.Is(err, journal.ErrHeld) {
		t.Errorf("the incident does not wait any more: %v", err)
	}
}

func approvalInPages(t *testing.T, s *store) {
	all := large()
	inc := s.frozen(t, all...)
	wantApproved := func(what string, want int, wantByPlan bool) {
		t.Helper()
		if n, byPlan := s.counts(t, all); n != want || byPlan != wantByPlan {
			t.Errorf("%s: %d rows are approved, it moves by plans: %t; want %d, %t", what, n, byPlan, want, wantByPlan)
		}
	}
	decided := false
	for n := 1; !decided; n++ {
		fresh, err := s.Incident(t.Context(), s.org, inc.ID)
		must(t, err)
		if decided = fresh.ByPlan; decided {
			break
		}
		fresh.State = journal.Draining
		if err := s.interrupted(t, fresh, n, len(all)); err == nil {
			t.Fatal("it was never interrupted in the middle")
		}
		if fresh, err = s.Incident(t.Context(), s.org, inc.ID); err == nil && !fresh.ByPlan {
			wantApproved("before it is valid", 0, false)
		}
	}
	wantApproved("valid, and interrupted before its first page", 0, true)
	wantError(t, s.intends(t, "do_1", "loc_lyon"), journal.ErrUnapproved)
	must(t, s.FinishApproval(t.Context(), s.org, inc.ID))
	wantApproved("after it is finished", len(all), true)
	must(t, s.intends(t, "do_1", "loc_lyon"))
	must(t, s.intends(t, all[len(all)-1], "loc_lyon"))
	must(t, s.FinishApproval(t.Context(), s.org, inc.ID))
}

func approvalEndsMeanwhile(t *testing.T, s *store) {
	inc := s.frozen(t, "do_1", "do_2")
	r := s.enroll(t, "do_1")
	inc.State = journal.Draining
	s.approvedNotCopied(t, inc, 2)
	r.State, r.Reason = journal.Left, journal.Gone
	if _, err := s.Finish(t.Context(), r, then.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	must(t, s.FinishApproval(t.Context(), s.org, inc.ID))
	if row, _, err := s.Approved(t.Context(), s.org, inc.ID, "do_1"); err != nil || row != nil {
		t.Errorf("what ended is approved: %+v, %v", row, err)
	}
	if n, _ := s.counts(t, []string{"do_1", "do_2"}); n != 1 {
		t.Errorf("%d are approved, want the other one", n)
	}
}

// approvedNotCopied approves rows of a plan, and is interrupted before any of them is copied.
func (s *store) approvedNotCopied(t *testing.T, inc *journal.Incident, rows int) {
	t.Helper()
	for n := 1; n < 20; n++ {
		fresh, err := s.Incident(t.Context(), s.org, inc.ID)
		must(t, err)
		if fresh.ByPlan {
			return
		}
		fresh.State = inc.State
		if s.interrupted(t, fresh, n, rows) == nil {
			t.Fatal("it was never interrupted in the middle")
		}
	}
	t.Fatal("it never became valid")
}

func approvalOutlivesDrop(t *testing.T, s *store) {
	inc := s.frozen(t, "do_1")
	s.approvedNotCopied(t, inc, 1)
	must(t, s.DeletePlan(t.Context(), s.org, inc.ID, inc.Plan))
	must(t, s.FinishApproval(t.Context(), s.org, inc.ID))
	if n, _ := s.counts(t, []string{"do_1"}); n != 1 {
		t.Error("a plan that was dropped took its approval with it")
	}
	must(t, s.DeletePlan(t.Context(), s.org, inc.ID, inc.Plan))
	if n, err := s.rdb.Exists(t.Context(), journal.PlanKey(s.org, inc.ID, inc.Plan)).Result(); err != nil || n != 0 {
		t.Errorf("the plan is still there: %d, %v", n, err)
	}
}

func approvalOfTheOver(t *testing.T, s *store) {
	inc := s.frozen(t, "do_1")
	s.approvedNotCopied(t, inc, 1)
	fresh, err := s.Incident(t.Context(), s.org, inc.ID)
	must(t, err)
	fresh.State = journal.Closed
	must(t, s.SaveIncident(t.Context(), fresh, then))
	must(t, s.FinishApproval(t.Context(), s.org, inc.ID))
	if n, byPlan := s.counts(t, []string{"do_1"}); n != 0 || byPlan {
		t.Errorf("%d approvals of an incident that is over, it moves by plans: %t", n, byPlan)
	}
}
