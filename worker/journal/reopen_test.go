package journal_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

// reopening are the stories of records that were over and are reopened.
var reopening = []story{
	{"what is reopened is as if it were enrolled, and keeps its history", reopened},
	{"a task of the time before finds itself obsolete", lateTask},
	{"of 16 that reopen one record one does", reopenRace},
	{"only an incident under which it may begin has it reopened", reopenHeld},
	{"what another record has the lineage of is not reopened", reopenOwned},
	{"who goes on after he was at rest takes the lineage from nobody", resumedBesideAnother},
	{"an event about what was reopened comes to its record, whoever had it last", watchedAgain},
	{"with the end of a record its approval is used up", approvalEnds},
	{"a plan says nothing any more of what ended after it was made", planEntryEnds},
	{"a replacement that was sent ends the row of those refused", streakEnds},
	{"an incident that is over keeps no approvals", approvalsEnd},
}

// left makes a record that is over.
func (s *store) left(t *testing.T, deliveryOrder string, reason journal.Reason) *journal.Reassignment {
	t.Helper()
	r := s.enroll(t, deliveryOrder)
	r.Reason = reason
	r.Note(then, "left: "+string(reason))
	s.rest(t, r, journal.Left)
	return r
}

// reopens takes up r again as the sweep does.
func (s *store) reopens(t *testing.T, r *journal.Reassignment) error {
	t.Helper()
	r.State, r.Reason = journal.Pending, ""
	r.Note(then, "reopened")
	return s.Reopen(t.Context(), r, then)
}

func reopened(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	r := s.left(t, "do_1", journal.Recovered)
	wantOwner(t, s, "do_1", "", "do_1")
	before := r.Version
	must(t, s.reopens(t, r))
	got := s.stored(t, r.Identity.ID)
	if got.State != journal.Pending || got.Version != before+1 || got.Leased {
		t.Errorf("it is %s at version %d, working %t, want pending at %d", got.State, got.Version, got.Leased, before+1)
	}
	if len(got.History) != 2 {
		t.Errorf("its history is %+v, want both entries", got.History)
	}
	wantOwner(t, s, "do_1", r.Identity.ID, "do_1")
	wantCounts(t, s, map[journal.State]int{journal.Pending: 1})
	tally, err := s.Tally(t.Context(), s.org, "inc_1")
	must(t, err)
	if n := tally.Reasons[journal.Left][journal.Recovered]; n != 0 {
		t.Errorf("%d count as recovered, want none", n)
	}
	rows, _, err := s.GroupPage(t.Context(), s.org, "inc_1", journal.Pending, "", "", 10)
	must(t, err)
	if len(rows) != 1 || rows[0].Identity.ID != r.Identity.ID {
		t.Errorf("pending are %v, want it alone", rows)
	}
	due, is := s.dueIn(t, r.Identity.ID)
	if !is {
		t.Error("nobody looks for it if its task is lost")
	}
	wantNear(t, "due time", due, journal.RedriveGrace)
}

func lateTask(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	r := s.left(t, "do_1", journal.Recovered)
	late := *r
	must(t, s.reopens(t, r))
	_, err := s.Claim(t.Context(), s.org, r.Identity.ID, late.Version, then)
	wantError(t, err, journal.ErrObsolete)
	wantError(t, s.toRest(t, &late), journal.ErrObsolete)
	wantError(t, s.reopens(t, &late), journal.ErrObsolete)
	wantCounts(t, s, map[journal.State]int{journal.Pending: 1})
	wantOwner(t, s, "do_1", r.Identity.ID, "do_1")
}

