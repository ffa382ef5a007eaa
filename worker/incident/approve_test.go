package incident_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	action "happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/world"
)

var ops = handover.Actor{User: "ops", Reason: "looked at the plan"}

// waits tells a story up to an incident that waits for an approval.
func waits(t *testing.T, orders int) *story {
	t.Helper()
	s := tell(t, orders, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	s.is(journal.AwaitingApproval)
	return s
}

func (s *story) freeze() *journal.Plan {
	s.t.Helper()
	inc, err := s.Incidents.FreezePlan(s.t.Context(), s.incident())
	if err != nil {
		s.t.Fatal(err)
	}
	return inc.Plan
}

func (s *story) planRows(p *journal.Plan) []journal.PlanRow {
	s.t.Helper()
	var rows []journal.PlanRow
	for row, err := range s.Journal.PlanRows(s.t.Context(), world.Org, s.incident().ID, p, 0) {
		if err != nil {
			s.t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// approve comes a while after the plan, so that what was read for it is not fresh any more.
func (s *story) approve(hash string, limit int) error {
	s.pass(10 * time.Second)
	return s.Actions.Approve(s.t.Context(), s.incident(), action.Approval{Hash: hash, Limit: limit}, ops)
}

func (s *story) row(deliveryOrder string) *journal.Reassignment {
	s.t.Helper()
	r, err := s.Journal.Get(s.t.Context(), world.Org, journal.ReassignmentID(s.incident().ID, deliveryOrder))
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *story) add(order, deliveryOrder string) {
	s.Platform.AddOrder(sandbox.Order{ID: order, Organization: world.Org, Lines: []sandbox.OrderLine{{ID: order + "_l", SKU: "LATE", Quantity: 1}}})
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: deliveryOrder, Location: s.m.Locations[sandbox.Paris], Orders: []string{order},
		Status: sandbox.Draft, Lines: []sandbox.Line{{ID: deliveryOrder + "_l", OrderLine: order + "_l", SKU: "LATE", Status: sandbox.LineNew, Quantity: 1}}})
}

// lineOf is the quantity of the first line less one: an order line covers no more than was ordered.
func lineOf(s *story, deliveryOrder string) int {
	d, _ := s.Platform.Books().DeliveryOrder(deliveryOrder)
	return d.Lines[0].Quantity - 2
}

func first(rows []journal.PlanRow, status string) journal.PlanRow {
	return rows[slices.IndexFunc(rows, func(p journal.PlanRow) bool { return p.Action == journal.Reassigned && p.Status == status })]
}

func TestAPlanIsFrozenAndItsHashStandsForIt(t *testing.T) {
	t.Parallel()
	s := waits(t, 40)
	before := s.mutations()
	one := s.freeze()
	if got := len(s.planRows(one)); got != one.Orders || one.Orders == 0 {
		t.Errorf("%d rows, the plan says %d", got, one.Orders)
	}
	again := s.freeze()
	if one.Hash != again.Hash || one.Key == again.Key {
		t.Errorf("the same rows have the hashes %s and %s, the keys %s and %s", one.Hash, again.Hash, one.Key, again.Key)
	}
	s.add("late", "do_late")
	s.pass(time.Second)
	other := s.freeze()
	if other.Hash == one.Hash || other.Orders != one.Orders+1 {
		t.Errorf("with one order more: hash %s, %d orders; before: %s, %d", other.Hash, other.Orders, one.Hash, one.Orders)
	}
	if err := s.approve(one.Hash, 0); !errors.Is(err, action.ErrOtherPlan) {
		t.Errorf("approving a plan that was replaced: %v", err)
	}
	s.pass(5 * time.Minute)
	s.is(journal.AwaitingApproval)
	if n := s.mutations() - before; n != 0 {
		t.Errorf("%d mutations before the approval, want none", n)
	}
}

func TestAnApprovedPlanIsExecutedAsItIs(t *testing.T) {
	t.Parallel()
	s := waits(t, 40)
	p := s.freeze()
	if err := s.approve(p.Hash, 0); err != nil {
		t.Fatal(err)
	}
	s.pass(30 * time.Minute)
	s.is(journal.Watching)
	for _, row := range s.planRows(p) {
		r := s.row(row.DeliveryOrder)
		if r.State != row.Action || r.Reason != row.Reason || r.Decision.ToID != row.ToID && r.State == journal.Reassigned {
			t.Errorf("%s became %s %s at %s, planned %s %s at %s", row.DeliveryOrder, r.State, r.Reason, r.Decision.To, row.Action, row.Reason, row.To)
		}
	}
	s.holds()
}

func TestWhatArrivesAfterThePlanWaitsForAnotherApproval(t *testing.T) {
	t.Parallel()
	s := waits(t, 20)
	p := s.freeze()
	s.add("late", "do_late")
	s.pass(time.Second)
	if err := s.approve(p.Hash, 0); err != nil {
		t.Fatal(err)
	}
	s.pass(30 * time.Minute)
	s.is(journal.AwaitingApproval)
	if w, err := s.Incidents.PendingApproval(t.Context(), s.incident()); err != nil || w != (incident.PendingApproval{Arrived: 1}) {
		t.Errorf("waiting %+v, %v, want one that arrived", w, err)
	}
	if d, _ := s.Platform.Books().DeliveryOrder("do_late"); d.Location != s.m.Locations[sandbox.Paris] {
		t.Error("it was moved without being approved")
	}
	if p = s.freeze(); p.Orders != 1 || p.Moves != 1 {
		t.Errorf("the next plan has %d orders, moves %d, want the one", p.Orders, p.Moves)
	}
	if err := s.approve(p.Hash, 0); err != nil {
		t.Fatal(err)
	}
	s.pass(5 * time.Minute)
	s.is(journal.Watching)
	if r := s.row("do_late"); r.State != journal.Reassigned {
		t.Errorf("it is %s %s", r.State, r.Reason)
	}
	s.holds()
}

func TestALimitLetsTheFirstGoAndTheRestFollows(t *testing.T) {
	t.Parallel()
	s := waits(t, 40)
	p := s.freeze()
	if err := s.approve(p.Hash, 2); err != nil {
		t.Fatal(err)
	}
	s.pass(30 * time.Minute)
	s.is(journal.AwaitingApproval)
	moved := 0
	for _, row := range s.planRows(p) {
		if row.Action != journal.Reassigned {
			continue
		}
		if moved++; moved > 2 {
			break
		}
		if r := s.row(row.DeliveryOrder); r.State != journal.Reassigned {
			t.Errorf("%s of the first two is %s %s", row.DeliveryOrder, r.State, r.Reason)
		}
	}
	if got := s.counts()[journal.Reassigned]; got != 2 {
		t.Fatalf("%d reassigned, want 2", got)
	}
	if err := s.approve(p.Hash, 0); err != nil {
		t.Fatalf("the rest, under the same hash: %v", err)
	}
	s.pass(30 * time.Minute)
	s.is(journal.Watching)
	if got := s.counts()[journal.Reassigned]; got != p.Moves {
		t.Errorf("%d reassigned, the plan moves %d", got, p.Moves)
	}
	s.holds()
}

func TestWhatChangedSinceThePlanIsLeftOutAndSaysWhatChanged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(s *story, draft, pending string)
		id     func(draft, pending string) string
		want   string
		state  journal.State
		reason journal.Reason
	}{
		"its status": {
			change: func(s *story, draft, _ string) { s.must(s.Platform.PersonOpen(draft)) },
			id:     func(draft, _ string) string { return draft },
			want:   "it was DRAFT when it was planned and is PENDING now", state: journal.NeedsPerson, reason: journal.PolicyRule,
		},
		"its lines": {
			change: func(s *story, draft, _ string) { s.must(s.Platform.PersonEdit(draft, 1+lineOf(s, draft))) },
			id:     func(draft, _ string) string { return draft },
			want:   "its lines changed since it was planned", state: journal.NeedsPerson, reason: journal.PolicyRule,
		},
		"its target": {
			change: func(s *story, _, _ string) {
				s.Platform.SetIntegration(sandbox.Lyon, sandbox.IntegrationInactive, "", false)
			},
			id:    func(_, pending string) string { return pending },
			want:  "planned to go to lyon-warehouse, which is not admitted any more; now it could go to lille-warehouse",
			state: journal.NeedsPerson, reason: journal.NoCandidate,
		},
		"that it is there": {
			change: func(s *story, _, pending string) { s.must(s.Platform.PersonCancel(pending)) },
			id:     func(_, pending string) string { return pending },
			want:   "planned to go to lyon-warehouse; now left: gone", state: journal.Left, reason: journal.Gone,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := waits(t, 40)
			p := s.freeze()
			rows := s.planRows(p)
			draft, pending := first(rows, sandbox.Draft).DeliveryOrder, first(rows, sandbox.Pending).DeliveryOrder
			id := c.id(draft, pending)
			c.change(s, draft, pending)
			if err := s.approve(p.Hash, 0); err != nil {
				t.Fatal(err)
			}
			s.pass(30 * time.Minute)
			r := s.row(id)
			if r.State != c.state || r.Reason != c.reason || r.Plan.Deviation != c.want {
				t.Errorf("it is %s %s, %q, want %s %s, %q", r.State, r.Reason, r.Plan.Deviation, c.state, c.reason, c.want)
			}
			told, n, err := s.Journal.PlanDeviations(t.Context(), world.Org, s.incident().ID, 100)
			if err != nil || told[id] != c.want {
				t.Errorf("listed as %q of %d, %v", told[id], n, err)
			}
			for _, e := range s.Platform.Books().Entries {
				if strings.HasPrefix(e.Actor, "api:") && e.DeliveryOrder == id {
					t.Errorf("%s was sent for it", e.Operation)
				}
			}
			s.holds()
		})
	}
}

