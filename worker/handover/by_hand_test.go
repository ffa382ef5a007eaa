package handover_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

var byHand = handover.Actor{User: "ops", Reason: "flood"}

// insists repeats what an operator asks for as long as the worker dies over it or does not answer.
func (s *fixture) insists(ask func() error) {
	s.t.Helper()
	for range 5 {
		err := s.RunOperatorAction(ask)
		if err == nil || errors.Is(err, handover.ErrNotApplicable) { // it was done when the worker died
			return
		}
		s.pass(time.Second)
	}
	s.t.Fatalf("it was not done\n%s", s.story())
}

// empties opens an incident of Paris by hand and approves its plan.
func (s *fixture) empties() {
	s.t.Helper()
	s.insists(func() error {
		_, err := s.Incidents.OpenByHand(s.ctx, world.Org, "loc_paris", byHand)
		return err
	})
	s.pass(time.Second)
	for range 3 { // the worker may die over the plan, or before it answers
		s.insists(func() error { return s.Approve(s.ctx, 0, byHand) })
		inc, err := s.Incident(s.ctx)
		if s.must(err); !inc.ApprovedAt.IsZero() {
			return
		}
	}
	s.t.Fatalf("the plan was not approved\n%s", s.story())
}

// closes closes the incident of Paris, and runs until all rests.
func (s *fixture) closes() {
	s.t.Helper()
	s.insists(func() error {
		inc, err := s.Incident(s.ctx)
		if err != nil {
			return err
		}
		return s.Incidents.CloseByHand(s.ctx, inc, byHand)
	})
	s.rest()
}

// byHandStories are of a location that works, and that an operator empties.
var byHandStories = []story{
	{"a draft is moved", func(s *fixture) {
		s.order("1", sandbox.Draft)
		s.empties()
		s.rest()
	}, []string{"reassigned"}},
	{"a pending order is handed over", func(s *fixture) {
		s.order("1", sandbox.Pending)
		s.empties()
		s.rest()
	}, []string{"reassigned"}},
	{"the platform dispatches again to a fallback", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lyon, After: 5 * time.Second, Count: 1})
		s.order("1", sandbox.Pending, automatic)
		s.empties()
		s.rest()
	}, []string{"reassigned"}},
	{"the platform dispatches again to the location itself", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Paris, After: 5 * time.Second, Count: 1})
		s.order("1", sandbox.Pending, automatic)
		s.empties()
		s.rest()
	}, []string{"needs_person: over_allocated"}},
	{"it is closed while the release is in the air", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
		s.order("1", sandbox.Pending)
		s.empties()
		s.pass(time.Minute)
		s.closes()
	}, []string{"reassigned", "left: by_person"}},
	{"it is closed at once", func(s *fixture) {
		s.order("1", sandbox.Pending)
		s.empties()
		s.closes()
	}, []string{"reassigned", "left: by_person"}},
}

// TestCrashMatrixByHand kills the worker around every request of every story in which an operator empties a location.
func TestCrashMatrixByHand(t *testing.T) {
	t.Parallel()
	for _, story := range byHandStories {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			n := requestsOf(t, story.tell)
			for _, moment := range []world.Moment{world.BeforeCall, world.AfterCall, world.LostReply, world.AfterRecord} {
				for nth := 1; nth <= n; nth++ {
					s := newShop(t, world.Options{Policy: byStock})
					s.Crash = &world.Crash{Nth: nth, When: moment}
					story.tell(s)
					s.holds()
					s.balances()
					if rows, err := s.Rows(s.ctx); err == nil && len(rows) == 0 && strings.HasPrefix(story.name, "it is closed") {
						continue // before anything was enrolled
					}
					r := s.row("1")
					end := string(r.State)
					if r.Reason != "" {
						end += ": " + string(r.Reason)
					}
					if !slices.Contains(story.wants, end) {
						t.Errorf("with a death at %v of request %d it ended as %q, want one of %q\n%s", moment, nth, end, story.wants, s.story())
					}
				}
			}
		})
	}
}

