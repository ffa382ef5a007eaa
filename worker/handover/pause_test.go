package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

func (s *fixture) pauses(scope string) {
	s.t.Helper()
	_, err := s.Incidents.Pause(s.ctx, world.Org, scope, ops)
	s.must(err)
}

func (s *fixture) resumes(scope string) {
	s.t.Helper()
	_, err := s.Incidents.Resume(s.ctx, world.Org, scope, ops)
	s.must(err)
}

func TestAPausedFallbackIsPassedOver(t *testing.T) {
	t.Parallel()
	for _, status := range []string{sandbox.Pending, sandbox.Draft} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", status)
			s.pauses("loc_lyon")
			s.breaks()
			s.ends("1", "reassigned")
			if r := s.row("1"); r.Decision.To != sandbox.Lille {
				t.Errorf("it went to %s, want Lille", r.Decision.To)
			}
			s.holds()
		})
	}
}

func TestNothingIsSentToTheOnlyFallbackWhileItIsPaused(t *testing.T) {
	t.Parallel()
	for _, status := range []string{sandbox.Pending, sandbox.Draft} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Policy: onlyLyon})
			s.order("1", status)
			s.pauses("loc_lyon")
			n := s.mutations()
			s.Platform.Break(sandbox.Paris)
			s.pass(3 * time.Hour)
			if got := s.mutations(); got != n {
				t.Fatalf("%d mutations in the pause, want none\n%s", got-n, s.story())
			}
			if r := s.row("1"); r.State.IsAtRest() {
				t.Errorf("it is %s %s, want it to wait", r.State, r.Reason)
			}
			s.resumes("loc_lyon")
			s.rest()
			s.ends("1", "reassigned")
			s.holds()
		})
	}
}

func TestAPauseOfTheTargetStopsWhatIsReleasedToo(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 2 * time.Minute})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.until("1", journal.ConfirmingRelease)
	s.pauses("loc_lyon")
	n := s.mutations()
	s.pass(3 * time.Hour)
	r := s.row("1")
	if got := s.mutations(); got != n || r.State.IsAtRest() || !r.Released() {
		t.Fatalf("%d mutations in the pause, it is %s %s\n%s", got-n, r.State, r.Reason, s.story())
	}
	s.resumes("loc_lyon")
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}

func TestTheFallbacksAnswerIsNotDueWhileItIsPaused(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.until("1", journal.Confirming)
	s.pauses("loc_lyon")
	s.pass(3 * time.Hour)
	if r := s.row("1"); r.State != journal.Confirming {
		t.Errorf("in the pause it became %s %s", r.State, r.Reason)
	}
	s.resumes("loc_lyon")
	s.pass(50 * time.Minute)
	if r := s.row("1"); r.State != journal.Confirming {
		t.Errorf("50 minutes after the pause it is %s %s, want an hour to be waited", r.State, r.Reason)
	}
	s.pass(15 * time.Minute)
	s.ends("1", "needs_person: fallback_silent")
}

func TestADraftIsNotMovedAwayFromAPausedPlace(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Incident: anyShare})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 5 * time.Minute})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.until("1", journal.ConfirmingRelease)
	s.pauses("loc_lyon")
	s.Platform.SetActive(sandbox.Lyon, false) // it does not fit any more
	s.pass(time.Hour)
	r := s.row("1")
	if d, _ := s.Platform.Books().DeliveryOrder(r.Replacement.ID); d.Location != "loc_lyon" || r.State.IsAtRest() {
		t.Errorf("%s is at %s, the row %s %s, want it to wait at Lyon\n%s", r.Replacement.ID, d.Location, r.State, r.Reason, s.story())
	}
	s.resumes("loc_lyon")
	s.rest()
	s.ends("1", "reassigned")
	if r := s.row("1"); r.Decision.To != sandbox.Lille {
		t.Errorf("it went to %s, want Lille", r.Decision.To)
	}
	s.holds()
}

// TestAPauseHoldsWhatStandsAtAFormerTargetToo has the target drop out in its pause, and no other fallback: the DRAFT that stands there is
// not withdrawn before the pause ends.
func TestAPauseHoldsWhatStandsAtAFormerTargetToo(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: onlyLyon})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 2 * time.Minute, DeliveryOrder: "do_1"})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.until("1", journal.ConfirmingRelease)
	s.pauses("loc_lyon")
	s.Platform.SetActive(sandbox.Lyon, false)
	n := s.mutations()
	s.pass(time.Hour)
	if got := s.mutations(); got != n {
		t.Errorf("%d mutations in the pause\n%s", got-n, s.story())
	}
	s.resumes("loc_lyon")
	s.rest()
	s.ends("1", "needs_person: no_candidate")
}
