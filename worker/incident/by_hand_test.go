package incident_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	action "happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/world"
)

// openByHand opens an incident at Paris, which works.
func (s *story) openByHand() *journal.Incident {
	s.t.Helper()
	inc, err := s.Incidents.OpenByHand(s.t.Context(), world.Org, s.m.Locations[sandbox.Paris], handover.Actor{User: "ops", Reason: "flood"})
	s.must(err)
	return inc
}

// emptyParis opens an incident at Paris by hand and approves its plan.
func (s *story) emptyParis() {
	s.t.Helper()
	inc, err := s.Incidents.FreezePlan(s.t.Context(), s.openByHand())
	s.must(err)
	s.must(s.Actions.Approve(s.t.Context(), inc, action.Approval{Hash: inc.Plan.Hash}, ops))
}

func (s *story) closeByHand() {
	s.t.Helper()
	s.must(s.Incidents.CloseByHand(s.t.Context(), s.incident(), handover.Actor{User: "ops", Reason: "dry again"}))
}

// reasons counts the rows of a state by reason.
func (s *story) reasons(state journal.State) map[journal.Reason]int {
	s.t.Helper()
	n := map[journal.Reason]int{}
	for _, r := range s.rows() {
		if r.State == state {
			n[r.Reason]++
		}
	}
	return n
}

func TestALocationThatWorksIsEmptiedByHandAndClosed(t *testing.T) {
	t.Parallel()
	s := tell(t, 40, world.Options{})
	if inc := s.openByHand(); inc.State != journal.AwaitingApproval || !inc.Confirmed() {
		t.Fatalf("opened it is %s, confirmed %t; want it to wait for its approval at once: %+v", inc.State, inc.Confirmed(), inc.Gates)
	}
	s.pass(20 * time.Minute)
	s.is(journal.AwaitingApproval)
	if n := s.mutations(); n != 0 {
		t.Fatalf("%d mutations before the approval, want none", n)
	}
	approveAll(s)
	s.pass(20 * time.Minute)
	s.is(journal.Watching)
	if got := s.counts(); got[journal.Reassigned] == 0 || s.reasons(journal.Left)[journal.Recovered] > 0 {
		t.Errorf("counts %v, left %v; want some reassigned and none left as recovered", got, s.reasons(journal.Left))
	}
	s.holds()
	s.closeByHand()
	s.pass(time.Minute)
	s.is(journal.Closed)
	if cooling, err := s.Journal.Cooldown(t.Context(), world.Org, s.m.Locations[sandbox.Paris]); err != nil || cooling.Incident != "" {
		t.Errorf("its end began a cooldown: %+v, %v", cooling, err)
	}
	s.holds()
}

func TestNoReadingBlocksOrEndsAnIncidentByHand(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*story){
		"INACTIVE": func(s *story) { s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationInactive, "", false) },
		"another integration": func(s *story) {
			s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationActive, "int_other", false)
		},
		"ERROR, then it works": func(s *story) {
			s.Platform.Break(sandbox.Paris)
			s.pass(time.Minute)
			s.Platform.Recover(sandbox.Paris, true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, 40, world.Options{})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 3 * time.Minute})
			s.emptyParis()
			s.pass(20 * time.Second)
			read(s)
			s.pass(20 * time.Minute)
			s.is(journal.Watching)
			if got := s.counts(); got[journal.Reassigned] < 5 || s.reasons(journal.Left)[journal.Recovered] > 0 {
				t.Errorf("counts %v, left %v", got, s.reasons(journal.Left))
			}
			if ids, err := s.Journal.IncidentIDs(t.Context(), world.Org); err != nil || len(ids) != 1 {
				t.Errorf("incidents %v, %v: the event joins the one that is open", ids, err)
			}
			s.holds()
		})
	}
}

func TestStoppedByHandTheLocationIsHeldUntilItIsUnblocked(t *testing.T) {
	t.Parallel()
	s := tell(t, 40, world.Options{})
	s.emptyParis()
	s.pass(20 * time.Second)
	s.must(s.Incidents.Stop(t.Context(), s.incident(), ops))
	s.pass(20 * time.Minute)
	s.is(journal.Stopped)
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(20 * time.Minute)
	s.is(journal.Stopped)
	says(t, s.Incidents.CloseByHand(t.Context(), s.incident(), ops), handover.ErrNotApplicable, "incidents unblock "+s.incident().ID)
	says(t, s.Incidents.CheckOpenable(t.Context(), world.Org, s.m.Locations[sandbox.Paris]), handover.ErrNotApplicable, "incidents unblock "+s.incident().ID)
	s.must(s.Incidents.Unblock(t.Context(), s.incident(), ops))
	s.is(journal.Closed)
	s.openByHand()
	s.holds()
}

