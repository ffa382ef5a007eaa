package handover_test

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// TestOneStaleReadDoesNotEndAHandover has the first read show an original as gone that is back since.
func TestOneStaleReadDoesNotEndAHandover(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status string
		before func(*fixture)
	}{
		"cancelled": {sandbox.Pending, func(s *fixture) {
			s.must(s.Platform.PersonAsksCancel("do_1", sandbox.Cancellation{ShowCanceled: true, Hangs: true}))
			s.pass(time.Second)
			s.must(s.Platform.RejectCancel("do_1"))
		}},
		"elsewhere": {sandbox.Draft, func(s *fixture) {
			s.must(s.Platform.PersonMove("do_1", sandbox.Lille))
			s.pass(time.Second)
			s.must(s.Platform.PersonMove("do_1", sandbox.Paris))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", c.status)
			c.before(s)
			s.pass(time.Second)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Count: 1})
			s.breaks()
			s.ends("1", "reassigned")
			s.holds()
		})
	}
}

// TestOursIsCancelledOnceForTheirs has the platform dispatch the order again by itself after somebody opened our DRAFT, say yes
// to the cancel of it, and take its time.
func TestOursIsCancelledOnceForTheirs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mood sandbox.Fault
		want string
	}{
		"later":               {sandbox.Fault{Kind: sandbox.CancelAsync, After: 5 * time.Minute}, "reassigned"},
		"later, lines first":  {sandbox.Fault{Kind: sandbox.CancelAsync, After: 5 * time.Minute, ShowCanceled: true}, "reassigned"},
		"never":               {sandbox.Fault{Kind: sandbox.CancelAsync, After: 100 * time.Hour}, "needs_person: over_allocated"},
		"never, event only":   {sandbox.Fault{Kind: sandbox.CancelAsync, After: 100 * time.Hour, EventAtOnce: true}, "needs_person: over_allocated"},
		"refused":             {sandbox.Fault{Kind: sandbox.CancelRefused}, "needs_person: over_allocated"},
		"done, the list late": {sandbox.Fault{Kind: sandbox.StaleRead, Count: 1}, "reassigned"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			c.mood.Location = sandbox.Lyon
			s.Platform.AddFault(c.mood)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lille, Count: 1})
			s.order("1", sandbox.Pending, automatic)
			s.Platform.Break(sandbox.Paris)
			s.until("1", journal.ConfirmingRelease)
			s.must(s.Platform.PersonOpen(s.row("1").Replacement.ID))
			s.rest()
			s.ends("1", c.want)
			if n := s.Platform.Books().Requests["deliveryOrderCancel"]; n != 2 {
				t.Errorf("%d cancels, want that of the original and that of our DRAFT\n%s", n, s.story())
			}
			s.holds()
		})
	}
}

// TestAMoveOfOurDraftThatIsShownLateIsSentOnce has the fallback fail before our DRAFT is sent, the platform say yes to its move
// to another one, and reads show it where it was for some time.
func TestAMoveOfOurDraftThatIsShownLateIsSentOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, manual)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 5 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.until("1", journal.ConfirmingRelease)
	s.Platform.Break(sandbox.Lyon)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: s.row("1").Replacement.ID, Count: 2})
	s.rest()
	s.ends("1", "reassigned")
	if d, _ := s.Platform.Books().DeliveryOrder(s.row("1").Replacement.ID); d.Location != "loc_lille" {
		t.Errorf("the replacement is at %s, want Lille", d.Location)
	}
	if n := s.Platform.Books().Requests["deliveryOrderUpdate"]; n != 1 {
		t.Errorf("the move was sent %d times, want once\n%s", n, s.story())
	}
	s.holds()
}

// TestWhatASiblingsReadShowsIsTakenUpAgain has the platform not find an original for some time, while the list of its order
// shows it where it was.
func TestWhatASiblingsReadShowsIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, times(2))
	s.Platform.AddDeliveryOrder(sibling("do_1_2", "loc_paris", sandbox.Pending))
	s.pass(time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrder", DeliveryOrder: "do_1", Code: "NOT_FOUND", Count: 2})
	s.watches()
	s.pass(10 * time.Minute)
	s.ends("1", "reassigned")
	s.holds()
}

// TestASiblingAtAnotherFailedLocationIsTakenUpAgain has the platform not find an original for some time, while the list of
// its order shows it to the handover of its sibling, at another location that failed later.
func TestASiblingAtAnotherFailedLocationIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Incident: func(is *incident.Settings) { is.MaxShare = 1 }})
	s.order("1", sandbox.Pending, times(2))
	s.Platform.AddDeliveryOrder(sibling("do_1_2", "loc_lyon", sandbox.Pending))
	s.pass(time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrder", DeliveryOrder: "do_1", Code: "NOT_FOUND", Count: 2})
	s.watches()
	s.pass(5 * time.Minute)
	s.ends("1", "left: gone")
	s.Platform.Break("loc_lyon")
	s.pass(10 * time.Minute)
	s.ends("1", "reassigned")
	s.holds()
}

// TestAFormerDraftThatIsAliveAgainIsWithdrawn has somebody's cancel of our DRAFT shown, the platform's own delivery order adopted in
// its place, and then that cancel rejected: before the adopted one was accepted, and after; and no webhook tell of the withdrawal.
func TestAFormerDraftThatIsAliveAgainIsWithdrawn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ silent, untold bool }{
		"before it is accepted": {silent: true},
		"after":                 {},
		"before it is accepted, and that is not told": {silent: true, untold: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			if c.silent {
				s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
			}
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lyon, Count: 1})
			s.order("1", sandbox.Pending, automatic)
			s.Platform.Break(sandbox.Paris)
			s.until("1", journal.ConfirmingRelease)
			draft := s.row("1").Replacement.ID
			s.must(s.Platform.PersonAsksCancel(draft, sandbox.Cancellation{ShowCanceled: true, EventAtOnce: true, Hangs: true}))
			s.pass(3 * time.Minute)
			if r := s.row("1"); !r.Replacement.Adopted {
				t.Fatalf("the platform's own was not adopted\n%s", s.story())
			}
			s.must(s.Platform.RejectCancel(draft))
			if c.untold {
				s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, DeliveryOrder: draft})
			}
			s.pass(30 * time.Minute)
			if d, _ := s.Platform.Books().DeliveryOrder(draft); d.Lines[0].Status != sandbox.LineCanceled {
				t.Errorf("the DRAFT stands\n%s", s.story())
			}
			if n := strings.Count(s.story(), "is alive again"); n != 1 {
				t.Errorf("it was taken up %d times, want once\n%s", n, s.story())
			}
			s.holds()
		})
	}
}

// TestOneStaleReadDoesNotTellWhatARefusedCancelMeans has a cancel of somebody's shown and rejected, ours refused, and the read after
// that show the former.
func TestOneStaleReadDoesNotTellWhatARefusedCancelMeans(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.must(s.Platform.PersonAsksCancel("do_1", sandbox.Cancellation{ShowCanceled: true, EventAtOnce: true, Hangs: true}))
	s.pass(time.Second)
	s.must(s.Platform.RejectCancel("do_1"))
	s.pass(time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Skip: 1, Count: 1})
	s.breaks()
	s.ends("1", "needs_person: cancel_refused")
	s.holds()
}
