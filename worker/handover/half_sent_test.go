package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// halfSent is a shop whose replacement of do_1 is opened and not requested, and nobody knows: the reply was lost. What
// happens meanwhile, and whether all is paused, is told by the story.
func halfSent(t *testing.T, paused bool) *fixture {
	t.Helper()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.RefuseSecondMutation})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropAfter, Operation: "deliveryOrderOpen", Count: 1})
	s.Platform.Break(sandbox.Paris)
	s.pass(122 * time.Second)
	d, _ := s.Platform.Books().DeliveryOrder(s.row("1").Replacement.ID)
	if d.Status != sandbox.Pending || len(d.Events) > 0 {
		t.Fatalf("the replacement is %s %v, want it opened only\n%s", d.Status, d.Events, s.story())
	}
	if paused {
		s.pauses(journal.AllLocations)
	}
	return s
}

// requested reports whether fulfilment of a delivery order was requested.
func (s *fixture) requested(id string) bool {
	d, _ := s.Platform.Books().DeliveryOrder(id)
	for _, e := range d.Events {
		if e == sandbox.EventRequested {
			return true
		}
	}
	return false
}

func TestTheSecondHalfOfASendIsSent(t *testing.T) {
	t.Parallel()
	s := halfSent(t, false)
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}

// TestTheSecondHalfOfASendIsCheckedLikeTheFirst has something happen between the halves that forbids the second.
func TestTheSecondHalfOfASendIsCheckedLikeTheFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then func(*fixture)
		want journal.Reason
	}{
		"somebody sends the goods by hand": {func(s *fixture) { twin(s) }, journal.OverAllocated},
		"the original comes back":          {func(s *fixture) { s.must(s.Platform.RejectCancel("do_1")) }, journal.CancelRefused},
		"the order is closed":              {func(s *fixture) { s.Platform.SetOrderState("ord_1", "COMPLETED") }, journal.OrderNotOpen},
		"the replacement is cancelled":     {func(s *fixture) { s.must(s.Platform.PersonCancel(s.row("1").Replacement.ID)) }, journal.ReplacementCancelled},
	} {
		for _, paused := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := halfSent(t, paused)
				replacement := s.row("1").Replacement.ID
				c.then(s)
				if paused {
					s.pass(2 * time.Hour)
					if s.requested(replacement) {
						t.Fatal("it was requested in the pause")
					}
					s.resumes(journal.AllLocations)
				}
				s.rest()
				if r := s.row("1"); r.State != journal.NeedsPerson || r.Reason != c.want {
					t.Errorf("it is %s %s, want it with an operator: %s\n%s", r.State, r.Reason, c.want, s.story())
				}
				if s.requested(replacement) {
					t.Errorf("the replacement was requested\n%s", s.story())
				}
				s.holds()
			})
		}
	}
}

// TestAPauseUsesUpNoRepeats pauses while a mutation is in doubt, for longer than it would be repeated.
func TestAPauseUsesUpNoRepeats(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"deliveryOrderCreate", "deliveryOrderCancel", "deliveryOrderOpen"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropBefore, Operation: operation, Count: 1})
			s.Platform.Break(sandbox.Paris)
			s.pass(122 * time.Second)
			s.pauses(journal.AllLocations)
			s.pass(40 * time.Minute)
			if r := s.row("1"); r.State.IsAtRest() {
				t.Errorf("it gave up in the pause: %s %s\n%s", r.State, r.Reason, s.story())
			}
			s.resumes(journal.AllLocations)
			s.rest()
			s.ends("1", "reassigned")
			s.holds()
		})
	}
}