// TestProceedByHandHoldsUntilTheIncidentIsClosed: the location works, and the operator vouches for it as long as the incident
// by hand stands.
func TestProceedByHandHoldsUntilTheIncidentIsClosed(t *testing.T) {
	t.Parallel()
	for _, closed := range []bool{false, true} {
		t.Run(fmt.Sprintf("closed %t", closed), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_1"})
			s.order("1", sandbox.Pending)
			s.empties()
			s.rest()
			s.ends("1", "needs_person: cancel_unconfirmed")
			if closed {
				s.closes()
			}
			r := s.row("1")
			err := s.Handover.Proceed(s.ctx, r, byHand)
			if closed {
				if !errors.Is(err, handover.ErrMovedOn) {
					t.Errorf("proceed after the incident was closed: %v, want a refusal", err)
				}
				return
			}
			s.must(err)
			if r.Release.Proceeded {
				s.must(s.Platform.PersonProceeds("do_1"))
			}
			s.rest()
			s.ends("1", "reassigned")
			s.holds()
		})
	}
}

// TestALocationEmptiedByHandIsNoCandidate: Lyon is emptied by hand, so what comes from Paris goes to Lille, also while Lyon is
// closing; where it is the only candidate, an operator is asked.
func TestALocationEmptiedByHandIsNoCandidate(t *testing.T) {
	t.Parallel()
	const onlyLyon = "version: 1\nrules:\n  - name: to lyon\n    when: {from: [paris-warehouse]}\n    then: {reassign: {candidates: [lyon-warehouse]}}\ndefault: needs_person\n"
	for rules, want := range map[string]string{"": "reassigned", onlyLyon: "needs_person: no_candidate"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Policy: rules, Incident: anyShare})
			s.insists(func() error {
				_, err := s.Incidents.OpenByHand(s.ctx, world.Org, "loc_lyon", byHand)
				return err
			})
			s.order("1", sandbox.Pending)
			s.breaks()
			s.ends("1", want)
			if r := s.row("1"); r.State == journal.Reassigned && r.Decision.ToID != "loc_lille" {
				t.Errorf("it went to %s", r.Decision.To)
			}
			s.holds()
		})
	}
}

// TestWhatThePlatformSendsToTheLocationAgainIsMovedOnceTheOperatorAnswers: the re-dispatch to the location that is emptied is put
// before an operator, who leaves the first handover; the new delivery order then moves with the next approval.
func TestWhatThePlatformSendsToTheLocationAgainIsMovedOnceTheOperatorAnswers(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Handover: func(h *handover.Settings) { h.Statuses = []string{"DRAFT", "PENDING", "OPENED"} }})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Paris, After: 5 * time.Second, Count: 1})
	s.order("1", sandbox.Pending, automatic)
	s.empties()
	s.rest()
	s.ends("1", "needs_person: over_allocated")
	r := s.row("1")
	again := ""
	for _, d := range s.Platform.Books().DeliveryOrders {
		if d.Location == "loc_paris" && d.ID != "do_1" {
			again = d.ID
		}
	}
	told := slices.ContainsFunc(r.History, func(e journal.Entry) bool {
		return strings.Contains(e.Note, "sent it to paris-warehouse again, as "+again) && strings.Contains(e.Note, "leave")
	})
	if again == "" || !told {
		t.Errorf("the row does not tell of %q\n%s", again, s.story())
	}
	s.must(s.Handover.Leave(s.ctx, r, byHand))
	s.pass(3 * time.Minute)
	s.must(s.Approve(s.ctx, 0, byHand))
	s.rest()
	s.ends("1", "left: by_person")
	rows, err := s.Rows(s.ctx)
	s.must(err)
	if !slices.ContainsFunc(rows, func(r *journal.Reassignment) bool {
		return r.Identity.DeliveryOrder == again && r.State == journal.Reassigned
	}) {
		t.Errorf("%s is not moved\n%s", again, s.story())
	}
	s.holds()
}