func TestWhatWasLeftOutGoesWithTheNextApprovalOrByARetry(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(s *story, id string) error{
		"approve again": func(s *story, _ string) error { return s.Approve(s.t.Context(), 0, ops) },
		"retry":         func(s *story, id string) error { return s.Handover.Retry(s.t.Context(), s.row(id), ops) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := waits(t, 40)
			p := s.freeze()
			id := first(s.planRows(p), sandbox.Draft).DeliveryOrder
			s.must(s.Platform.PersonOpen(id))
			s.must(s.approve(p.Hash, 0))
			s.pass(30 * time.Minute)
			s.is(journal.Watching)
			if r := s.row(id); r.Plan.Deviation == "" {
				t.Fatalf("it is %s %s and was not left out", r.State, r.Reason)
			}
			s.must(again(s, id))
			s.pass(30 * time.Minute)
			if r := s.row(id); r.State != journal.Reassigned || r.Plan.Deviation != "" {
				t.Errorf("it is %s %s, left out: %q", r.State, r.Reason, r.Plan.Deviation)
			}
			if _, n, err := s.Journal.PlanDeviations(t.Context(), world.Org, s.incident().ID, 100); err != nil || n != 0 {
				t.Errorf("%d are still listed as left out, %v", n, err)
			}
			s.holds()
		})
	}
}