func TestALocationHasOneIncidentWhoeverOpensIt(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	paris := s.m.Locations[sandbox.Paris]
	first := s.openByHand()
	_, err := s.Incidents.OpenByHand(t.Context(), world.Org, paris, handover.Actor{User: "mia", Reason: "flood"})
	says(t, err, handover.ErrNotApplicable, first.ID, "ops opened by hand: flood")
	s.Platform.Announce("location/fulfillment_service_integration/errored", sandbox.Paris)
	s.pass(time.Second)
	if ids, err := s.Journal.IncidentIDs(t.Context(), world.Org); err != nil || len(ids) != 1 || s.incident().Events != 1 {
		t.Errorf("incidents %v, %v, with %d events; want the event to join", ids, err, s.incident().Events)
	}
	s.Platform.Break(sandbox.Lyon)
	s.pass(5 * time.Minute)
	lyon := s.of(sandbox.Lyon)
	_, err = s.Incidents.OpenByHand(t.Context(), world.Org, s.m.Locations[sandbox.Lyon], ops)
	says(t, err, handover.ErrNotApplicable, lyon.ID, "reads ACTIVE again, what was not released is left there", "incidents stop "+lyon.ID)
	says(t, s.Incidents.CloseByHand(t.Context(), lyon, ops), handover.ErrNotApplicable, "incidents stop "+lyon.ID)
	// The incident by hand counts for the blast radius of the other, and is not held by it.
	if h, holds := s.holdOf(lyon, "blast_radius"); !holds || !strings.Contains(h.Detail, "2 of 3") {
		t.Errorf("Lyon is not held by the blast radius: %+v", h)
	}
	if h, holds := s.holdOf(s.of(sandbox.Paris), "blast_radius"); holds {
		t.Errorf("Paris is held by %s", h)
	}
}

// holdOf returns how a gate holds an incident.
func (s *story) holdOf(inc *journal.Incident, gate string) (incident.Hold, bool) {
	s.t.Helper()
	holds := s.report(inc).Blocking
	at := slices.IndexFunc(holds, func(h incident.Hold) bool { return h.Gate == gate })
	if at < 0 {
		return incident.Hold{}, false
	}
	return holds[at], true
}

func TestOpenedTwiceInOneSecondThereAreTwoIncidents(t *testing.T) {
	t.Parallel()
	s := tell(t, 0, world.Options{})
	first := s.openByHand()
	s.closeByHand()
	s.pass(0)
	s.is(journal.Closed)
	if second := s.openByHand(); second.ID == first.ID || second.State.IsOpen() == false {
		t.Errorf("the second incident is %s, %s; the first was %s", second.ID, second.State, first.ID)
	}
}

func TestThePlanCountsWhatThePlatformMaySendAgain(t *testing.T) {
	t.Parallel()
	s := tell(t, 60, world.Options{})
	inc, err := s.Incidents.FreezePlan(t.Context(), s.openByHand())
	s.must(err)
	want, automatic := 0, map[string]bool{}
	for _, o := range s.Platform.Books().Orders {
		automatic[o.ID] = o.Dispatching == "AUTOMATIC"
	}
	for row, err := range s.Journal.PlanRows(t.Context(), world.Org, inc.ID, inc.Plan, 0) {
		s.must(err)
		if row.Action == journal.Reassigned && row.Status != "DRAFT" && automatic[row.Orders[0]] {
			want++
		}
	}
	if got := inc.Plan.Automatic; got != want || want == 0 {
		t.Errorf("the plan counts %d that the platform may send again, want %d", got, want)
	}
}

// TestWhatIsOnItsWayToALocationIsCountedAndGoesElsewhere opens an incident at Lyon, to which handovers of Paris are on their way.
func TestWhatIsOnItsWayToALocationIsCountedAndGoesElsewhere(t *testing.T) {
	t.Parallel()
	s := tell(t, 60, world.Options{Incident: func(i *incident.Settings) { i.MaxShare = 1 }})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 4 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.pass(4 * time.Minute)
	lyon := s.m.Locations[sandbox.Lyon]
	notSent, sent := 0, 0
	for _, r := range s.rows() {
		switch {
		case r.State.IsAtRest() || r.Decision.ToID != lyon:
		case r.Sent():
			sent++
		default:
			notSent++
		}
	}
	would, err := s.Actions.OpenIncident(t.Context(), "ops", api.PauseRequest{Location: sandbox.Lyon, DryRun: true})
	s.must(err)
	if would.Towards.NotSent < notSent || notSent == 0 || would.Towards.Sent < sent {
		t.Errorf("%+v are on their way, want %d not sent and %d sent at least", would.Towards, notSent, sent)
	}
	_, err = s.Actions.OpenIncident(t.Context(), "ops", api.PauseRequest{Location: sandbox.Lyon, Reason: "flood"})
	s.must(err)
	before := s.sentTo(lyon)
	s.pass(30 * time.Minute)
	if now := s.sentTo(lyon); now != before {
		t.Errorf("%d were sent to Lyon after its incident was opened", now-before)
	}
	s.holds()
}

// sentTo counts the replacements that stand at a location and were sent.
func (s *story) sentTo(location string) (n int) {
	for _, r := range s.allRows() {
		if r.Sent() && r.Decision.ToID == location {
			n++
		}
	}
	return n
}

func (s *story) allRows() []*journal.Reassignment {
	s.t.Helper()
	rows, err := s.Rows(s.t.Context())
	s.must(err)
	return rows
}
