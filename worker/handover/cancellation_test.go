package handover_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// sentAndLive lists the delivery orders that were sent to a location and stand there.
func (s *fixture) sentAndLive() (ids []string) {
	for _, d := range s.Platform.Books().DeliveryOrders {
		for _, l := range d.Lines {
			if d.Status != sandbox.Draft && l.Status != sandbox.LineCanceled && l.Status != sandbox.LineRejected {
				ids = append(ids, d.ID+" at "+d.Location)
				break
			}
		}
	}
	return ids
}

// TestAnEventOfAnEarlierCancellationConfirmsNothing has a delivery order whose log holds the CANCELED event of a cancellation
// that was rejected. Our own cancel shows its lines CANCELED at once, and is confirmed only after a while.
func TestAnEventOfAnEarlierCancellationConfirmsNothing(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]func(*sandbox.Order, *sandbox.DeliveryOrder){"manual": manual, "automatic": automatic} {
		for _, clock := range []sandbox.Fault{{Kind: sandbox.EventsKept}, {Kind: sandbox.EventClock, After: time.Hour}, {Kind: sandbox.EventClock, After: -time.Hour},
			{Kind: sandbox.EventSameDate}, {Kind: sandbox.EventUndated}} {
			t.Run(fmt.Sprint(name, " ", clock.Kind, " ", clock.After), func(t *testing.T) {
				t.Parallel()
				s := newShop(t, world.Options{})
				s.order("1", sandbox.Pending, kind, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) {
					d.Events = []string{sandbox.EventRequested, sandbox.EventCanceled}
				})
				s.Platform.AddFault(clock)
				s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 10 * time.Minute, ShowCanceled: true})
				s.Platform.Break(sandbox.Paris)
				s.pass(9 * time.Minute)
				if r := s.row("1"); r.Released() {
					t.Errorf("released at %s, the platform confirms at 06:12\n%s", r.Release.ConfirmedAt.Format("15:04:05"), s.story())
				}
				s.rest()
				s.ends("1", "reassigned")
				s.holds()
			})
		}
	}
}

// TestACancelIsConfirmedWhateverTheClockOfItsLog has the events dated an hour off, all alike, or not at all; and the reply
// of the cancel lost, before or after it was done.
func TestACancelIsConfirmedWhateverTheClockOfItsLog(t *testing.T) {
	t.Parallel()
	lost := map[string]*sandbox.Fault{"answered": nil,
		"lost before": {Kind: sandbox.DropBefore, Operation: "deliveryOrderCancel", Count: 1},
		"lost after":  {Kind: sandbox.DropAfter, Operation: "deliveryOrderCancel", Count: 1},
		"late":        {Kind: sandbox.DropLate, Operation: "deliveryOrderCancel", Count: 1, After: 12 * time.Second}}
	for name, reply := range lost {
		for _, clock := range []sandbox.Fault{{Kind: sandbox.EventClock, After: time.Hour}, {Kind: sandbox.EventClock, After: -time.Hour},
			{Kind: sandbox.EventSameDate}, {Kind: sandbox.EventUndated}} {
			t.Run(fmt.Sprint(name, " ", clock.Kind, " ", clock.After), func(t *testing.T) {
				t.Parallel()
				s := newShop(t, world.Options{})
				s.order("1", sandbox.Pending)
				s.Platform.AddFault(clock)
				if reply != nil {
					s.Platform.AddFault(*reply)
				}
				s.breaks()
				s.ends("1", "reassigned")
				s.holds()
			})
		}
	}
}

// TestASecondCancelIsNotConfirmedByTheEventOfTheFirst has the location reject our cancel, whose event stays in the log, and a
// person retry it.
func TestASecondCancelIsNotConfirmedByTheEventOfTheFirst(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]func(*sandbox.Order, *sandbox.DeliveryOrder){"manual": manual, "automatic": automatic} {
		for _, kept := range []bool{true, false} {
			for _, told := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, kept %v, told %v", name, kept, told), func(t *testing.T) {
					t.Parallel()
					s := newShop(t, world.Options{})
					s.order("1", sandbox.Pending, kind)
					if kept {
						s.Platform.AddFault(sandbox.Fault{Kind: sandbox.EventsKept})
					}
					if !told {
						s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: "delivery_order/cancellation_rejected"})
					}
					s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_1", EventAtOnce: true})
					s.Platform.Break(sandbox.Paris)
					s.pass(150 * time.Second)
					s.must(s.Platform.RejectCancel("do_1"))
					s.rest()
					if r := s.row("1"); r.State != journal.NeedsPerson || r.Released() {
						t.Fatalf("the cancel was rejected\n%s", s.story())
					}
					s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: time.Hour, ShowCanceled: true})
					s.pass(time.Minute)
					s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
					s.pass(5 * time.Minute)
					if s.row("1").Released() {
						t.Errorf("released, and the location has not confirmed\n%s", s.story())
					}
					s.must(s.Platform.RejectCancel("do_1"))
					s.pass(10 * time.Minute)
					if sent := s.sentAndLive(); len(sent) > 1 {
						t.Errorf("sent and live: %v\n%s", sent, s.story())
					}
					s.holds()
				})
			}
		}
	}
}

