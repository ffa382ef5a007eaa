package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// sibling is another delivery order of ord_1 with the lines of do_1; the order has units for so many of them.
func sibling(id, location, status string) sandbox.DeliveryOrder {
	line := sandbox.LinePending
	if status == sandbox.Draft {
		line = sandbox.LineNew
	}
	d := sandbox.DeliveryOrder{ID: id, Location: location, Orders: []string{"ord_1"}, Status: status, Lines: []sandbox.Line{
		{ID: id + "_1", OrderLine: "ol_1_1", SKU: "MUG", Status: line, Quantity: 2},
		{ID: id + "_2", OrderLine: "ol_1_2", SKU: "TRAY", Status: line, Quantity: 1}}}
	if status != sandbox.Draft {
		d.Events = []string{sandbox.EventRequested}
	}
	return d
}

// times is an order of so many times what one delivery order has.
func times(n int) func(*sandbox.Order, *sandbox.DeliveryOrder) {
	return func(o *sandbox.Order, _ *sandbox.DeliveryOrder) { o.Lines[0].Quantity, o.Lines[1].Quantity = 2*n, n }
}

// TestWhatWasThereBeforeIsNoRedispatch has another delivery order of the order stand at a fallback from the start, with
// exactly the same lines: it is not what takes the place of the one that was released.
func TestWhatWasThereBeforeIsNoRedispatch(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, automatic, times(2))
	s.Platform.AddDeliveryOrder(sibling("do_other", "loc_lille", sandbox.Pending))
	s.pass(time.Second)
	s.breaks()
	s.ends("1", "reassigned")
	if r := s.row("1"); r.Replacement.Adopted || r.Replacement.ID == "do_other" {
		t.Errorf("%s was adopted, which was there before\n%s", r.Replacement.ID, s.story())
	}
	s.holds()
}

// TestTheReplacementOfASiblingIsNoRedispatch has two delivery orders of one order, with the same lines, handed over at the same
// time: neither takes the other's replacement for the platform's own.
func TestTheReplacementOfASiblingIsNoRedispatch(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, automatic, times(2))
	s.Platform.AddDeliveryOrder(sibling("do_2", "loc_paris", sandbox.Pending))
	s.pass(time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 5 * time.Minute}) // the other is sent by then
	s.breaks()
	for _, id := range []string{"1", "2"} {
		s.ends(id, "reassigned")
		if s.row(id).Replacement.Adopted {
			t.Errorf("do_%s adopted the replacement of its sibling\n%s", id, s.story())
		}
	}
	s.holds()
}

// TestADraftThatWasThereBeforeIsNotAdopted has a create that never reached the platform, and a DRAFT with the same lines that
// somebody made at the target before.
func TestADraftThatWasThereBeforeIsNotAdopted(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, times(2))
	s.Platform.AddDeliveryOrder(sibling("do_draft", "loc_lyon", sandbox.Draft))
	s.pass(time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropBefore, Operation: "deliveryOrderCreate", Count: 1})
	s.breaks()
	s.ends("1", "reassigned")
	if d, _ := s.Platform.Books().DeliveryOrder("do_draft"); d.Status != sandbox.Draft {
		t.Errorf("somebody else's DRAFT was sent: %s\n%s", d.Status, s.story())
	}
	s.holds()
}

// TestTheOriginalOfAnAdoptedOneCameBack has the release taken back after the platform's own delivery order was adopted: that
// one is never touched.
func TestTheOriginalOfAnAdoptedOneCameBack(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, automatic)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lyon, After: 5 * time.Second, Count: 1})
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	r := s.row("1")
	if !r.Replacement.Adopted || r.State != journal.Confirming {
		t.Fatalf("it was not adopted\n%s", s.story())
	}
	s.must(s.Platform.RejectCancel("do_1"))
	s.rest()
	s.ends("1", "needs_person: released_then_rejected")
	for _, e := range s.Platform.Books().Entries {
		if e.DeliveryOrder == r.Replacement.ID && e.Actor == "api:"+world.Org {
			t.Errorf("%s of the platform's own delivery order\n%s", e.Operation, s.story())
		}
	}
}

