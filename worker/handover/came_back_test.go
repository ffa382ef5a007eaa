package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// TestTheOriginalCameBackAndOurCancelHasToBeConfirmed has the original come back after the replacement was sent to a location
// that is silent. Our cancel of the replacement is accepted, and then goes on in every way.
func TestTheOriginalCameBackAndOurCancelHasToBeConfirmed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mood *sandbox.Fault
		want string
	}{
		"at once":             {nil, "needs_person: cancel_refused"},
		"later":               {&sandbox.Fault{Kind: sandbox.CancelAsync, After: 5 * time.Minute}, "needs_person: cancel_refused"},
		"later, lines first":  {&sandbox.Fault{Kind: sandbox.CancelAsync, After: 5 * time.Minute, ShowCanceled: true}, "needs_person: cancel_refused"},
		"never":               {&sandbox.Fault{Kind: sandbox.CancelSilent}, "needs_person: released_then_rejected"},
		"never, lines only":   {&sandbox.Fault{Kind: sandbox.CancelSilent, ShowCanceled: true}, "needs_person: released_then_rejected"},
		"never, event only":   {&sandbox.Fault{Kind: sandbox.CancelSilent, EventAtOnce: true}, "needs_person: released_then_rejected"},
		"rejected":            {&sandbox.Fault{Kind: sandbox.CancelTakenBack, After: 2 * time.Minute}, "needs_person: released_then_rejected"},
		"refused":             {&sandbox.Fault{Kind: sandbox.CancelRefused}, "needs_person: released_then_rejected"},
		"lost, and not done":  {&sandbox.Fault{Kind: sandbox.DropBefore, Operation: "deliveryOrderCancel", Skip: 1, Count: 1}, "needs_person: cancel_refused"},
		"lost, and done":      {&sandbox.Fault{Kind: sandbox.DropAfter, Operation: "deliveryOrderCancel", Skip: 1, Count: 1}, "needs_person: cancel_refused"},
		"confirmed, rejected": {&sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, ShowCanceled: true}, "needs_person: released_then_rejected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
			if c.mood != nil {
				m := *c.mood
				if m.Operation == "" {
					m.Location = sandbox.Lyon
				}
				s.Platform.AddFault(m)
			}
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", ShowCanceled: true, After: time.Minute})
			s.breaks()
			s.pass(30 * time.Minute)
			s.rest()
			s.ends("1", c.want)
			if sent := s.sentAndLive(); len(sent) > 1 && !s.row("1").Reason.IsUrgent() {
				t.Errorf("sent and live: %v, and that is not urgent\n%s", sent, s.story())
			}
			s.holds()
		})
	}
}

// TestAFormerReplacementThatIsAliveAgainIsUrgent has the cancellation of a replacement that somebody had sent too early taken
// back after another was sent, and after that had ended.
func TestAFormerReplacementThatIsAliveAgainIsUrgent(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]time.Duration{"while the other waits": 5 * time.Minute, "after the other was accepted": 2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Accept, Location: sandbox.Lyon, After: 20 * time.Minute})
			s.Platform.Break(sandbox.Paris)
			s.pass(130 * time.Second)
			first := s.row("1").Replacement.ID
			s.must(s.Platform.ResumeOrder("ord_1"))
			s.pass(5 * time.Minute)
			if r := s.row("1"); r.Replacement.ID == first || r.State != journal.Confirming {
				t.Fatalf("another one was not sent\n%s", s.story())
			}
			s.pass(later)
			s.must(s.Platform.RejectCancel(first))
			s.rest()
			s.pass(time.Minute)
			s.rest()
			s.ends("1", "needs_person: released_then_rejected")
		})
	}
}

// TestTheOriginalCameBackAfterItsReplacementWasHandedOver has the fallback fail too, so that another incident hands the
// replacement over. When the cancellation of the original is taken back then, its own replacement is cancelled already, and
// what is sent is that one's.
func TestTheOriginalCameBackAfterItsReplacementWasHandedOver(t *testing.T) {
	t.Parallel()
	for name, mood := range map[string]sandbox.Fault{
		"and the other was accepted":             {Kind: sandbox.Accept, Location: sandbox.Lille},
		"while the cancel of ours is not ended":  {Kind: sandbox.CancelSilent, Location: sandbox.Lyon},
		"after the cancel of ours was confirmed": {Kind: sandbox.CancelAsync, Location: sandbox.Lyon, After: 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Policy: fallingBack, Incident: anyShare})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", ShowCanceled: true, After: 10 * time.Minute})
			s.Platform.AddFault(mood)
			s.Platform.Break(sandbox.Paris)
			s.pass(3 * time.Minute)
			s.ends("1", "reassigned")
			s.Platform.Break(sandbox.Lyon)
			s.pass(10 * time.Minute)
			s.rest()
			s.ends("1", "needs_person: released_then_rejected")
			s.holds()
		})
	}
}

// TestTheOriginalCameBackToARowThatIsAnOperatorsAlready has the fallback take a part, and the original come back after that
// was told.
func TestTheOriginalCameBackToARowThatIsAnOperatorsAlready(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.RejectPart, Location: sandbox.Lyon})
	s.breaks()
	s.ends("1", "needs_person: partly_rejected")
	s.must(s.Platform.RejectCancel("do_1"))
	s.pass(time.Minute)
	s.rest()
	s.ends("1", "needs_person: released_then_rejected")
	s.holds()
}

// TestOneStaleReadDoesNotHideAnOriginalThatIsBack has the original show live lines again after the handover, and the read after that
// show it as it was before.
func TestOneStaleReadDoesNotHideAnOriginalThatIsBack(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.breaks()
	s.ends("1", "reassigned")
	s.must(s.Platform.Shows("do_1", []string{sandbox.LinePending, sandbox.LinePending}, nil))
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Count: 1})
	s.pass(time.Minute)
	s.rest()
	s.ends("1", "needs_person: released_then_rejected")
}
