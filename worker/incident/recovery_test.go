package incident_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

func TestAClosedIncidentReportsWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	s := tell(t, 60, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 5 * time.Minute})
	before := s.requests()
	s.Platform.Break(sandbox.Paris)
	s.pass(4 * time.Minute)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(time.Minute)
	s.is(journal.Watching) // five are released and are finished
	s.pass(15 * time.Minute)
	s.is(journal.Closed)
	inc := s.incident()
	report := inc.Report
	if report == nil {
		t.Fatal("there is no report")
	}
	moved, left := 0, 0
	for _, r := range s.rows() {
		switch {
		case r.State == journal.Reassigned:
			moved++
		case r.State == journal.Left && r.Reason == journal.Recovered:
			left++
		case r.State == journal.NeedsPerson && !r.ReleaseBegan():
			t.Errorf("%s still needs a person: %s", r.Identity.DeliveryOrder, r.Reason)
		}
	}
	if report.Moved != moved || moved < 5 || report.Left[journal.Recovered] != left || left == 0 || report.InProgress != 0 {
		t.Errorf("report %+v, want %d moved and %d left", report, moved, left)
	}
	if first := report.FirstAt.Sub(inc.OpenedAt); first < 2*time.Minute || first > 3*time.Minute {
		t.Errorf("the first was moved after %s, want a DRAFT soon after the settle window", first)
	}
	if last := report.LastAt.Sub(inc.OpenedAt); last < 8*time.Minute || last > 10*time.Minute {
		t.Errorf("the last was moved after %s, want one whose cancel took five minutes and its acceptance two", last)
	}
	if report.LongestWait < 400 || report.LongestWait > 460 {
		t.Errorf("the longest waited %d s, want a bit more than the seven minutes of a cancel and an acceptance", report.LongestWait)
	}
	// The sweep's looks at other locations are nobody's incident's.
	if asked := s.requests() - before; report.Requests < asked/2 || report.Requests > asked {
		t.Errorf("%d requests, the platform counted %d", report.Requests, asked)
	}
	s.holds()
}

func TestALocationThatFailsAgainBeforeItsIncidentIsClosedPassesTheGatesAgain(t *testing.T) {
	t.Parallel()
	s := tell(t, 60, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 10 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.pass(4 * time.Minute)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(2 * time.Minute)
	s.is(journal.Watching)
	s.Platform.Break(sandbox.Lyon) // two of three now
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	ids, err := s.Journal.IncidentIDs(t.Context(), world.Org)
	if err != nil {
		t.Fatal(err)
	}
	inc, err := s.Journal.Incident(t.Context(), world.Org, ids[len(ids)-1])
	if err != nil {
		t.Fatal(err)
	}
	if inc.State != journal.Blocked {
		t.Errorf("the first incident is %s, want blocked by the blast radius: %+v", inc.State, inc.Gates)
	}
}

func TestWhatWasPreparedIsUndoneWhenTheLocationRecovers(t *testing.T) {
	t.Parallel()
	s := tell(t, 40, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault429, Operation: "deliveryOrderCancel", After: 10 * time.Minute}) // never executed
	s.Platform.Break(sandbox.Paris)
	s.pass(4 * time.Minute)
	prepared := map[string]string{}
	for _, r := range s.rows() {
		if r.Replacement.ID != "" && !r.ReleaseBegan() && !r.State.IsAtRest() {
			prepared[r.Identity.DeliveryOrder] = r.Replacement.ID
		}
	}
	if len(prepared) == 0 {
		t.Fatal("nothing is prepared")
	}
	s.Platform.ClearFaults()
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(15 * time.Minute)
	s.is(journal.Closed)
	for original, replacement := range prepared {
		if r := s.row(original); r.State != journal.Left || r.Reason != journal.Recovered {
			t.Errorf("%s is %s %s, want left: recovered", original, r.State, r.Reason)
		}
		if d, _ := s.Platform.Books().DeliveryOrder(replacement); d.Lines[0].Status != sandbox.LineCanceled {
			t.Errorf("our DRAFT %s is %s, its line %s, want it cancelled", replacement, d.Status, d.Lines[0].Status)
		}
	}
	s.holds()
}
