package incident_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// of is the incident of a location.
func (s *story) of(name string) *journal.Incident {
	s.t.Helper()
	open, err := s.Journal.OpenIncidents(s.t.Context(), world.Org)
	s.must(err)
	inc, err := s.Journal.Incident(s.t.Context(), world.Org, open[s.m.Locations[name]])
	s.must(err)
	return inc
}

func TestRumoursAboutTheOthersBlockNothing(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Minute)
	for _, name := range []string{sandbox.Lyon, sandbox.Lille} {
		s.Platform.Announce("location/fulfillment_service_integration/errored", name)
	}
	s.pass(65 * time.Second)
	paris := s.of(sandbox.Paris)
	if paris.State != journal.Draining {
		t.Fatalf("the incident of Paris is %s: %+v", paris.State, paris.Gates)
	}
	if got := s.of(sandbox.Lyon).State; got != journal.Settling {
		t.Errorf("the incident of Lyon is %s, want settling", got)
	}
	want := "1 of 3 known locations are under incident, the limit is a share of 0.5; not counted: 2 that no reading of ERROR confirms"
	for _, g := range paris.Gates {
		if g.Name == "blast_radius" && g.Detail != want {
			t.Errorf("the gate saw %q, want %q", g.Detail, want)
		}
	}
	s.pass(10 * time.Minute)
	s.holds()
}

func TestAnotherThatReadsErrorCountsBeforeItIsConfirmed(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Minute)
	s.Platform.Break(sandbox.Lyon)
	s.pass(65 * time.Second)
	if inc := s.of(sandbox.Paris); inc.State != journal.Blocked {
		t.Errorf("the incident of Paris is %s, want blocked: two of three read ERROR", inc.State)
	}
	if got := s.of(sandbox.Lyon).State; got != journal.Settling {
		t.Errorf("the incident of Lyon is %s, want settling", got)
	}
}

func TestAnIncidentIsConfirmedByWhatWasRead(t *testing.T) {
	t.Parallel()
	s := tell(t, 10, world.Options{})
	s.Platform.Break(sandbox.Lyon)
	s.pass(time.Minute)
	if s.of(sandbox.Lyon).Confirmed() {
		t.Error("it is confirmed by its event")
	}
	s.Platform.SetIntegration(sandbox.Lyon, sandbox.IntegrationPending, "", false)
	s.pass(2 * time.Minute)
	if inc := s.of(sandbox.Lyon); inc.State != journal.Blocked || inc.Confirmed() {
		t.Errorf("blocked by what is no ERROR it is %s, confirmed %t", inc.State, inc.Confirmed())
	}
	s.Platform.SetIntegration(sandbox.Lyon, sandbox.IntegrationError, "", false)
	s.pass(2 * time.Minute)
	s.Platform.SetIntegration(sandbox.Lyon, sandbox.IntegrationPending, "", false)
	s.pass(2 * time.Minute)
	if inc := s.of(sandbox.Lyon); inc.State != journal.Blocked || !inc.Confirmed() {
		t.Errorf("after it read ERROR it is %s, confirmed %t", inc.State, inc.Confirmed())
	}
}

func TestAGateThatCannotAskNowDecidesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mood sandbox.Fault
		want journal.IncidentState
	}{
		"throttled":      {sandbox.Fault{Kind: sandbox.Fault429, Location: sandbox.Lyon, After: 20 * time.Second, Count: 1}, journal.Settling},
		"not readable":   {sandbox.Fault{Kind: sandbox.Fault500, Location: sandbox.Lyon}, journal.Draining},
		"in good health": {sandbox.Fault{Kind: sandbox.Latency, Location: sandbox.Lyon}, journal.Draining},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, 20, world.Options{})
			s.Platform.Break(sandbox.Paris)
			s.pass(time.Minute)
			s.Platform.Announce("location/fulfillment_service_integration/errored", sandbox.Lyon)
			s.pass(58 * time.Second)
			s.Platform.AddFault(c.mood)
			s.pass(5 * time.Second)
			if got := s.of(sandbox.Paris); got.State != c.want {
				t.Errorf("the incident of Paris is %s, want %s: %+v", got.State, c.want, got.Gates)
			}
			s.pass(time.Minute)
			if got := s.of(sandbox.Paris).State; got != journal.Draining && got != journal.Watching {
				t.Errorf("a minute later the incident of Paris is %s", got)
			}
		})
	}
}