func TestARunAgainInTheQueueApprovesNothing(t *testing.T) {
	t.Parallel()
	s := waits(t, 40)
	p := s.freeze()
	id := first(s.planRows(p), sandbox.Draft).DeliveryOrder
	s.must(s.Platform.PersonOpen(id))
	s.must(s.approve(p.Hash, 0))
	s.pass(30 * time.Minute)
	for _, m := range s.Queue.Archived() {
		s.Queue.RunArchived(m, s.Now())
	}
	s.pass(5 * time.Minute)
	if r := s.row(id); r.State != journal.NeedsPerson || r.Plan.Deviation == "" {
		t.Errorf("it is %s %s, left out: %q", r.State, r.Reason, r.Plan.Deviation)
	}
	s.holds()
}

func TestARecoveryForgetsTheApprovals(t *testing.T) {
	t.Parallel()
	s := waits(t, 20)
	p := s.freeze()
	s.must(s.approve(p.Hash, 1))
	s.pass(10 * time.Minute)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(20 * time.Minute)
	s.is(journal.Closed)
	if _, byPlan, err := s.Journal.Approved(t.Context(), world.Org, s.incident().ID, "any"); err != nil || byPlan {
		t.Errorf("approvals are kept of an incident that is over: %v", err)
	}
	s.holds()
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
