package incident_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// This file is about the orders that an approved plan does not move, or would not by the policy of now.

// lilleFirst is the policy of the world, but that Lille comes before Lyon.
const lilleFirst = `version: 1
rules:
  - name: paris falls back to lille, then lyon
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lille-warehouse, lyon-warehouse], must: [ships_to_country], prefer: [listed_order]}}
default: needs_person
`

func TestWhatIsPlannedGoesWhereItWasPlannedThoughAnotherIsPreferredNow(t *testing.T) {
	t.Parallel()
	s := waits(t, 40)
	p := s.freeze()
	if err := s.Reload(lilleFirst); err != nil {
		t.Fatal(err)
	}
	if err := s.approve(p.Hash, 0); err != nil {
		t.Fatal(err)
	}
	s.pass(30 * time.Minute)
	moved := 0
	for _, row := range s.planRows(p) {
		if row.Action != journal.Reassigned {
			continue
		}
		moved++
		if r := s.row(row.DeliveryOrder); r.State != journal.Reassigned || r.Decision.ToID != row.ToID {
			t.Errorf("%s became %s at %s (%s), planned to %s", row.DeliveryOrder, r.State, r.Decision.To, r.Plan.Deviation, row.To)
		}
	}
	if moved == 0 {
		t.Fatal("the plan moves nothing: the story is too thin")
	}
	s.holds()
}

// TestWhatNoApprovedPlanNamesIsLeftOut enrols one past the walk, as a worker of before may have.
func TestWhatNoApprovedPlanNamesIsLeftOut(t *testing.T) {
	t.Parallel()
	s := waits(t, 40)
	p := s.freeze()
	s.add("ord_late", "do_late")
	if err := s.approve(p.Hash, 0); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.Journal.Enroll(t.Context(), &journal.Reassignment{Identity: journal.Identity{Organization: world.Org, Incident: s.incident().ID, DeliveryOrder: "do_late", Root: "do_late", Orders: []string{"ord_late"}, FromID: s.m.Locations[sandbox.Paris], From: sandbox.Paris, OpenedAt: s.Now()}})
	if err != nil {
		t.Fatal(err)
	}
	s.pass(10 * time.Minute)
	if r := s.row("do_late"); r.State != journal.NeedsPerson || r.Reason != journal.PolicyRule || r.Plan.Deviation != "no approved plan names it" {
		t.Errorf("it is %s %s, %q", r.State, r.Reason, r.Plan.Deviation)
	}
	if d, _ := s.Platform.Books().DeliveryOrder("do_late"); d.Location != s.m.Locations[sandbox.Paris] {
		t.Errorf("it stands at %s", d.Location)
	}
	s.holds()
}

func TestWhatWasNotToMoveIsLeftOutThoughItCouldMoveNow(t *testing.T) {
	t.Parallel()
	for otherwise, c := range map[string]struct{ changed string }{
		"needs_person": {"planned for a person (policy_rule); now it could go to lille-warehouse"},
		"leave":        {"planned to be left (policy_leave); now it could go to lille-warehouse"},
	} {
		t.Run(otherwise, func(t *testing.T) {
			t.Parallel()
			s := tell(t, 10, world.Options{Policy: "version: 1\nrules: []\ndefault: " + otherwise + "\n",
				Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
			s.Platform.Break(sandbox.Paris)
			s.pass(5 * time.Minute)
			p := s.freeze()
			if p.Orders == 0 || p.Moves > 0 {
				t.Fatalf("the plan is %+v: the story is too thin", p)
			}
			if err := s.Reload(lilleFirst); err != nil {
				t.Fatal(err)
			}
			if err := s.approve(p.Hash, 0); err != nil {
				t.Fatal(err)
			}
			s.pass(10 * time.Minute)
			told := 0
			for _, row := range s.planRows(p) {
				r := s.row(row.DeliveryOrder)
				if r.State == journal.Reassigned {
					t.Errorf("%s was moved to %s, planned %s %s", row.DeliveryOrder, r.Decision.To, row.Action, row.Reason)
				}
				if r.Plan.Deviation == c.changed && r.State == journal.NeedsPerson && r.Reason == journal.PolicyRule {
					told++
				}
			}
			if told == 0 {
				t.Errorf("of none is it told that %s", c.changed)
			}
			if n := s.mutations(); n > 0 {
				t.Errorf("%d mutations, want none", n)
			}
			s.holds()
		})
	}
}
