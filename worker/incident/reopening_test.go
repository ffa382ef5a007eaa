package incident_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// inFlight are the delivery orders that the index knows in flight at Paris.
func (s *story) inFlight() []string {
	s.t.Helper()
	ids, _, err := s.Index.InFlight(s.t.Context(), world.Org, s.m.Locations[sandbox.Paris], "", 1000)
	s.must(err)
	return ids
}

// lookedAfter checks, at rest, that each delivery order in flight at Paris waits for an approval, or has a record that is
// open, with an operator, or was left by somebody who meant it.
func (s *story) lookedAfter() {
	s.t.Helper()
	inc := s.incident()
	forgotten := []string{}
	for _, id := range s.inFlight() {
		r, err := s.Journal.Get(s.t.Context(), world.Org, journal.ReassignmentID(inc.ID, id))
		switch {
		case err != nil && inc.State == journal.AwaitingApproval:
		case err != nil:
			forgotten = append(forgotten, id+" has no record")
		case r.State == journal.Reassigned, r.State == journal.Left && (r.Reason == journal.Recovered || r.Reason == journal.Gone):
			forgotten = append(forgotten, fmt.Sprint(id, " ", r.State, " ", r.Reason))
		}
	}
	if len(forgotten) > 0 {
		s.t.Errorf("Paris reads ERROR, the incident is %s; in flight there and nobody's: %v", inc.State, forgotten)
	}
}

// leftRecovered counts what was left since the location had recovered.
func (s *story) leftRecovered() (n int) {
	s.t.Helper()
	for _, r := range s.rows() {
		if r.State == journal.Left && r.Reason == journal.Recovered {
			n++
		}
	}
	return n
}

// blip lets Paris fail, one order be released without an end, and Paris recover: the incident waits for that one.
func blip(t *testing.T, orders int, o world.Options) *story {
	t.Helper()
	s := tell(t, orders, o)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 12 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	if s.incident().State == journal.AwaitingApproval {
		s.must(s.Approve(t.Context(), 0, ops))
		s.pass(time.Minute)
	}
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(30 * time.Second)
	s.is(journal.Watching)
	if s.leftRecovered() == 0 {
		t.Fatal("nothing was left since the location recovered")
	}
	return s
}

func TestWhatWasLeftInARecoveryIsTakenUpWhenTheLocationErrsAgain(t *testing.T) {
	t.Parallel()
	s := blip(t, 60, world.Options{})
	left := s.leftRecovered()
	s.Platform.Break(sandbox.Paris)
	s.pass(85 * time.Second)
	if got := s.leftRecovered(); got != left {
		t.Errorf("%d are left as recovered, want all %d: the settle window is not over", got, left)
	}
	s.pass(40 * time.Minute)
	s.is(journal.Watching)
	s.lookedAfter()
	taken := 0
	for _, r := range s.rows() {
		if strings.Contains(history(r), "reopened: the location reads ERROR again") {
			taken++
		}
	}
	if taken != left {
		t.Errorf("the history of %d says that it was reopened, want %d", taken, left)
	}
	s.holds()
}

func history(r *journal.Reassignment) string {
	var text strings.Builder
	for _, e := range r.History {
		text.WriteString(e.Note + "\n")
	}
	return text.String()
}

func TestABlipThatTheIncidentNeverSawForgetsNobody(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{incident.AutomaticMode, incident.ApproveMode} {
		for _, announced := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, announced %t", mode, announced), func(t *testing.T) {
				t.Parallel()
				s := tell(t, 40, world.Options{Incident: func(i *incident.Settings) { i.Mode = mode }})
				s.Slow = func(*http.Request) time.Duration { return 150 * time.Millisecond }
				s.Platform.Break(sandbox.Paris)
				s.pass(125 * time.Second)
				if mode == incident.ApproveMode {
					s.must(s.Approve(t.Context(), 0, ops))
					s.pass(3 * time.Second)
				}
				s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationActive, "", announced)
				s.pass(4 * time.Second)
				s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationError, "", announced)
				s.pass(30 * time.Second)
				if s.leftRecovered() == 0 {
					t.Fatal("nothing was decided in the blip")
				}
				s.pass(30 * time.Minute)
				s.lookedAfter()
				s.holds()
			})
		}
	}
}