// TestARejectionThatAStaleReadDoesNotShow has the cancellation rejected after it was confirmed, and the read that confirms the
// release be older than that.
func TestARejectionThatAStaleReadDoesNotShow(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]func(*sandbox.Order, *sandbox.DeliveryOrder){"manual": manual, "automatic": automatic} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending, kind)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: "delivery_order/cancelled"})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: "delivery_order/updated", DeliveryOrder: "do_1"})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Second})
			s.Platform.Break(sandbox.Paris)
			s.pass(122 * time.Second) // the cancel is out
			s.pass(4 * time.Second)   // and confirmed
			s.must(s.Platform.RejectCancel("do_1"))
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Count: 1})
			s.rest()
			s.ends("1", "needs_person: cancel_refused")
			if sent := s.sentAndLive(); len(sent) > 1 {
				t.Errorf("sent and live: %v\n%s", sent, s.story())
			}
			s.holds()
		})
	}
}

// TestAReadOfTheTimeThatThePlatformHasIsNotSummed has the platform given less time to dispatch the order again than a read is
// good for.
func TestAReadOfTheTimeThatThePlatformHasIsNotSummed(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{NoWebhook: true, Handover: func(h *handover.Settings) { h.RedispatchSettle = 4 * time.Second }})
	s.order("1", sandbox.Pending, automatic)
	s.must(s.Import(s.ctx, "ord_1"))
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lille, After: 21 * time.Second, Count: 1}) // just after the first poll
	s.breaks()
	s.ends("1", "reassigned")
	if r := s.row("1"); !r.Replacement.Adopted {
		t.Errorf("the platform's own was not adopted\n%s", s.story())
	}
	s.holds()
}

// TestWhatAListDidNotShowOnceIsNoRedispatch has the platform leave out of one list a delivery order that stands at a fallback
// from the start.
func TestWhatAListDidNotShowOnceIsNoRedispatch(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, automatic, times(2))
	s.Platform.AddDeliveryOrder(sibling("do_other", "loc_lille", sandbox.Pending))
	s.pass(time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "do_other", Count: 1})
	s.breaks()
	if r := s.row("1"); r.Replacement.Adopted || r.Replacement.ID == "do_other" {
		t.Errorf("%s was adopted, which was there before\n%s", r.Replacement.ID, s.story())
	}
	s.holds()
}

// TestWhatAListDidNotShowOnceWasNotMadeByACreateInDoubt has a delivery order with the same lines stand at the fallback, which
// the list before the create leaves out, and the create's reply be lost.
func TestWhatAListDidNotShowOnceWasNotMadeByACreateInDoubt(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, times(2))
	s.Platform.AddDeliveryOrder(sibling("do_other", "loc_lyon", sandbox.Pending))
	s.pass(time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "do_other", Count: 1})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropAfter, Operation: "deliveryOrderCreate", Count: 1})
	s.breaks()
	s.ends("1", "reassigned")
	if r := s.row("1"); r.Replacement.ID == "do_other" {
		t.Errorf("%s was adopted, which was there before\n%s", r.Replacement.ID, s.story())
	}
	s.holds()
}

// TestARedispatchToTheFailedLocationIsSeenThoughItIsHandedOverItself has the platform dispatch the order to the failed location
// again, where it is taken up before the replacement is checked, while units that were rejected leave room for both.
func TestARedispatchToTheFailedLocationIsSeenThoughItIsHandedOverItself(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, automatic, times(2))
	s.Platform.AddDeliveryOrder(sibling("do_1_2", "loc_paris", sandbox.Pending))
	s.pass(time.Second)
	s.must(s.Platform.WarehouseReject("do_1_2"))
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Paris, After: 50 * time.Second, Count: 1})
	s.breaks()
	s.pass(10 * time.Minute)
	s.ends("1", "needs_person: over_allocated")
	s.holds()
}