func reopenRace(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	r := s.left(t, "do_1", journal.Recovered)
	var wg sync.WaitGroup
	var won atomic.Int32
	for range 16 {
		wg.Go(func() {
			mine := *r
			mine.State, mine.Reason = journal.Pending, ""
			switch err := s.Reopen(t.Context(), &mine, then); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, journal.ErrObsolete):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d reopened it, want one", won.Load())
	}
	wantCounts(t, s, map[journal.State]int{journal.Pending: 1})
}

func reopenHeld(t *testing.T, s *store) {
	r := s.left(t, "do_1", journal.Recovered)
	wantError(t, s.reopens(t, r), journal.ErrHeld) // there is no incident at all
	inc := s.open(t, journal.Settling)
	for _, state := range journal.IncidentStates() {
		inc.State = state
		must(t, s.SaveIncident(t.Context(), inc, then))
		r := s.stored(t, r.Identity.ID)
		err := s.reopens(t, r)
		if !state.IsMoving() && state != journal.AwaitingApproval {
			wantError(t, err, journal.ErrHeld)
			wantCounts(t, s, map[journal.State]int{journal.Left: 1})
			wantOwner(t, s, "do_1", "", "do_1")
			continue
		}
		must(t, err)
		s.rest(t, r, journal.Left)
	}
}

func reopenOwned(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	r := s.left(t, "do_1", journal.Recovered)
	later := s.draft("inc_2", "do_1")
	_, fresh, err := s.Enroll(t.Context(), later)
	must(t, err)
	if !fresh {
		t.Fatal("the later incident has no record of it")
	}
	before := s.stored(t, r.Identity.ID)
	wantError(t, s.reopens(t, r), journal.ErrOwned)
	if diff := cmp.Diff(before, s.stored(t, r.Identity.ID)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	wantOwner(t, s, "do_1", later.Identity.ID, "do_1")
	if id, err := s.Signal(t.Context(), s.org, "do_1"); err != nil || id != later.Identity.ID {
		t.Errorf("an event about it comes to %q, %v, want the later incident's record", id, err)
	}
}

func resumedBesideAnother(t *testing.T, s *store) {
	first := s.enroll(t, "do_1")
	first.Replacement.ID = "do_2"
	s.rest(t, first, journal.Reassigned)
	later := s.draft("inc_2", "do_2")
	_, fresh, err := s.Enroll(t.Context(), later)
	must(t, err)
	if !fresh {
		t.Fatal("the later incident has no record of the replacement")
	}
	resumed := *first
	resumed.State = journal.Confirming
	wantError(t, s.Requeue(t.Context(), &resumed, then), journal.ErrOwned)
	if got := s.stored(t, first.Identity.ID).State; got != journal.Reassigned {
		t.Errorf("the first is %s, want it as it was", got)
	}

	// To be an operator's he needs no lineage; nor does he lose the other's when he ends.
	first.State, first.Reason = journal.NeedsPerson, journal.ReleasedThenRejected
	must(t, s.Requeue(t.Context(), first, then))
	wantOwner(t, s, "do_1", later.Identity.ID, "do_1")
	resumed = *first
	resumed.State, resumed.Reason = journal.Confirming, ""
	wantError(t, s.Requeue(t.Context(), &resumed, then), journal.ErrOwned)
	first.Reason = journal.ByPerson
	s.rest(t, first, journal.Left)
	wantOwner(t, s, "do_1", later.Identity.ID, "do_1")

	// Once the other is over, the lineage is free.
	s.rest(t, later, journal.Left)
	wantOwner(t, s, "do_1", "", "do_1")
	first.State, first.Reason = journal.NeedsPerson, journal.CancelledAfterLeave
	must(t, s.Requeue(t.Context(), first, then))
	wantOwner(t, s, "do_1", first.Identity.ID, "do_1")
}

func watchedAgain(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	r := s.left(t, "do_1", journal.Gone)
	later := s.draft("inc_2", "do_1")
	_, _, err := s.Enroll(t.Context(), later)
	must(t, err)
	s.rest(t, later, journal.Left)
	must(t, s.reopens(t, r))
	if id, err := s.Signal(t.Context(), s.org, "do_1"); err != nil || id != r.Identity.ID {
		t.Errorf("an event about it comes to %q, %v, want %q", id, err, r.Identity.ID)
	}
}

// approvedAll opens inc_1, draining, with a plan made at a time and approved as a whole.
func (s *store) approvedAll(t *testing.T, deliveryOrders ...string) *journal.Incident {
	t.Helper()
	inc := s.frozen(t, deliveryOrders...)
	inc.State = journal.Draining
	must(t, s.Approve(t.Context(), inc, 0, len(deliveryOrders), then))
	return inc
}

func approvalEnds(t *testing.T, s *store) {
	s.approvedAll(t, "do_1", "do_2")
	must(t, s.intends(t, "do_1", "loc_lyon"))
	r := s.stored(t, journal.ReassignmentID("inc_1", "do_1"))
	r.Reason = journal.Recovered
	s.rest(t, r, journal.Left)
	must(t, s.reopens(t, r))
	wantError(t, s.intends(t, "do_1", "loc_lyon"), journal.ErrUnapproved)
	must(t, s.intends(t, "do_2", "loc_lyon"))
}

func planEntryEnds(t *testing.T, s *store) {
	inc := s.frozen(t, "do_1", "do_2") // made at then
	r := s.enroll(t, "do_1")
	r.State, r.Reason = journal.Left, journal.Recovered
	_, err := s.Finish(t.Context(), r, then.Add(time.Minute))
	must(t, err)
	stands := func(p *journal.Plan) journal.ApprovalStatus {
		t.Helper()
		got, err := s.ApprovalStatuses(t.Context(), s.org, inc.ID, p, []string{"do_1"})
		must(t, err)
		return got[0]
	}
	want := journal.ApprovalStatus{Enrolled: true, State: journal.Left, Reason: journal.Recovered}
	if diff := cmp.Diff(want, stands(inc.Plan)); diff != "" {
		t.Errorf("after its end (-want +got):\n%s", diff)
	}
	must(t, s.Approve(t.Context(), inc, 0, 2, then.Add(2*time.Minute)))
	want.Approved = false
	if diff := cmp.Diff(want, stands(inc.Plan)); diff != "" {
		t.Errorf("the former plan was approved (-want +got):\n%s", diff)
	}

	f := s.NewPlan(s.org, inc.ID, "rev_1", then.Add(3*time.Minute))
	must(t, f.Add(t.Context(), []journal.PlanRow{{DeliveryOrder: "do_1", Action: journal.Reassigned, ToID: "loc_lyon"}}))
	inc.Plan = f.Plan()
	want.InPlan = true
	if diff := cmp.Diff(want, stands(inc.Plan)); diff != "" {
		t.Errorf("planned anew (-want +got):\n%s", diff)
	}
	must(t, s.Approve(t.Context(), inc, 0, 1, then.Add(4*time.Minute)))
	must(t, s.reopens(t, r))
	want = journal.ApprovalStatus{Enrolled: true, State: journal.Pending, InPlan: true, Approved: true}
	if diff := cmp.Diff(want, stands(inc.Plan)); diff != "" {
		t.Errorf("approved anew and reopened (-want +got):\n%s", diff)
	}
}

func streakEnds(t *testing.T, s *store) {
	s.limitTo(2)
	refused, sent := s.waiting(t, "do_1"), s.waiting(t, "do_2")
	s.places(t, refused, nil)
	refused.State, refused.Reason = journal.NeedsPerson, journal.CancelRefused
	s.rests(t, refused)
	s.places(t, sent, nil)
	sent.State, sent.Replacement.ID, sent.Replacement.SentAt = journal.Confirming, "new of do_2", then
	must(t, s.Save(t.Context(), sent, then))
	if got, err := s.CanaryStatus(t.Context(), s.org, "inc_1"); err != nil || got.Streak != 0 || !got.Passed {
		t.Errorf("the canary is %+v, %v, want it proven and nothing refused in a row", got, err)
	}
}

func approvalsEnd(t *testing.T, s *store) {
	inc := s.approvedAll(t, "do_1")
	inc.State = journal.Watching
	must(t, s.SaveIncident(t.Context(), inc, then))
	if row, byPlan, err := s.Approved(t.Context(), s.org, inc.ID, "do_1"); err != nil || !byPlan || row == nil {
		t.Fatalf("the approval is gone before the end: %v", err)
	}
	inc.State = journal.Closed
	must(t, s.SaveIncident(t.Context(), inc, then))
	if row, byPlan, err := s.Approved(t.Context(), s.org, inc.ID, "do_1"); err != nil || byPlan || row != nil {
		t.Errorf("it keeps %+v, %v", row, err)
	}
}
