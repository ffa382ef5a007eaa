package handover_test

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	action "happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/world"
)

// onlyLyon is a policy with one fallback.
const onlyLyon = `version: 1
rules:
  - name: paris falls back to lyon
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse]}}
default: needs_person
`

// hint has an errored event come about a location that works.
func (s *fixture) rumour(name string) {
	s.Platform.Announce("location/fulfillment_service_integration/errored", name)
}

// oldNews posts an errored event about a former integration of Lyon, as one that is a day old comes when a queue is
// unblocked.
func (s *fixture) oldNews() {
	s.t.Helper()
	body := fmt.Appendf(nil, `{"header":{"organizationId":%q,"messageId":"old","webhookId":"w","type":"location/fulfillment_service_integration/errored",`+
		`"date":"2026-05-17T00:00:00.000Z"},"body":{"id":"fsi_old","locationId":"loc_lyon","fulfillmentServiceId":"fs","accessToken":null,"scopes":[],"state":"ERROR"}}`, world.Org)
	if code := s.PostWebhook(body, webhook.Sign(body, "secret")).Code; code != 200 {
		s.t.Fatalf("the receiver answers %d", code)
	}
}

func TestARumourAboutTheOnlyFallbackIsWaitedOut(t *testing.T) {
	t.Parallel()
	for name, rumour := range map[string]func(*fixture){
		"of its integration": func(s *fixture) { s.rumour(sandbox.Lyon) },
		"of a former one":    (*fixture).oldNews, // its incident is blocked, since it waits for the former one
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Policy: onlyLyon})
			for i := range 4 {
				s.order(fmt.Sprint(i), sandbox.Pending)
			}
			s.Platform.Break(sandbox.Paris)
			s.pass(time.Minute)
			rumour(s)
			s.pass(70 * time.Second)
			for i := range 4 {
				if r := s.row(fmt.Sprint(i)); r.State != journal.Holding || r.Admission.Admitted {
					t.Errorf("do_%d is %s %s, begun %t, while it is not known whether Lyon failed, want holding without a turn", i, r.State, r.Reason, r.Admission.Admitted)
				}
			}
			s.pass(75 * time.Second) // Lyon was observed again
			s.ends("0", "reassigned")
			s.order("late", sandbox.Pending)
			s.pass(65 * time.Second)
			for _, id := range []string{"0", "1", "2", "3", "late"} {
				s.ends(id, "reassigned")
			}
			s.holds()
		})
	}
}

func TestARumourAboutOneFallbackLetsTheNextTakeAll(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Minute)
	s.rumour(sandbox.Lyon)
	s.pass(65 * time.Second)
	s.ends("1", "reassigned")
	if r := s.row("1"); r.Decision.To != sandbox.Lille {
		t.Errorf("it went to %s, want Lille: nobody waits for Lyon while another takes it", r.Decision.To)
	}
	s.holds()
}

func TestAFallbackThatFailedIsWaitedForUntilThatIsConfirmed(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: onlyLyon, Incident: anyShare})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Minute)
	s.Platform.Break(sandbox.Lyon)
	s.pass(70 * time.Second)
	if r := s.row("1"); r.State != journal.Holding {
		t.Errorf("it is %s %s while nothing is confirmed, want holding", r.State, r.Reason)
	}
	s.pass(2 * time.Minute)
	s.ends("1", "needs_person: no_candidate")
	s.holds()
}

func TestAFallbackWhoseFailureWasConfirmedIsOutWhateverItReads(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: onlyLyon, Incident: func(i *incident.Settings) { i.MaxShare, i.Sweep = 1, 5*time.Hour }})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Lyon)
	s.pass(3 * time.Minute)
	s.Platform.Recover(sandbox.Lyon, false) // nobody looked yet
	s.breaks()
	s.ends("1", "needs_person: no_candidate")
	s.holds()
}

