package incident_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// tellErrored submits an errored event of Paris as another road would: with another id, and a date.
func (s *story) tellErrored(message string, dated time.Time) {
	s.t.Helper()
	inc := s.incident()
	s.must(s.Queue.Submit(s.t.Context(), tasks.Observe{V: tasks.Version, Organization: world.Org, Location: inc.LocationID,
		Integration: inc.Integration, Message: message, Dated: dated}, s.Now()))
}

// TestAnErroredEventThatComesLateOnAnotherRoadOpensNothing has it come when the incident is over. It is dated within a
// settle window of the first, before it or after it.
func TestAnErroredEventThatComesLateOnAnotherRoadOpensNothing(t *testing.T) {
	t.Parallel()
	for name, apart := range map[string]time.Duration{"a second before": -time.Second, "a minute after": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, 0, world.Options{})
			broke := s.Now()
			s.Platform.Break(sandbox.Paris)
			s.pass(time.Minute)
			s.Platform.Recover(sandbox.Paris, false)
			s.pass(5 * time.Minute)
			s.is(journal.Dismissed)
			s.tellErrored("late", broke.Add(apart))
			s.pass(5 * time.Minute)
			if n := len(s.incidents()); n != 1 {
				t.Errorf("there are %d incidents, want 1", n)
			}
		})
	}
}

func TestAnErroredEventOfALaterFailureOpensAnIncident(t *testing.T) {
	t.Parallel()
	s := tell(t, 0, world.Options{})
	broke := s.Now()
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Minute)
	s.Platform.Recover(sandbox.Paris, false)
	s.pass(5 * time.Minute)
	s.is(journal.Dismissed)
	s.tellErrored("later", broke.Add(2*time.Minute+time.Second)) // a settle window is 2 min
	s.pass(time.Second)
	if n := len(s.incidents()); n != 2 {
		t.Errorf("there are %d incidents, want 2", n)
	}
}

func TestAnErroredEventThatComesLateOpensAnIncidentIfTheLocationReadsError(t *testing.T) {
	t.Parallel()
	s := tell(t, 0, world.Options{})
	broke := s.Now()
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Minute)
	s.Platform.Recover(sandbox.Paris, false)
	s.pass(5 * time.Minute)
	s.is(journal.Dismissed)
	s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationError, "", false)
	s.tellErrored("late", broke)
	s.pass(time.Second)
	if n := len(s.incidents()); n != 2 {
		t.Errorf("there are %d incidents, want 2: the location reads ERROR", n)
	}
}

func TestAnErroredEventOnAnotherRoadJoinsTheOpenIncident(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Second)
	s.tellErrored("the same", s.Now())
	s.pass(10 * time.Minute)
	s.is(journal.Watching)
	if got := s.incident(); got.Events != 2 || len(s.incidents()) != 1 {
		t.Errorf("%d events of %d incidents, want 2 of 1", got.Events, len(s.incidents()))
	}
	s.holds()
}

// TestWhatTwoRoadsDisagreeAboutIsReadOnce has two roads say different things of one delivery order within a second.
func TestWhatTwoRoadsDisagreeAboutIsReadOnce(t *testing.T) {
	t.Parallel()
	s := tell(t, 5, world.Options{})
	id := s.inFlight()[0]
	s.pass(61 * time.Second)
	known, _, err := s.Index.Get(t.Context(), world.Org, id)
	s.must(err)
	for _, road := range []string{"webhook", "kafka"} {
		e := known
		e.Road, e.Status, e.Date = road, "said by "+road, s.Now()
		_, err := s.Index.Put(t.Context(), world.Org, e, "msg-"+road)
		s.must(err)
	}
	before := s.swept().Requests
	s.pass(61 * time.Second)
	got, _, err := s.Index.Get(t.Context(), world.Org, id)
	s.must(err)
	if got.Status != known.Status {
		t.Errorf("it reads %q, want the platform's %q", got.Status, known.Status)
	}
	if n := s.swept().Requests; n != before+1 {
		t.Errorf("the sweep sent %d requests, want one more than the %d of the last", n, before)
	}
	s.pass(61 * time.Second)
	if n := s.swept().Requests; n != before {
		t.Errorf("the next sweep sent %d requests, want %d", n, before)
	}
	if left, err := s.Index.Disputed(t.Context(), world.Org, 10); err != nil || len(left) > 0 {
		t.Errorf("%q are still to be read, %v", left, err)
	}
}