func TestALocationThatFlapsIsFollowedOnceInASettleWindow(t *testing.T) {
	t.Parallel()
	s := blip(t, 30, world.Options{})
	for range 20 { // in ERROR for ten seconds, in ACTIVE for five
		s.Platform.Break(sandbox.Paris)
		s.pass(10 * time.Second)
		s.Platform.Recover(sandbox.Paris, true)
		s.pass(5 * time.Second)
	}
	for _, r := range s.rows() {
		if n := strings.Count(history(r), "reopened"); n > 3 {
			t.Errorf("within five minutes %s was reopened %d times, want three at the most", r.Identity.DeliveryOrder, n)
		}
	}
	s.Platform.Break(sandbox.Paris)
	s.pass(40 * time.Minute)
	s.lookedAfter()
	s.holds()
}

func TestWhoNeededAPersonBeforeARecoveryNeedsOneAfterIt(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{incident.AutomaticMode, incident.ApproveMode} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := blip(t, 40, world.Options{Incident: func(i *incident.Settings) { i.Mode = mode }})
			var opened []string
			for _, id := range s.inFlight() {
				if r := s.row(id); r.Original.Status == "OPENED" && r.State == journal.Left {
					opened = append(opened, id)
				}
			}
			if len(opened) == 0 {
				t.Fatal("no OPENED one was left")
			}
			s.Platform.Break(sandbox.Paris)
			s.pass(20 * time.Minute) // those released before have left their places of the canary
			for _, id := range opened {
				if r := s.row(id); r.State != journal.NeedsPerson || r.Reason == journal.PolicyRule {
					t.Errorf("%s is %s %s, want it before a person again", id, r.State, r.Reason)
				}
			}
		})
	}
}

func TestWhatIsTakenUpAgainNeedsAnotherApproval(t *testing.T) {
	t.Parallel()
	s := blip(t, 40, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	former := s.incident().Plan
	s.Platform.Break(sandbox.Paris)
	s.pass(20 * time.Minute)
	s.is(journal.AwaitingApproval)
	s.lookedAfter()
	waiting, err := s.Incidents.PendingApproval(t.Context(), s.incident())
	s.must(err)
	if waiting.Arrived == 0 || waiting.Planned != 0 || waiting.Approved != 0 {
		t.Fatalf("it waits for %+v, want some that arrived and nothing else", waiting)
	}
	mutations := s.mutations()
	if err := s.approve(former.Hash, 0); err == nil {
		s.pass(5 * time.Minute)
	}
	if n := s.mutations(); n != mutations {
		t.Errorf("%d mutations by the former plan, want none", n-mutations)
	}
	s.is(journal.AwaitingApproval)

	p := s.freeze()
	if p.Moves == 0 || p.Orders != waiting.Arrived {
		t.Errorf("the plan has %d orders and moves %d, want %d orders", p.Orders, p.Moves, waiting.Arrived)
	}
	moved := s.counts()[journal.Reassigned]
	s.must(s.approve(p.Hash, 0))
	s.pass(30 * time.Minute)
	s.is(journal.Watching)
	if got := s.counts()[journal.Reassigned] - moved; got != p.Moves {
		t.Errorf("%d were moved, want the %d that were planned", got, p.Moves)
	}
	s.lookedAfter()
	s.holds()
}

func TestErringAgainPassesTheSizeGateAnew(t *testing.T) {
	t.Parallel()
	s := blip(t, 40, world.Options{Incident: func(i *incident.Settings) { i.ApproveAbove = 40 }})
	if s.incident().ByPlan {
		t.Fatal("it waited for an approval before")
	}
	released := s.released()
	for n := range 40 {
		s.add(fmt.Sprint("more_", n), fmt.Sprint("do_more_", n))
	}
	s.pass(time.Second)
	mutations := s.mutations()
	s.Platform.Break(sandbox.Paris)
	s.pass(8 * time.Minute)
	s.is(journal.AwaitingApproval)
	if n := s.mutations() - mutations; n != 0 {
		t.Errorf("%d mutations without an approval, want none", n)
	}
	waiting, err := s.Incidents.PendingApproval(t.Context(), s.incident())
	s.must(err)
	p := s.freeze()
	if left := s.leftRecovered(); left == 0 || waiting.Arrived != left+40 || p.Orders != waiting.Arrived {
		t.Errorf("%d were left and 40 came; %+v waits, and %d are planned", left, waiting, p.Orders)
	}
	for _, row := range s.planRows(p) {
		if slices.Contains(released, row.DeliveryOrder) {
			t.Errorf("%s was released, and the plan says what becomes of it", row.DeliveryOrder)
		}
	}
	s.must(s.approve(p.Hash, 0)) // once, for what was left too
	s.pass(40 * time.Minute)
	s.is(journal.Watching)
	s.lookedAfter()
	s.holds()
}

// released are the delivery orders whose release began.
func (s *story) released() (ids []string) {
	s.t.Helper()
	for _, r := range s.rows() {
		if r.ReleaseBegan() {
			ids = append(ids, r.Identity.DeliveryOrder)
		}
	}
	return ids
}

func TestNothingIsEnrolledOnceTheLocationRecovered(t *testing.T) {
	t.Parallel()
	s := blip(t, 40, world.Options{})
	s.add("late", "do_late")
	s.pass(5 * time.Minute)
	s.is(journal.Watching)
	if _, err := s.Journal.Get(t.Context(), world.Org, journal.ReassignmentID(s.incident().ID, "do_late")); err == nil {
		t.Error("what came after the recovery was enrolled")
	}
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	if r := s.row("do_late"); r.State != journal.Reassigned {
		t.Errorf("in ERROR again it is %s %s, want reassigned", r.State, r.Reason)
	}
}

func TestOneReadingOfActiveEndsNothing(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	s.is(journal.Watching)
	for range 3 { // the first of the sweep's reads of Paris shows it as it was
		s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationActive, "", false)
		s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationError, "", false)
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, Location: sandbox.Paris, Count: 1})
		s.pass(time.Minute)
		s.is(journal.Watching)
		if at := s.incident().RecoveredAt; !at.IsZero() {
			t.Fatalf("it recovered at %s by one stale reading", at)
		}
	}
}