func TestRumoursWithoutAnEndAreWaitedOutOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: onlyLyon})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.pass(30 * time.Second)
	for range 26 { // one every ten seconds: when one incident of Lyon is dismissed, the next is open
		s.rumour(sandbox.Lyon)
		s.pass(10 * time.Second)
	}
	s.ends("1", "reassigned")
	if r := s.row("1"); r.UpdatedAt.Sub(r.Identity.OpenedAt) > 135*time.Second {
		t.Errorf("it was moved %s after it was found, want a settle window at the most", r.UpdatedAt.Sub(r.Identity.OpenedAt))
	}
	s.holds()
}

func TestWhatIsReleasedWaitsForATargetThatMayHaveFailed(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: onlyLyon})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.until("1", journal.ConfirmingRelease)
	s.rumour(sandbox.Lyon)
	s.until("1", journal.Holding)
	r := s.row("1")
	if !r.Released() || r.Replacement.ID == "" || !r.Admission.Admitted {
		t.Fatalf("it is not released\n%s", s.story())
	}
	draft := r.Replacement.ID
	s.rest()
	s.ends("1", "reassigned")
	if r := s.row("1"); r.Replacement.ID != draft || r.Decision.To != sandbox.Lyon {
		t.Errorf("%s was sent to %s, want its DRAFT %s to Lyon\n%s", r.Replacement.ID, r.Decision.To, draft, s.story())
	}
	s.holds()
}

func TestAPlannedFallbackIsWaitedForThoughAnotherWouldTakeIt(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	inc, err := s.Incident(s.ctx)
	s.must(err)
	inc, err = s.Incidents.FreezePlan(s.ctx, inc)
	s.must(err)
	s.pass(10 * time.Second)
	s.rumour(sandbox.Lyon)
	s.pass(time.Second)
	s.must(s.Actions.Approve(s.ctx, inc, action.Approval{Hash: inc.Plan.Hash}, ops))
	s.pass(time.Minute)
	if r := s.row("1"); r.State != journal.Holding {
		t.Errorf("it is %s %s %s, want holding", r.State, r.Reason, r.Plan.Deviation)
	}
	s.rest()
	s.ends("1", "reassigned")
	if r := s.row("1"); r.Decision.To != sandbox.Lyon {
		t.Errorf("it went to %s, and was planned to Lyon", r.Decision.To)
	}
	s.holds()
}

func TestAPlanTellsThatACandidateMayHaveFailed(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: onlyLyon, Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	inc, err := s.Incident(s.ctx)
	s.must(err)
	s.rumour(sandbox.Lyon)
	s.pass(time.Second)
	rows, _ := s.rehearse()
	if len(rows) != 1 || rows[0].State != journal.Holding {
		t.Fatalf("the plan is %+v, want one that waits", rows)
	}
	inc, err = s.Incidents.FreezePlan(s.ctx, inc)
	s.must(err)
	s.must(s.Actions.Approve(s.ctx, inc, action.Approval{Hash: inc.Plan.Hash}, ops))
	s.pass(10 * time.Second)
	if r := s.row("1"); r.State != journal.Holding {
		t.Errorf("it is %s %s, want holding as planned", r.State, r.Reason)
	}
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}

func TestARedispatchToAPlaceThatMayHaveFailedIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: onlyLyon, Handover: func(h *handover.Settings) { h.RedispatchSettle = 30 * time.Second }})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lille, After: 10 * time.Second})
	s.order("1", sandbox.Pending, automatic)
	s.Platform.Break(sandbox.Paris)
	s.pass(121 * time.Second)
	s.rumour(sandbox.Lille)
	s.rest()
	s.ends("1", "reassigned")
	if r := s.row("1"); !r.Replacement.Adopted || r.Decision.To != sandbox.Lille {
		t.Errorf("it went to %s, adopted %t, want the platform's own at Lille\n%s", r.Decision.To, r.Replacement.Adopted, s.story())
	}
	s.holds()
}
