package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	action "happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/world"
)

// cutOff has another policy after half past six, half an hour after a story begins.
const cutOff = `version: 1
rules:
  - name: before the cut-off
    when: {time: {zone: UTC, to: "06:30"}}
    then: {reassign: {candidates: [lyon-warehouse], must: [{capacity: {per_hour: 1}}]}}
  - name: after the cut-off
    when: {}
    then: {reassign: {candidates: [lille-warehouse]}}
default: leave
`

// TestWhatWaitsIsDecidedAsOfItsFirstDecision has a delivery order wait for capacity until after the cut-off. Its worker's
// clock is hours ahead of Redis's.
func TestWhatWaitsIsDecidedAsOfItsFirstDecision(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: cutOff, Skew: 3 * time.Hour})
	s.order("1", sandbox.Pending)
	s.order("2", sandbox.Pending)
	s.breaks()
	s.pass(2 * time.Hour)
	s.rest()
	for _, id := range []string{"1", "2"} {
		s.ends(id, "reassigned")
		if r := s.row(id); r.Decision.To != sandbox.Lyon || r.Decision.Policy.Rule != "before the cut-off" || r.Decision.Moment.Sub(world.Start) > 30*time.Minute {
			t.Errorf("%s went to %s by %q as of %s", id, r.Decision.To, r.Decision.Policy.Rule, r.Decision.Moment)
		}
	}
	s.holds()
}

// TestARetryIsDecidedAsOfNow has the only candidate refuse before the cut-off.
func TestARetryIsDecidedAsOfNow(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: cutOff})
	s.Platform.SetActive("loc_lyon", false)
	s.order("1", sandbox.Pending)
	s.breaks()
	s.ends("1", "needs_person: no_candidate")
	s.pass(time.Hour)
	s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "reassigned")
	if r := s.row("1"); r.Decision.To != sandbox.Lille {
		t.Errorf("it went to %s by %q", r.Decision.To, r.Decision.Policy.Rule)
	}
	s.holds()
}

// TestAnApprovedPlanIsDecidedAsOfWhenItWasMade has the approval come after the cut-off.
func TestAnApprovedPlanIsDecidedAsOfWhenItWasMade(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: cutOff, Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	s.order("1", sandbox.Pending)
	s.breaks()
	s.pass(world.Start.Add(29 * time.Minute).Sub(s.Now()))
	inc, err := s.Incident(s.ctx)
	s.must(err)
	inc, err = s.Incidents.FreezePlan(s.ctx, inc)
	s.must(err)
	s.pass(5 * time.Minute)
	s.must(s.Actions.Approve(s.ctx, inc, action.Approval{Hash: inc.Plan.Hash}, ops))
	s.rest()
	s.ends("1", "reassigned")
	if r := s.row("1"); r.Decision.To != sandbox.Lyon {
		t.Errorf("it went to %s by %q, as of %s", r.Decision.To, r.Decision.Policy.Rule, r.Decision.Moment)
	}
	s.holds()
}
