package incident_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

func (s *story) stop() {
	s.t.Helper()
	if err := s.Incidents.Stop(s.t.Context(), s.incident(), ops); err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) unblock(id string) error {
	s.t.Helper()
	inc, err := s.Journal.Incident(s.t.Context(), world.Org, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.Incidents.Unblock(s.t.Context(), inc, ops)
}

func (s *story) rows() []*journal.Reassignment {
	s.t.Helper()
	rows, err := s.Rows(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return rows
}

// stoppedMidDrain is a drain that was stopped while five are released and the rest waits for the canary.
func stoppedMidDrain(t *testing.T) *story {
	s := tell(t, 60, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 5 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.pass(4 * time.Minute)
	if s.counts()[journal.ConfirmingRelease] != 5 || s.counts()[journal.Pending] == 0 {
		t.Fatalf("counts %v, want five released and some pending", s.counts())
	}
	s.stop()
	return s
}

func TestAStoppedIncidentBeginsNothingAndFinishesWhatWasReleased(t *testing.T) {
	t.Parallel()
	s := stoppedMidDrain(t)
	s.pass(10 * time.Second)
	if got := s.counts(); got[journal.Pending] != 0 || got[journal.ConfirmingRelease] != 5 {
		t.Errorf("seconds later the counts are %v, want nothing pending and five released", got)
	}
	s.pass(20 * time.Minute)
	s.is(journal.Stopped)
	if got := s.asked("deliveryOrderCreate"); got != 5 {
		t.Errorf("%d replacements were prepared, want the five", got)
	}
	stopped := 0
	for _, r := range s.rows() {
		switch {
		case r.ReleaseBegan() && r.State != journal.Reassigned:
			t.Errorf("%s was released and is %s %s", r.Identity.DeliveryOrder, r.State, r.Reason)
		case !r.State.IsAtRest():
			t.Errorf("%s is %s", r.Identity.DeliveryOrder, r.State)
		case r.State == journal.Left && r.Reason == journal.StoppedByUs:
			stopped++
		}
	}
	report := s.incident().Report
	if report == nil || report.Left[journal.StoppedByUs] != stopped || stopped == 0 {
		t.Errorf("report %+v, want %d left as stopped", report, stopped)
	}
	s.holds()
}

func TestWhatAStoppedIncidentHadPreparedIsTakenBack(t *testing.T) {
	t.Parallel()
	s := tell(t, 60, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(110 * time.Second)
	// The worker dies with a DRAFT made and not recorded; before its lease ends the incident is stopped.
	s.Crash = &world.Crash{Mutation: "deliveryOrderCreate", Nth: 1, When: world.AfterCall}
	s.pass(15 * time.Second)
	if s.Crashes != 1 {
		t.Fatalf("%d workers died, want one", s.Crashes)
	}
	s.stop()
	s.pass(20 * time.Minute)
	withdrawn := 0
	for _, r := range s.rows() {
		if len(r.Replacement.Past) > 0 && r.State == journal.Left && r.Reason == journal.StoppedByUs {
			withdrawn++
		}
	}
	if withdrawn != 1 {
		t.Errorf("%d were taken back, want the one that was prepared: %v", withdrawn, s.counts())
	}
	s.holds()
}

func TestPausedBesidesWhatWasReleasedStands(t *testing.T) {
	t.Parallel()
	s := stoppedMidDrain(t)
	if _, err := s.Incidents.Pause(t.Context(), world.Org, journal.AllLocations, ops); err != nil {
		t.Fatal(err)
	}
	before := s.mutations()
	s.pass(20 * time.Minute)
	if got := s.mutations() - before; got != 0 {
		t.Errorf("%d mutations in a stopped and paused incident, want none", got)
	}
	if _, err := s.Incidents.Resume(t.Context(), world.Org, journal.AllLocations, ops); err != nil {
		t.Fatal(err)
	}
	s.pass(20 * time.Minute)
	if got := s.counts()[journal.Reassigned]; got < 5 {
		t.Errorf("%d reassigned after the pause, want the five that were released", got)
	}
	s.holds()
}

func TestAStoppedIncidentHoldsItsLocationUntilItReadsActive(t *testing.T) {
	t.Parallel()
	s := stoppedMidDrain(t)
	s.Platform.Announce("location/fulfillment_service_integration/errored", sandbox.Paris)
	s.pass(3 * time.Hour)
	ids, err := s.Journal.IncidentIDs(t.Context(), world.Org)
	if err != nil || len(ids) != 1 {
		t.Fatalf("incidents %v, %v, want the stopped one only", ids, err)
	}
	s.is(journal.Stopped)
	s.Platform.Recover(sandbox.Paris, false)
	s.pass(2 * time.Minute)
	s.is(journal.Closed)
}

func TestAPersonLiftsTheStop(t *testing.T) {
	t.Parallel()
	s := stoppedMidDrain(t)
	first := s.incident().ID
	s.pass(20 * time.Minute)
	if err := s.unblock(first); err != nil {
		t.Fatal(err)
	}
	s.is(journal.Closed)
	if by := s.incident().LiftedBy; by != "ops" {
		t.Errorf("lifted by %q, want ops", by)
	}
	// The location still reads ERROR: it gets an incident of its own, without a cooldown.
	s.pass(20 * time.Minute)
	if s.incident().ID == first {
		t.Fatal("no new incident was opened")
	}
	s.is(journal.Watching)
	s.holds()
	if err := s.unblock(first); !errors.Is(err, handover.ErrNotApplicable) {
		t.Errorf("lifting it again: %v, want a refusal", err)
	}
}

func TestStoppingTwiceIsRefused(t *testing.T) {
	t.Parallel()
	s := stoppedMidDrain(t)
	if err := s.Incidents.Stop(t.Context(), s.incident(), ops); !errors.Is(err, handover.ErrNotApplicable) {
		t.Errorf("stopping it again: %v, want a refusal", err)
	}
}

func TestUnblockWaivesTheGateThatBlocks(t *testing.T) {
	t.Parallel()
	t.Run("the blast radius", func(t *testing.T) {
		t.Parallel()
		s := tell(t, 40, world.Options{})
		s.Platform.Break(sandbox.Lyon)
		s.Platform.Break(sandbox.Paris)
		s.pass(5 * time.Minute)
		ids, err := s.Journal.IncidentIDs(t.Context(), world.Org)
		if err != nil {
			t.Fatal(err)
		}
		var paris string
		for _, id := range ids {
			if inc, err := s.Journal.Incident(t.Context(), world.Org, id); err == nil && inc.Location == sandbox.Paris {
				paris = id
			}
		}
		if err := s.unblock(paris); err != nil {
			t.Fatal(err)
		}
		s.pass(20 * time.Minute)
		inc, err := s.Journal.Incident(t.Context(), world.Org, paris)
		if err != nil {
			t.Fatal(err)
		}
		if inc.State != journal.Watching {
			t.Errorf("the incident is %s, want watching: %+v", inc.State, inc.Gates)
		}
		if w := inc.Waiver("blast_radius"); w == nil || w.By != "ops" || w.Reason != ops.Reason {
			t.Errorf("waiver %+v, want who and why", w)
		}
		s.holds()
	})
	t.Run("the cooldown", func(t *testing.T) {
		t.Parallel()
		s := coolingDown(t)
		s.Platform.Break(sandbox.Paris)
		s.pass(5 * time.Minute)
		s.is(journal.Blocked)
		if err := s.unblock(s.incident().ID); err != nil {
			t.Fatal(err)
		}
		s.pass(10 * time.Minute)
		s.is(journal.Watching)
	})
	t.Run("the cooldown, before the location fails again", func(t *testing.T) {
		t.Parallel()
		s := coolingDown(t)
		if err := s.unblock(s.incident().ID); err != nil {
			t.Fatal(err)
		}
		s.Platform.Break(sandbox.Paris)
		s.pass(10 * time.Minute)
		s.is(journal.Watching)
	})
	t.Run("the canary", func(t *testing.T) {
		t.Parallel()
		s := tell(t, 60, world.Options{Incident: func(i *incident.Settings) { i.Canary = 2 }})
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
		s.Platform.Break(sandbox.Paris)
		s.pass(30 * time.Minute)
		s.is(journal.Blocked)
		s.Platform.ClearFaults()
		if err := s.unblock(s.incident().ID); err != nil {
			t.Fatal(err)
		}
		s.pass(20 * time.Minute)
		s.is(journal.Watching)
		if got := s.asked("deliveryOrderCreate"); got < 10 {
			t.Errorf("%d replacements were prepared, want all", got)
		}
	})
}

// coolingDown is a location whose incident was just closed.
func coolingDown(t *testing.T) *story {
	s := tell(t, 40, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(2 * time.Minute)
	s.is(journal.Closed)
	return s
}

func TestUnblockRefusesWhatItCannotLift(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		given      func(*story)
	}{
		{"a pause", "is blocked by the gate pause (paused), which nobody can waive; lift the pause: reassigner resume --reason \"WHY\"", func(s *story) {
			if _, err := s.Incidents.Pause(t.Context(), world.Org, journal.AllLocations, ops); err != nil {
				t.Fatal(err)
			}
		}},
		{"another reading than ERROR", "which nobody can waive; it goes on by itself when the location reads ERROR, and ends when it reads ACTIVE",
			func(s *story) { s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationInactive, "", false) }},
		{"an incident that nothing holds", "is watching; nothing holds it that could be lifted", func(*story) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, 20, world.Options{})
			s.Platform.Break(sandbox.Paris)
			s.pass(time.Minute)
			c.given(s)
			s.pass(20 * time.Minute)
			err := s.unblock(s.incident().ID)
			if !errors.Is(err, handover.ErrNotApplicable) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestALiftedStopIsNotRefusedSinceTheSweepWroteAtTheSameMoment: it writes once all is at rest, which is when a
// person unblocks.
func TestALiftedStopIsNotRefusedSinceTheSweepWroteAtTheSameMoment(t *testing.T) {
	t.Parallel()
	s := stoppedMidDrain(t)
	s.pass(20 * time.Minute)
	read := s.incident()
	s.must(s.Journal.SaveIncident(t.Context(), s.incident(), s.Now()))
	s.must(s.Incidents.Unblock(t.Context(), read, ops))
	s.is(journal.Closed)
	if got := s.incident().LiftedBy; got != ops.User {
		t.Errorf("lifted by %q, want %q", got, ops.User)
	}
}
