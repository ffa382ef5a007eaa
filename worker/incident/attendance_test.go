package incident_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

func TestAnOrganizationThatIsTakenOutMidDrainIsWarnedOf(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := tell(t, 40, world.Options{Log: &log})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 10 * time.Minute})
	s.must(s.Incidents.NoteAttendance(t.Context()))
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	released := len(s.released())
	if released == 0 {
		t.Fatal("nothing is released")
	}
	s.must(s.Incidents.NoteAttendance(t.Context()))

	// The next configuration does not name it.
	var urgent []string
	others := &incident.Incidents{Journal: s.Journal, Now: s.Now, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Organizations: map[string]*worker.Organization{"org_other": {ID: "org_other"}},
		Urgent:        func(organization, reason string) { urgent = append(urgent, organization+" "+reason) }}
	warnings := func() int { return strings.Count(log.String(), "alert=urgent organization="+world.Org) }
	s.must(others.NoteAttendance(t.Context()))
	if n := warnings(); n != 0 {
		t.Errorf("%d warnings while the other worker may serve it yet, want none", n)
	}
	for range 12 {
		s.Redis.SetTime(s.Now().Add(3 * time.Minute))
		s.must(others.NoteAttendance(t.Context()))
	}
	if n := warnings(); n != 1 || len(urgent) != 1 || urgent[0] != world.Org+" organization_unserved" {
		t.Errorf("%d warnings, urgent %v, want one\n%s", n, urgent, log.String())
	}
	unserved, err := s.Journal.UnservedOrganizations(t.Context(), []string{"org_other"}, false)
	s.must(err)
	if len(unserved) != 1 || unserved[0].Released != released || unserved[0].Unsent != released {
		t.Errorf("told of %+v, want %d released", unserved, released)
	}
	s.must(s.Incidents.NoteAttendance(t.Context())) // it is configured again
	s.pass(time.Hour)
	s.is(journal.Watching)
	s.holds()
}
