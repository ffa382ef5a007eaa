package incident_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

type story struct {
	*world.World
	t *testing.T
	m sandbox.Merchant
}

func tell(t *testing.T, orders int, o world.Options) *story {
	t.Helper()
	w, err := world.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	s := &story{World: w, t: t}
	s.m = sandbox.Seed(w.Platform, sandbox.SeedOptions{Organization: world.Org, Orders: orders, Seed: 3})
	s.pass(time.Second)
	return s
}

func (s *story) pass(d time.Duration) {
	s.t.Helper()
	if err := s.Advance(s.t.Context(), d); err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) incident() *journal.Incident {
	s.t.Helper()
	inc, err := s.Incident(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return inc
}

func (s *story) is(want journal.IncidentState) {
	s.t.Helper()
	if got := s.incident(); got.State != want {
		s.t.Fatalf("at %s the incident is %s, want %s: %+v", s.Now().Format("15:04:05"), got.State, want, got.History)
	}
}

func (s *story) counts() map[journal.State]int {
	s.t.Helper()
	tally, err := s.Journal.Tally(s.t.Context(), world.Org, s.incident().ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return tally.States
}

func (s *story) holds() {
	s.t.Helper()
	v, err := s.Judge(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if !v.Holds() {
		s.t.Errorf("the judge sees:\n%s", v)
	}
}

// mutations counts what we changed on the platform.
func (s *story) mutations() int {
	n := 0
	for _, e := range s.Platform.Books().Entries {
		if strings.HasPrefix(e.Actor, "api:") {
			n++
		}
	}
	return n
}

func TestALocationThatStaysInErrorIsDrainedAfterTheSettleWindow(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Minute)
	s.is(journal.Settling)
	opened := s.incident()
	if got, want := opened.History[0].Note, "opened; the location is read again at "+opened.OpenedAt.Add(2*time.Minute).Format(time.RFC3339); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if n := s.mutations(); n != 0 {
		t.Fatalf("%d mutations within the settle window, want none", n)
	}
	s.pass(10 * time.Minute)
	s.is(journal.Watching)
	if got := s.counts(); got[journal.Reassigned] == 0 {
		t.Errorf("counts %v, want some reassigned", got)
	}
	s.holds()
}

func TestALocationThatRecoversWithinTheSettleWindowIsDismissed(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Minute)
	s.Platform.Recover(sandbox.Paris, false)
	s.pass(10 * time.Minute)
	s.is(journal.Dismissed)
	if n := s.mutations(); n != 0 {
		t.Errorf("%d mutations, want none", n)
	}
}

func TestLaterEventsJoinTheOpenIncident(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Second)
	for range 3 {
		s.Platform.Announce("location/fulfillment_service_integration/errored", sandbox.Paris)
		s.pass(time.Second)
	}
	ids, err := s.Journal.IncidentIDs(t.Context(), world.Org)
	if err != nil || len(ids) != 1 {
		t.Fatalf("incidents %v, %v, want one", ids, err)
	}
	if got := s.incident().Events; got != 4 {
		t.Errorf("events %d, want 4", got)
	}
}

func TestApproveModeMovesNothingBeforeApproval(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	s.Platform.Break(sandbox.Paris)
	s.pass(20 * time.Minute)
	s.is(journal.AwaitingApproval)
	if n := s.mutations(); n != 0 {
		t.Fatalf("%d mutations before approval, want none", n)
	}
	var planned []journal.State
	for r, err := range s.Incidents.NewForecast(world.Org, false).PredictLocation(t.Context(), index.Location{ID: s.m.Locations[sandbox.Paris]}) {
		if err != nil {
			t.Fatal(err)
		}
		planned = append(planned, r.State)
	}
	if n := s.mutations(); n != 0 {
		t.Fatalf("%d mutations by planning, want none", n)
	}
	if err := s.Approve(t.Context(), 0, handover.Actor{User: "ops", Reason: "looked at the plan"}); err != nil {
		t.Fatal(err)
	}
	s.pass(20 * time.Minute)
	s.is(journal.Watching)
	s.holds()
	counts := s.counts()
	for _, state := range []journal.State{journal.Reassigned, journal.NeedsPerson, journal.Left} {
		want := 0
		for _, p := range planned {
			if p == state {
				want++
			}
		}
		if counts[state] != want {
			t.Errorf("%s: %d, the plan said %d", state, counts[state], want)
		}
	}
	if err := s.Approve(t.Context(), 0, handover.Actor{User: "ops"}); err == nil {
		t.Error("approving a second time succeeded, want a refusal")
	}
}

func TestMoreThanApproveAboveWaitsForAPerson(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{Incident: func(i *incident.Settings) { i.ApproveAbove = 3 }})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	s.is(journal.AwaitingApproval)
	at := slices.IndexFunc(s.incident().Gates, func(g journal.Gate) bool { return g.Name == "size" })
	if got, want := s.incident().Gates[at].Detail, "more than 3 delivery orders would move"; got != want {
		t.Errorf("the gate saw %q, want %q", got, want)
	}
}

