package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// waits is a shop whose replacement of do_1 was sent to Lyon, which has not answered.
func waits(t *testing.T, change ...func(*sandbox.Order, *sandbox.DeliveryOrder)) *fixture {
	t.Helper()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, change...)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Accept, Location: sandbox.Lyon, After: 30 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	if r := s.row("1"); r.State != journal.Confirming {
		t.Fatalf("the replacement was not sent\n%s", s.story())
	}
	return s
}

// madeBesides lists what the worker made besides one replacement.
func (s *fixture) madeBesides(replacement string) (ids []string) {
	for _, d := range s.Platform.Books().DeliveryOrders {
		if d.ID != replacement && d.Location != "loc_paris" {
			ids = append(ids, d.ID+" "+d.Status+" at "+d.Location)
		}
	}
	return ids
}

func TestAReplacementThatSomebodyCancelledIsNotMadeAnew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act  func(*fixture, string)
		want string
	}{
		"a person cancels it": {func(s *fixture, id string) { s.must(s.Platform.PersonCancel(id)) }, "needs_person: replacement_cancelled"},
		"the customer cancels the order": {func(s *fixture, id string) {
			s.must(s.Platform.PersonCancel(id))
			s.pass(10 * time.Second)
			s.Platform.SetOrderState("ord_1", "COMPLETED")
		}, "needs_person: order_not_open"},
		"the order closes first": {func(s *fixture, id string) {
			s.Platform.SetOrderState("ord_1", "COMPLETED")
			s.must(s.Platform.PersonCancel(id))
		}, "needs_person: order_not_open"},
		"a person asks, and its location rejects that": {func(s *fixture, id string) {
			s.must(s.Platform.PersonAsksCancel(id, sandbox.Cancellation{ShowCanceled: true, After: time.Minute, Rejected: true}))
		}, "reassigned"},
		"a person asks, and its location rejects that late": {func(s *fixture, id string) {
			s.must(s.Platform.PersonAsksCancel(id, sandbox.Cancellation{ShowCanceled: true, After: 20 * time.Minute, Rejected: true}))
		}, "reassigned"},
		"a person asks, and its location never says": {func(s *fixture, id string) {
			s.must(s.Platform.PersonAsksCancel(id, sandbox.Cancellation{ShowCanceled: true, Hangs: true}))
		}, "needs_person: replacement_cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := waits(t)
			replacement := s.row("1").Replacement.ID
			c.act(s, replacement)
			s.rest()
			s.pass(40 * time.Minute)
			s.rest()
			s.ends("1", c.want)
			if made := s.madeBesides(replacement); len(made) > 0 {
				t.Errorf("made besides: %v\n%s", made, s.story())
			}
			s.holds()
		})
	}
}

func TestAnOperatorHasACancelledReplacementMadeAnew(t *testing.T) {
	t.Parallel()
	for name, cancel := range map[string]func(*fixture){
		"sent": func(s *fixture) { s.must(s.Platform.PersonCancel(s.row("1").Replacement.ID)) },
		"sent, and the order was closed": func(s *fixture) {
			s.must(s.Platform.PersonCancel(s.row("1").Replacement.ID))
			s.pass(time.Second)
			s.Platform.SetOrderState("ord_1", "COMPLETED")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := waits(t)
			first := s.row("1").Replacement.ID
			cancel(s)
			s.rest()
			s.Platform.SetOrderState("ord_1", "OPENED")
			s.pass(10 * time.Second)
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", "reassigned")
			if r := s.row("1"); r.Replacement.ID == first || r.Decision.To != sandbox.Lyon {
				t.Errorf("the replacement is %s at %s, want another one at lyon, which refused nothing", r.Replacement.ID, r.Decision.To)
			}
			s.holds()
		})
	}
}

