package incident_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	action "happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/world"
)

// loseJournal empties Redis in the middle of the work, and imports what is in flight as an operator does.
func (s *story) loseJournal() {
	s.t.Helper()
	s.Redis.FlushAll()
	s.Queue.Wipe()
	s.pass(time.Minute)
	s.must(s.Import(s.t.Context(), s.m.Orders...))
}

// TestALostJournalAndAnExceededBlastRadiusHaveAWayOut is of an incident that two gates hold. One can be waived, the other
// wants an approval: each refusal names both, and following them leads out.
func TestALostJournalAndAnExceededBlastRadiusHaveAWayOut(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.Break(sandbox.Lyon)
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	s.loseJournal()
	s.pass(10 * time.Minute)
	paris := s.of(sandbox.Paris)
	if paris.State != journal.Blocked {
		t.Fatalf("the incident of Paris is %s, want blocked", paris.State)
	}
	_, err := s.Incidents.FreezePlan(t.Context(), paris)
	says(t, err, handover.ErrNotApplicable, "the gate blast_radius (2 of 3", "reassigner incidents unblock "+paris.ID,
		"the gate memory (Redis lost the journal at", "reassigner incidents approve "+paris.ID)
	lifts, err := s.Incidents.DescribeUnblock(t.Context(), paris)
	s.must(err)
	for _, want := range []string{"the gate blast_radius (2 of 3", "; what remains: the gate memory (Redis lost the journal at", "approve: reassigner incidents approve " + paris.ID} {
		if !strings.Contains(lifts, want) {
			t.Errorf("unblock lifts %q, want %q in it", lifts, want)
		}
	}
	s.must(s.Incidents.Unblock(t.Context(), paris, ops))
	s.pass(2 * time.Minute)
	if paris = s.of(sandbox.Paris); paris.State != journal.AwaitingApproval {
		t.Fatalf("after unblock the incident of Paris is %s, want awaiting_approval: %+v", paris.State, paris.Gates)
	}
	if n := s.mutations(); n != 0 {
		t.Fatalf("%d mutations before the approval, want none", n)
	}
	paris, err = s.Incidents.FreezePlan(t.Context(), paris)
	s.must(err)
	s.must(s.Actions.Approve(t.Context(), paris, action.Approval{Hash: paris.Plan.Hash}, ops))
	s.pass(20 * time.Minute)
	if paris = s.of(sandbox.Paris); paris.State != journal.Watching {
		t.Errorf("after the approval the incident of Paris is %s, want watching: %+v", paris.State, paris.Gates)
	}
	if s.mutations() == 0 {
		t.Error("nothing was moved")
	}
	s.holds()
}

// says checks a refusal: its kind, and what its text has.
func says(t *testing.T, err, kind error, texts ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("got %v, want a refusal: %v", err, kind)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got %q, want %q in it", err, text)
		}
	}
}