// TestAWebhookAloneConfirmsNothing posts a webhook that shows the original cancelled while it is not.
func TestAWebhookAloneConfirmsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, automatic)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_1"})
	s.Platform.Break(sandbox.Paris)
	s.pass(150 * time.Second)
	s.webhook("delivery_order/cancelled", s.Now(), `{"id":"do_1","orderIds":["ord_1"],"locationId":"loc_paris","status":"COMPLETED","lines":[
		{"id":"dl_1_1","sku":"MUG","status":"CANCELED","quantity":2},{"id":"dl_1_2","sku":"TRAY","status":"CANCELED","quantity":1}],
		"events":[{"type":"FULFILLMENT_REQUESTED"},{"type":"CANCELED","date":"2026-05-18T06:02:20.000Z"}]}`)
	s.pass(10 * time.Minute)
	if s.row("1").Released() {
		t.Errorf("released on a webhook's word\n%s", s.story())
	}
	s.rest()
	s.ends("1", "needs_person: cancel_unconfirmed")
	s.holds()
}

// TestALateRejectionOfSomebodyElsesCancelEndsNothing delivers the rejection of an operator's cancel only after ours was sent. The
// reads show the original cancelled, again and again.
func TestALateRejectionOfSomebodyElsesCancelEndsNothing(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{90 * time.Second, 150 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending, automatic)
			s.must(s.Platform.PersonAsksCancel("do_1", sandbox.Cancellation{Hangs: true}))
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDelay, Webhook: "delivery_order/cancellation_rejected", After: after, Count: 1})
			s.pass(10 * time.Second)
			s.must(s.Platform.RejectCancel("do_1"))
			s.Platform.Break(sandbox.Paris)
			s.rest()
			s.ends("1", "reassigned")
			s.holds()
		})
	}
}

// TestWhatOthersCancelledAtTheSameTimeIsNotTakenForOurs has a webhook tell of somebody else's cancellation before our cancel
// goes out on a read that is too old to show it.
func TestWhatOthersCancelledAtTheSameTimeIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	for _, clock := range []time.Duration{0, time.Hour, -time.Hour} {
		t.Run(clock.String(), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.EventClock, After: clock})
			s.Platform.Break(sandbox.Paris)
			s.pass(118 * time.Second)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Count: 1})
			s.must(s.Platform.PersonCancel("do_1"))
			s.pass(time.Second)
			s.rest()
			for _, d := range s.Platform.Books().DeliveryOrders {
				if d.Location != "loc_paris" && d.Status == sandbox.Pending {
					t.Errorf("%s was sent for what a person had cancelled\n%s", d.ID, s.story())
				}
			}
			s.holds()
		})
	}
}

// TestARedispatchIsAwaitedFromTheConfirmationOn has an old CANCELED event stay in the log, the lines shown cancelled at once, and
// the event of our cancel come nearly as late as the platform then takes to dispatch the order again.
func TestARedispatchIsAwaitedFromTheConfirmationOn(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, automatic)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.EventsKept})
	s.must(s.Platform.PersonAsksCancel("do_1", sandbox.Cancellation{ShowCanceled: true, EventAtOnce: true, Hangs: true}))
	s.pass(time.Second)
	s.must(s.Platform.RejectCancel("do_1"))
	s.pass(time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", ShowCanceled: true, After: 114 * time.Second})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lille, After: 12 * time.Second, Count: 1})
	s.breaks()
	s.pass(10 * time.Minute)
	s.ends("1", "reassigned")
	if r := s.row("1"); !r.Replacement.Adopted {
		t.Errorf("%s was not adopted from the platform\n%s", r.Replacement.ID, s.story())
	}
	s.holds()
}

// TestWhatWasToldBeforeACancelLeavesConfirmsNothing has our cancel wait for a pause, somebody's cancel shown and rejected in it without
// a word of the rejection, and the read after ours show the former.
func TestWhatWasToldBeforeACancelLeavesConfirmsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 2 * time.Minute, Rejected: true})
	paused := false
	s.OnBack = func(r *http.Request) {
		if !paused && world.CallsField(r, "deliveryOrderCreate") {
			paused = true
			s.pauses("loc_paris")
		}
	}
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	s.must(s.Platform.PersonAsksCancel("do_1", sandbox.Cancellation{ShowCanceled: true, EventAtOnce: true, Hangs: true}))
	s.pass(time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, DeliveryOrder: "do_1"})
	s.must(s.Platform.RejectCancel("do_1"))
	s.pass(time.Second)
	s.Platform.ClearFaults()
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 2 * time.Minute, Rejected: true})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Skip: 1, Count: 1})
	s.resumes("loc_paris")
	s.pass(10 * time.Minute)
	s.rest()
	s.ends("1", "needs_person: cancel_refused")
	s.holds()
}