func TestWhatAnotherIncidentHasWaitsForNoApproval(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	theirs := s.inFlight()[0]
	_, fresh, err := s.Journal.Enroll(t.Context(), &journal.Reassignment{Identity: journal.Identity{Organization: world.Org, Incident: "inc_before", DeliveryOrder: theirs, FromID: s.m.Locations[sandbox.Paris], OpenedAt: s.Now()}})
	s.must(err)
	if !fresh {
		t.Fatal("the other incident has no record of it")
	}
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	s.is(journal.AwaitingApproval)
	waiting, err := s.Incidents.PendingApproval(t.Context(), s.incident())
	s.must(err)
	p := s.freeze()
	if want := len(s.inFlight()) - 1; waiting.Arrived != want || p.Orders != want {
		t.Errorf("%d wait and %d are planned, want %d", waiting.Arrived, p.Orders, want)
	}
}

func TestWhatSomebodyLeftOnPurposeStaysLeft(t *testing.T) {
	t.Parallel()
	s := blip(t, 40, world.Options{})
	var left []*journal.Reassignment
	for _, r := range s.rows() {
		if r.State == journal.Left && r.Reason == journal.Recovered {
			left = append(left, r)
		}
	}
	reasons := []journal.Reason{journal.PolicyLeave, journal.ConfigLeave, journal.ByPerson, journal.StoppedByUs}
	for i, reason := range reasons {
		left[i].Reason = reason
		_, err := s.Journal.Finish(t.Context(), left[i], s.Now())
		s.must(err)
	}
	s.Platform.Break(sandbox.Paris)
	s.pass(40 * time.Minute)
	for i, reason := range reasons {
		if r := s.row(left[i].Identity.DeliveryOrder); r.State != journal.Left || r.Reason != reason || r.Version != left[i].Version {
			t.Errorf("what was left as %s is %s %s", reason, r.State, r.Reason)
		}
	}
	s.lookedAfter()
}
