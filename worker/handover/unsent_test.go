package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// outOfReach has the cancel of do_1 never leave the machine, and nothing else from then on.
func outOfReach(t *testing.T) *fixture {
	t.Helper()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropBefore, Operation: "deliveryOrderCancel"})
	s.Platform.Break(sandbox.Paris)
	s.pass(125 * time.Second)
	if s.row("1").Intent == nil {
		t.Fatalf("no cancel is in doubt\n%s", s.story())
	}
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropBefore})
	return s
}

// TestACancelThatNobodyWasAskedForIsSentOnceMore has the network away for longer than cancel_timeout: the
// deadline is one for the platform, and the platform was not asked.
func TestACancelThatNobodyWasAskedForIsSentOnceMore(t *testing.T) {
	t.Parallel()
	s := outOfReach(t)
	s.pass(40 * time.Minute)
	s.Platform.ClearFaults()
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}

// TestACancelThatIsSentOnceMoreHasItsTime confirms one, after the network was away, later than the deadline of the
// first.
func TestACancelThatIsSentOnceMoreHasItsTime(t *testing.T) {
	t.Parallel()
	s := outOfReach(t)
	s.pass(40 * time.Minute)
	s.Platform.ClearFaults()
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 10 * time.Minute})
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}

// TestACancelWhoseReplyIsAlwaysLostEndsWithItsDeadline has a platform that is read, and that fails at each cancel of
// the original: that it is repeated does not put the deadline off, and eats no rate.
func TestACancelWhoseReplyIsAlwaysLostEndsWithItsDeadline(t *testing.T) {
	t.Parallel()
	const cancelsMost = 11
	for _, kind := range []string{sandbox.DropBefore, sandbox.Fault500} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: kind, Operation: "deliveryOrderCancel"})
			s.Platform.Break(sandbox.Paris)
			s.pass(10 * time.Minute)
			if state := s.row("1").State; state.IsAtRest() {
				t.Errorf("it is %s before the deadline", state)
			}
			s.pass(10 * time.Minute)
			s.ends("1", "needs_person: cancel_unconfirmed")
			if n := s.Platform.Books().Requests["deliveryOrderCancel"]; n > cancelsMost {
				t.Errorf("%d cancels were sent, want at most %d", n, cancelsMost)
			}
			s.Platform.ClearFaults()
			s.must(s.Platform.PersonCancel("do_1"))
			s.rest()
			s.ends("1", "reassigned")
			s.holds()
		})
	}
}

// TestWhatThePlatformNeverDoesIsAPersons has a platform that is read, and that answers one mutation with nothing but
// faults. The reads between do not make them forgotten.
func TestWhatThePlatformNeverDoesIsAPersons(t *testing.T) {
	t.Parallel()
	const sentMost = 45 // in about three hours; twice a minute it would be 360
	for _, operation := range []string{"deliveryOrderCreate", "deliveryOrderOpen"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: operation})
			s.Platform.Break(sandbox.Paris)
			s.must(s.RunUntilIdle(s.ctx, 4*time.Hour))
			s.ends("1", "needs_person: retries_exhausted")
			if n := s.Platform.Books().Requests[operation]; n > sentMost {
				t.Errorf("it was sent %d times, want at most %d", n, sentMost)
			}
			s.holds()
			s.Platform.ClearFaults()
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", "reassigned")
			s.holds()
		})
	}
}

// TestACancelIsNotRepeatedWhereItMayNotBeSentAnyMore has the network come back to an original that may not be
// released any more: two reads prove that nobody was asked to cancel it, so nobody is.
func TestACancelIsNotRepeatedWhereItMayNotBeSentAnyMore(t *testing.T) {
	t.Parallel()
	accepts := func(s *fixture) { s.must(s.Platform.WarehouseAccept("do_1")) }
	starts := func(s *fixture) { accepts(s); s.must(s.Platform.WarehouseStart("do_1")) }
	deactivates := func(s *fixture) { s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationInactive, "", false) }
	stops := func(s *fixture) {
		inc, err := s.Incident(s.ctx)
		s.must(err)
		s.must(s.Incidents.Stop(s.ctx, inc, ops))
	}
	for _, tt := range []struct {
		what      string
		recovers  bool
		meanwhile func(*fixture)
		want      string
	}{
		{"its location recovered", true, func(*fixture) {}, "left: recovered"},
		{"its location recovered and accepted it", true, accepts, "left: recovered"},
		{"its location began with it", false, starts, "needs_person: already_preparing"},
		{"its incident was stopped", false, stops, "left: stopped"},
		{"its location's integration is inactive", false, deactivates, "needs_person: cancel_unconfirmed"},
		{"its location's integration is inactive, and its incident was stopped", false, func(s *fixture) { deactivates(s); stops(s) }, "left: stopped"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := outOfReach(t)
			s.pass(5 * time.Minute)
			if tt.recovers {
				s.Platform.Recover(sandbox.Paris, true)
			}
			tt.meanwhile(s)
			s.pass(40 * time.Minute)
			s.Platform.ClearFaults()
			s.rest()
			s.ends("1", tt.want)
			s.holds()
			for _, e := range s.Platform.Books().Entries {
				if e.Operation == "deliveryOrderCancel" && e.DeliveryOrder == "do_1" && e.Applied {
					t.Errorf("the original was cancelled\n%s", s.story())
				}
			}
		})
	}
}

// TestADeathBeforeTheCancelAndARecovery kills the worker between the recorded intent and the cancel; before another
// goes on, the location has recovered.
func TestADeathBeforeTheCancelAndARecovery(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.Crash = &world.Crash{Mutation: "deliveryOrderCancel", Nth: 1, When: world.BeforeCall}
	s.pass(123 * time.Second)
	s.Platform.Recover(sandbox.Paris, true)
	s.rest()
	s.ends("1", "left: recovered")
	s.holds()
}

// TestACancelWhoseEventIsYetToComeIsWaitedFor has the reply of the cancel lost, and the lines of the original cancelled
// for minutes before the event says so: that much shows that it was taken.
func TestACancelWhoseEventIsYetToComeIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 5 * time.Minute, ShowCanceled: true})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropAfter, Operation: "deliveryOrderCancel", Count: 1})
	s.breaks()
	s.ends("1", "reassigned")
	if n := s.Platform.Books().Requests["deliveryOrderCancel"]; n != 1 {
		t.Errorf("%d cancels were sent, want 1", n)
	}
	s.holds()
}
