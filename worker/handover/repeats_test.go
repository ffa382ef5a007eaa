package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// TestHowOftenAMutationWasRepeatedSaysNothingOfTheNext has one that failed six times, and whose reply was lost when it
// was done at last; much later the reply of one cancel of ours is lost, once.
func TestHowOftenAMutationWasRepeatedSaysNothingOfTheNext(t *testing.T) {
	t.Parallel()
	failsFirst := func(s *fixture, operation string) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropAfter, Operation: operation, Count: 1})
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: operation, Count: 6})
	}
	loses := func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropBefore, Operation: "deliveryOrderCancel", Count: 1})
	}
	for name, c := range map[string]struct {
		order func(*sandbox.Order, *sandbox.DeliveryOrder)
		tell  func(*fixture)
		want  string
	}{
		"a cancel, then that of our DRAFT since the platform dispatched by itself": {automatic, func(s *fixture) {
			failsFirst(s, "deliveryOrderCancel")
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lille, Count: 1})
			s.Platform.Break(sandbox.Paris)
			s.until("1", journal.Checking)
			loses(s)
		}, "reassigned"},
		"an open, then the cancel since the original came back": {manual, func(s *fixture) {
			failsFirst(s, "deliveryOrderOpen")
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", ShowCanceled: true, After: 40 * time.Minute})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
			s.Platform.Break(sandbox.Paris)
			s.until("1", journal.Confirming)
			loses(s)
		}, "needs_person: cancel_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Handover: func(h *handover.Settings) { h.AcceptTimeout = 3 * time.Hour }})
			s.order("1", sandbox.Pending, c.order)
			c.tell(s)
			s.rest()
			s.ends("1", c.want)
			s.holds()
		})
	}
}

// until runs until a row is in a state.
func (s *fixture) until(id string, state journal.State) {
	s.t.Helper()
	for range 60 {
		s.pass(10 * time.Second)
		if rows, err := s.Rows(s.ctx); err == nil && len(rows) > 0 && s.row(id).State == state {
			return
		}
	}
	s.t.Fatalf("do_%s is not %s\n%s", id, state, s.story())
}

// TestACancelOfOursThatIsAlwaysLostIsAPersons has the platform fail at every cancel of our replacement that must not
// ship beside the original, or beside what the platform dispatched itself.
func TestACancelOfOursThatIsAlwaysLostIsAPersons(t *testing.T) {
	t.Parallel()
	const cancelsMost = 8 // the original's, and six of ours
	for name, c := range map[string]struct {
		mood  sandbox.Fault
		order func(*sandbox.Order, *sandbox.DeliveryOrder)
		then  func(*fixture)
		want  string
		ends  string // after a retry, once the platform works
	}{
		"sent early by somebody else": {
			order: manual, mood: sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 6 * time.Minute},
			then: func(s *fixture) { s.must(s.Platform.PersonOpen(s.row("1").Replacement.ID)) },
			want: "needs_person: replacement_sent_early", ends: "reassigned"},
		"the original came back": {
			order: manual, mood: sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", ShowCanceled: true, After: time.Minute},
			want: "needs_person: released_then_rejected", ends: "needs_person: cancel_refused"},
		"the platform dispatched by itself": {
			mood: sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lille, Count: 1}, order: automatic,
			want: "needs_person: over_allocated", ends: "reassigned"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
			s.Platform.AddFault(c.mood)
			s.order("1", sandbox.Pending, c.order)
			s.Platform.Break(sandbox.Paris)
			s.pass(125 * time.Second)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: "deliveryOrderCancel"})
			if c.then != nil {
				c.then(s)
			}
			s.rest()
			s.ends("1", c.want)
			if n := s.Platform.Books().Requests["deliveryOrderCancel"]; n > cancelsMost {
				t.Errorf("%d cancels were sent, want at most %d\n%s", n, cancelsMost, s.story())
			}
			s.Platform.ClearFaults()
			s.pass(10 * time.Minute)
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", c.ends)
			s.holds()
		})
	}
}
