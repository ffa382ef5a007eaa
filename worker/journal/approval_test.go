package journal_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

var approving = []story{
	{"what no approved plan names gets no intent", approvalGuards},
	{"an incident without an approved plan guards nothing", noApproval},
	{"an approval and the incident that says so are one step", approvalIsOneStep},
	{"an approval that is refused for its last row wrote nothing of the first", approvalReadsFirst},
	{"an approval of three pages is whole, however often its copying is interrupted", approvalInPages},
	{"what ended meanwhile is not approved by rows that are copied later", approvalEndsMeanwhile},
	{"a plan is not dropped while what was approved of it is copied", approvalOutlivesDrop},
	{"an incident that is over gets no approval copied", approvalOfTheOver},
	{"a plan keeps each delivery order once, in order, under one hash", freezing},
	{"what is left out is listed until it is taken up again", leavingOut},
}

// frozen opens inc_1 with a plan that moves each of the delivery orders named to Lyon.
func (s *store) frozen(t *testing.T, deliveryOrders ...string) *journal.Incident {
	t.Helper()
	inc := s.open(t, journal.AwaitingApproval)
	f := s.NewPlan(s.org, inc.ID, "rev_1", then)
	for _, id := range deliveryOrders {
		must(t, f.Add(t.Context(), []journal.PlanRow{{DeliveryOrder: id, Action: journal.Reassigned, To: "lyon", ToID: "loc_lyon"}}))
	}
	inc.Plan = f.Plan()
	must(t, s.SaveIncident(t.Context(), inc, then))
	return inc
}

// intends is what the journal answers to the intent to move a delivery order.
func (s *store) intends(t *testing.T, deliveryOrder, to string, change ...func(*journal.Reassignment)) error {
	t.Helper()
	r := s.draft("inc_1", deliveryOrder)
	if _, _, err := s.Enroll(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	r = s.stored(t, journal.ReassignmentID("inc_1", deliveryOrder))
	r.Decision.ToID = to
	for _, f := range change {
		f(r)
	}
	return s.Intend(t.Context(), r, then, false)
}

func approvalGuards(t *testing.T, s *store) {
	inc := s.open(t, journal.Draining)
	f := s.NewPlan(s.org, inc.ID, "rev_1", then)
	must(t, f.Add(t.Context(), []journal.PlanRow{
		{DeliveryOrder: "do_0", Action: journal.Holding, May: []string{"loc_lille", "loc_lyon"}},
		{DeliveryOrder: "do_1", Action: journal.Reassigned, ToID: "loc_lyon"}, {DeliveryOrder: "do_2", Action: journal.Reassigned, ToID: "loc_lyon"},
		{DeliveryOrder: "do_3", Action: journal.Reassigned, ToID: "loc_lyon"},
	}))
	inc.Plan = f.Plan()
	must(t, s.Approve(t.Context(), inc, 0, 3, then))
	byHand := func(r *journal.Reassignment) { r.Plan.ManualRetry = true }
	for _, c := range []struct {
		what, deliveryOrder, to string
		change                  []func(*journal.Reassignment)
		want                    error
	}{
		{"as approved", "do_1", "loc_lyon", nil, nil},
		{"to the second that it waits for", "do_0", "loc_lyon", nil, nil},
		{"to one that it does not wait for", "do_0", "loc_nice", nil, journal.ErrUnapproved},
		{"to another target", "do_2", "loc_lille", nil, journal.ErrUnapproved},
		{"without a target", "do_2", "", nil, journal.ErrUnapproved},
		{"planned, and behind the limit", "do_3", "loc_lyon", nil, journal.ErrUnapproved},
		{"not planned", "do_9", "loc_lyon", nil, journal.ErrUnapproved},
		{"asked for by a person", "do_9", "loc_lille", []func(*journal.Reassignment){byHand}, nil},
	} {
		if err := s.intends(t, c.deliveryOrder, c.to, c.change...); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
	r := s.stored(t, journal.ReassignmentID("inc_1", "do_3"))
	r.Decision.ToID = "loc_lille"
	if err := s.Intend(t.Context(), r, then, true); err != nil {
		t.Errorf("what is begun is finished: %v", err)
	}
}

func noApproval(t *testing.T, s *store) {
	inc := s.frozen(t, "do_1")
	inc.State = journal.Draining
	must(t, s.SaveIncident(t.Context(), inc, then))
	if err := s.intends(t, "do_9", "loc_lyon"); err != nil {
		t.Errorf("an automatic drain: %v", err)
	}
}

func approvalIsOneStep(t *testing.T, s *store) {
	inc := s.frozen(t, "do_1")
	stale := *inc
	must(t, s.SaveIncident(t.Context(), inc, then))
	if err := s.Approve(t.Context(), &stale, 0, 1, then); !errors.Is(err, journal.ErrObsolete) {
		t.Errorf("approving what was changed since: %v", err)
	}
	must(t, s.DeletePlan(t.Context(), s.org, inc.ID, inc.Plan))
	if err := s.Approve(t.Context(), inc, 0, 1, then); !errors.Is(err, journal.ErrPlanGone) {
		t.Errorf("approving rows that are gone: %v", err)
	}
	if _, byPlan, err := s.Approved(t.Context(), s.org, inc.ID, "do_1"); err != nil || byPlan {
		t.Errorf("a refused approval left something behind: %t, %v", byPlan, err)
	}
}

func freezing(t *testing.T, s *store) {
	inc := s.open(t, journal.AwaitingApproval)
	var want []string
	hashes := map[string]bool{}
	for range 2 {
		f := s.NewPlan(s.org, inc.ID, "rev_1", then)
		want = nil
		for page := range 3 {
			var rows []journal.PlanRow
			for i := range 150 {
				id := fmt.Sprintf("do_%d_%d", page, i)
				want = append(want, id)
				rows = append(rows, journal.PlanRow{DeliveryOrder: id, Action: journal.NeedsPerson, Reason: journal.NoCandidate})
			}
			rows = append(rows, journal.PlanRow{DeliveryOrder: "do_0_0", Action: journal.Reassigned})
			must(t, f.Add(t.Context(), rows))
		}
		inc.Plan = f.Plan()
		hashes[inc.Plan.Hash] = true
	}
	if len(hashes) != 1 || inc.Plan.Orders != 450 || inc.Plan.Persons[journal.NoCandidate] != 450 {
		t.Errorf("hashes %v, plan %+v", hashes, inc.Plan)
	}
	var got []string
	for row, err := range s.PlanRows(t.Context(), s.org, inc.ID, inc.Plan, 0) {
		must(t, err)
		got = append(got, row.DeliveryOrder)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

func leavingOut(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	r := s.enroll(t, "do_1")
	r.Plan.Deviation = "its lines changed since it was planned"
	s.rest(t, r, journal.NeedsPerson)
	told, n, err := s.PlanDeviations(t.Context(), s.org, "inc_1", 10)
	if err != nil || n != 1 || told["do_1"] != r.Plan.Deviation {
		t.Errorf("listed: %v of %d, %v", told, n, err)
	}
	r.Plan.Deviation = ""
	must(t, s.Requeue(t.Context(), r, then))
	if _, n, err := s.PlanDeviations(t.Context(), s.org, "inc_1", 10); err != nil || n != 0 {
		t.Errorf("%d are still listed, %v", n, err)
	}
}