func TestAnOperatorLeavesACancelledReplacement(t *testing.T) {
	t.Parallel()
	s := waits(t)
	s.must(s.Platform.PersonCancel(s.row("1").Replacement.ID))
	s.rest()
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "left: by_person")
	s.holds()
}

// TestThePlatformsOwnReplacementOfACancelledOneIsAdopted has the platform dispatch the order anew after our replacement was
// cancelled.
func TestThePlatformsOwnReplacementOfACancelledOneIsAdopted(t *testing.T) {
	t.Parallel()
	s := waits(t, automatic)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lille, After: 30 * time.Second, Count: 1})
	s.must(s.Platform.PersonCancel(s.row("1").Replacement.ID))
	s.rest()
	s.ends("1", "reassigned")
	if r := s.row("1"); !r.Replacement.Adopted || r.Decision.To != sandbox.Lille {
		t.Errorf("adopted %v at %s, want the platform's own at lille\n%s", r.Replacement.Adopted, r.Decision.To, s.story())
	}
	s.holds()
}

// TestWhatItsLocationRejects is what becomes of a replacement whose location says no, in the words that it may use.
func TestWhatItsLocationRejects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines  []string // of the mugs and the tray
		events []string
		want   string
		to     string
	}{
		"every line":                                  {[]string{"REJECTED", "REJECTED"}, nil, "reassigned", sandbox.Lille},
		"the event, and the lines are cancelled":      {[]string{"CANCELED", "CANCELED"}, []string{"FULFILLMENT_REJECTED"}, "reassigned", sandbox.Lille},
		"the event alone":                             {[]string{"PENDING", "PENDING"}, []string{"FULFILLMENT_REJECTED"}, "reassigned", sandbox.Lille},
		"an event before the last request":            {[]string{"CANCELED", "CANCELED"}, []string{"FULFILLMENT_REJECTED", "FULFILLMENT_REQUESTED"}, "needs_person: replacement_cancelled", ""},
		"an event before the acceptance":              {[]string{"CANCELED", "CANCELED"}, []string{"FULFILLMENT_REJECTED", "FULFILLMENT_ACCEPTED"}, "needs_person: replacement_cancelled", ""},
		"a line, and the other was cancelled":         {[]string{"REJECTED", "CANCELED"}, nil, "needs_person: partly_rejected", ""},
		"a line, the other was cancelled, with event": {[]string{"REJECTED", "CANCELED"}, []string{"FULFILLMENT_REJECTED"}, "needs_person: partly_rejected", ""},
		"a line":      {[]string{"REJECTED", "ACCEPTED"}, nil, "needs_person: partly_rejected", ""},
		"no line yet": {[]string{"CANCELED", "CANCELED"}, []string{"CANCELED"}, "needs_person: replacement_cancelled", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := waits(t)
			replacement := s.row("1").Replacement.ID
			s.must(s.Platform.Shows(replacement, c.lines, c.events))
			s.rest()
			s.ends("1", c.want)
			if r := s.row("1"); c.to != "" && r.Decision.To != c.to {
				t.Errorf("it is at %s, want %s", r.Decision.To, c.to)
			}
			if sent := s.sentAndLive(); len(sent) > 1 {
				t.Errorf("sent and live: %v\n%s", sent, s.story())
			}
		})
	}
}

// TestNothingIsSentBesideARejectedReplacementThatIsLive has a location that rejects by the event alone, and whose cancel of
// what it rejected hangs.
func TestNothingIsSentBesideARejectedReplacementThatIsLive(t *testing.T) {
	t.Parallel()
	s := waits(t)
	replacement := s.row("1").Replacement.ID
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: replacement})
	s.must(s.Platform.Shows(replacement, []string{"PENDING", "PENDING"}, []string{"FULFILLMENT_REJECTED"}))
	s.rest()
	s.ends("1", "needs_person: fallback_silent")
	if made := s.madeBesides(replacement); len(made) > 0 {
		t.Errorf("made besides: %v\n%s", made, s.story())
	}
	s.holds()
}
