package incident_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// quiet wants the sweeps of ten minutes to observe the incident and to change nothing of its record.
func (s *story) quiet() {
	s.t.Helper()
	before := s.incident()
	s.pass(10 * time.Minute)
	after := s.incident()
	if after.Version != before.Version || !after.UpdatedAt.Equal(before.UpdatedAt) {
		s.t.Errorf("%s: it was saved %d times in ten minutes in which nothing happened", before.State, after.Version-before.Version)
	}
	if after.Round < before.Round+9 || after.Requests < before.Requests+9 {
		s.t.Errorf("%s: observed %d times with %d requests in ten minutes, want once a minute", before.State, after.Round-before.Round,
			after.Requests-before.Requests)
	}
	if before.State != journal.Blocked && after.ErrorAt.Sub(before.ErrorAt) < 9*time.Minute {
		s.t.Errorf("%s: ERROR was read last at %s, want each minute", before.State, after.ErrorAt)
	}
}

func TestASweepThatFindsNothingNewChangesNoIncident(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options world.Options
		prepare func(*story)
		want    journal.IncidentState
	}{
		"all is moved, and the location still errs": {want: journal.Watching},
		"it waits for an approval": {options: world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }},
			want: journal.AwaitingApproval},
		"the location reads something else": {
			prepare: func(s *story) { s.Platform.SetIntegration(sandbox.Paris, "INACTIVE", "", false) }, want: journal.Blocked},
		"a cancel is waited for": {
			options: world.Options{Incident: func(i *incident.Settings) { i.Canary = 1 }},
			prepare: func(s *story) { s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent}) }, want: journal.Draining},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, 20, c.options)
			s.Platform.Break(sandbox.Paris)
			if c.want != journal.Draining {
				s.pass(10 * time.Minute)
			}
			if c.prepare != nil {
				c.prepare(s)
			}
			s.pass(3 * time.Minute)
			s.is(c.want)
			s.quiet()
		})
	}
}

func TestAnImportIsNewsToAnIncidentThatStandsStill(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	before := s.incident()
	if !before.IndexIncomplete {
		t.Fatal("the index is complete already")
	}
	s.imported()
	s.pass(2 * time.Minute)
	if after := s.incident(); after.IndexIncomplete || after.Version == before.Version {
		t.Errorf("incomplete: %t, version %d after %d; want it saved as complete", after.IndexIncomplete, after.Version, before.Version)
	}
}