func TestPauseStopsTheDrainAndResumeGoesOn(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	by := handover.Actor{User: "ops", Reason: "look first"}
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Minute)
	if _, err := s.Incidents.Pause(t.Context(), world.Org, journal.AllLocations, by); err != nil {
		t.Fatal(err)
	}
	s.pass(30 * time.Minute)
	s.is(journal.Blocked)
	if n := s.mutations(); n != 0 {
		t.Fatalf("%d mutations while paused, want none", n)
	}
	if lifted, err := s.Incidents.Resume(t.Context(), world.Org, journal.AllLocations, by); err != nil || !lifted {
		t.Fatalf("resume: %v, %v", lifted, err)
	}
	s.pass(20 * time.Minute)
	s.is(journal.Watching)
	s.holds()
}

func TestDeadlinesStandStillWhilePaused(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{Incident: func(i *incident.Settings) { i.Canary = 100 }}) // all are released before the pause
	by := handover.Actor{User: "ops", Reason: "look first"}
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 40 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	if _, err := s.Incidents.Pause(t.Context(), world.Org, s.m.Locations[sandbox.Paris], by); err != nil {
		t.Fatal(err)
	}
	s.pass(32 * time.Minute)
	if _, err := s.Incidents.Resume(t.Context(), world.Org, s.m.Locations[sandbox.Paris], by); err != nil {
		t.Fatal(err)
	}
	s.pass(30 * time.Minute)
	rows, err := s.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Reason == journal.CancelUnconfirmed {
			t.Errorf("%s ended as cancel_unconfirmed although 32 of its 40 minutes were paused", r.Identity.DeliveryOrder)
		}
	}
	s.holds()
}

func TestARecoveredLocationKeepsWhatWasNotReleased(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 8 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.pass(4 * time.Minute)
	released := s.counts()[journal.ConfirmingRelease]
	if released == 0 {
		t.Fatal("nothing waits for its release")
	}
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(20 * time.Minute)
	s.is(journal.Closed)
	rows, err := s.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if !r.State.IsOver() && r.State != journal.NeedsPerson {
			t.Errorf("%s is %s after the incident closed", r.Identity.DeliveryOrder, r.State)
		}
		if r.State == journal.NeedsPerson && !r.ReleaseBegan() {
			t.Errorf("%s still needs a person: %s", r.Identity.DeliveryOrder, r.Reason)
		}
	}
	s.holds()
}

func TestAnotherReadingThanErrorBlocks(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*story){
		"inactive":            func(s *story) { s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationInactive, "", false) },
		"another integration": func(s *story) { s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationError, "fsi_other", false) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, 20, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
			s.Platform.Break(sandbox.Paris)
			s.pass(4 * time.Minute)
			s.is(journal.AwaitingApproval)
			change(s)
			s.pass(20 * time.Minute)
			s.is(journal.Blocked)
			if n := s.mutations(); n != 0 {
				t.Errorf("%d mutations, want none", n)
			}
		})
	}
}

func TestTheSweepFindsALocationWhoseEventNeverCame(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: "location/fulfillment_service_integration/errored"})
	s.Platform.Break(sandbox.Paris)
	s.pass(90 * time.Second)
	s.is(journal.Settling)
	s.pass(10 * time.Minute)
	s.is(journal.Watching)
	s.holds()
}

func TestALateArrivalJoins(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	before := s.counts()[journal.Reassigned]
	s.Platform.AddOrder(sandbox.Order{ID: "late", Organization: world.Org, Lines: []sandbox.OrderLine{{ID: "l", SKU: "LATE", Quantity: 1}}})
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_late", Location: s.m.Locations[sandbox.Paris], Orders: []string{"late"},
		Status: sandbox.Draft, Lines: []sandbox.Line{{ID: "dl", OrderLine: "l", SKU: "LATE", Status: sandbox.LineNew, Quantity: 1}}})
	s.pass(5 * time.Minute)
	if got := s.counts()[journal.Reassigned]; got != before+1 {
		t.Errorf("%d reassigned, want %d", got, before+1)
	}
	s.holds()
}

func TestAnIncidentOverAnEmptyIndexSaysThatTheIndexIsIncomplete(t *testing.T) {
	t.Parallel()
	s := tell(t, 0, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	if inc := s.incident(); !inc.IndexIncomplete {
		t.Errorf("index_incomplete is false on an index that knows nothing: %+v", inc)
	}
}

func TestEveryTaskLostInTheMiddleOfADrainIsMadeUpFor(t *testing.T) {
	t.Parallel()
	s := tell(t, 40, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 30 * time.Second})
	s.Platform.Break(sandbox.Paris)
	s.pass(125 * time.Second)
	s.Queue.Wipe()
	s.pass(20 * time.Minute)
	s.is(journal.Watching)
	s.holds()
}
