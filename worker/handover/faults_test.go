package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/world"
)

// TestFaults tells how a handover ends under each fault of the platform that its documentation leaves open.
func TestFaults(t *testing.T) {
	t.Parallel()
	mood := func(m sandbox.Fault) func(*fixture) { return func(s *fixture) { s.Platform.AddFault(m) } }
	for _, c := range []struct {
		name   string
		status string // PENDING unless said
		auto   bool
		before func(*fixture)
		during func(*fixture) // called 130 s after the break, when the cancel is out
		want   string
	}{
		{name: "cancel asynchronous", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute}), want: "reassigned"},
		{name: "cancel confirmed after the deadline", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 16 * time.Minute}), want: "reassigned"},
		{name: "cancel never confirmed", before: mood(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_1"}), want: "needs_person: cancel_unconfirmed"},
		{name: "cancel keeps the status", before: mood(sandbox.Fault{Kind: sandbox.CancelKeepsStatus}), want: "reassigned"},
		{name: "cancel taken back before it was confirmed", before: mood(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", After: time.Minute}), want: "needs_person: cancel_refused"},
		{name: "cancel taken back, and its event stays in the log", before: func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.EventsKept})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", EventAtOnce: true, After: time.Minute})
		}, want: "needs_person: cancel_refused"},
		{name: "cancel says error and applies", before: mood(sandbox.Fault{Kind: sandbox.ResultErrorApplied, Operation: "deliveryOrderCancel", Count: 1}), want: "reassigned"},
		{name: "open says error and applies", before: mood(sandbox.Fault{Kind: sandbox.ResultErrorApplied, Operation: "deliveryOrderOpen", Count: 1}), want: "reassigned"},
		{name: "request says error and applies", before: mood(sandbox.Fault{Kind: sandbox.ResultErrorApplied, Operation: "deliveryOrderRequestFulfillment", Count: 1}), want: "reassigned"},
		{name: "create says error and applies", before: mood(sandbox.Fault{Kind: sandbox.ResultErrorApplied, Operation: "deliveryOrderCreate", Count: 1}), want: "reassigned"},
		{name: "update says error and applies", status: sandbox.Draft, before: mood(sandbox.Fault{Kind: sandbox.ResultErrorApplied, Operation: "deliveryOrderUpdate", Count: 1}), want: "reassigned"},
		{name: "over-allocation is refused by the platform", before: mood(sandbox.Fault{Kind: sandbox.RefuseOverAllocation}), want: "needs_person: create_refused"},
		{name: "create refused on automatic orders", auto: true, before: mood(sandbox.Fault{Kind: sandbox.RefuseAutomatic}), want: "needs_person: create_refused"},
		{name: "platform dispatches again at once", auto: true, before: mood(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lille, Count: 1}), want: "reassigned"},
		{name: "platform dispatches again late", auto: true, before: mood(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lyon, After: 100 * time.Second, Count: 1}), want: "reassigned"},
		{name: "platform dispatches back to the broken location", auto: true, before: mood(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Paris, Count: 1}), want: "needs_person: over_allocated"},
		{name: "the order completes with the cancel", before: mood(sandbox.Fault{Kind: sandbox.CompleteOrder}), want: "needs_person: order_not_open"},
		{name: "fallback accepts late", before: mood(sandbox.Fault{Kind: sandbox.Accept, Location: sandbox.Lyon, After: 30 * time.Minute}), want: "reassigned"},
		{name: "fallback rejects", before: mood(sandbox.Fault{Kind: sandbox.Reject, Location: sandbox.Lyon}), want: "reassigned"},
		{name: "fallback rejects in part", before: mood(sandbox.Fault{Kind: sandbox.RejectPart, Location: sandbox.Lyon}), want: "needs_person: partly_rejected"},
		{name: "fallback stays silent", before: mood(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon}), want: "needs_person: fallback_silent"},
		{name: "nested reads refused", before: mood(sandbox.Fault{Kind: sandbox.RefuseNested}), want: "reassigned"},
		{name: "nested reads refused as a whole", before: mood(sandbox.Fault{Kind: sandbox.RefuseNested, Whole: true}), want: "reassigned"},
		{name: "request on a draft refused", before: mood(sandbox.Fault{Kind: sandbox.RefuseRequestOnDraft}), want: "reassigned"},
		{name: "second mutation of a document refused", before: mood(sandbox.Fault{Kind: sandbox.RefuseSecondMutation}), want: "reassigned"},
		{name: "a stale read of the original", before: mood(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Count: 1}), want: "reassigned"},
		{name: "a stale read of the location", before: mood(sandbox.Fault{Kind: sandbox.StaleRead, Location: sandbox.Paris, Count: 1}), want: "reassigned"},
		{name: "three server errors", before: mood(sandbox.Fault{Kind: sandbox.Fault500, Count: 3}), want: "reassigned"},
		{name: "throttled with Retry-After", before: mood(sandbox.Fault{Kind: sandbox.Fault429, After: 7 * time.Second, Count: 3}), want: "reassigned"},
		{name: "throttled without", before: mood(sandbox.Fault{Kind: sandbox.Fault429, Count: 3}), want: "reassigned"},
		{name: "cancel answered with 503 and applied", before: mood(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrderCancel", Status: 503, Applied: true, Count: 1}), want: "reassigned"},
		{name: "create answered by a gateway that waited no longer", before: mood(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrderCreate", Status: 504, Applied: true, Count: 1}), want: "reassigned"},
		{name: "tokens revoked before the cancel", before: mood(sandbox.Fault{Kind: sandbox.TokensRevoked, Operation: "deliveryOrderCancel", Count: 1}), want: "reassigned"},
		{name: "a proxy answers a page for a while", before: mood(sandbox.Fault{Kind: sandbox.FaultHTML, Count: 3}), want: "reassigned"},
		{name: "create lost before", before: mood(sandbox.Fault{Kind: sandbox.DropBefore, Operation: "deliveryOrderCreate", Count: 1}), want: "reassigned"},
		{name: "create lost after", before: mood(sandbox.Fault{Kind: sandbox.DropAfter, Operation: "deliveryOrderCreate", Count: 1}), want: "reassigned"},
		{name: "create applied late", before: mood(sandbox.Fault{Kind: sandbox.DropLate, Operation: "deliveryOrderCreate", Count: 1, After: 10 * time.Second}), want: "reassigned"},
		{name: "cancel lost before", before: mood(sandbox.Fault{Kind: sandbox.DropBefore, Operation: "deliveryOrderCancel", Count: 1}), want: "reassigned"},
		{name: "cancel lost after", before: mood(sandbox.Fault{Kind: sandbox.DropAfter, Operation: "deliveryOrderCancel", Count: 1}), want: "reassigned"},
		{name: "cancel applied late", before: mood(sandbox.Fault{Kind: sandbox.DropLate, Operation: "deliveryOrderCancel", Count: 1, After: 40 * time.Second}), want: "reassigned"},
		{name: "events dated an hour ahead", before: mood(sandbox.Fault{Kind: sandbox.EventClock, After: time.Hour}), want: "reassigned"},
		{name: "events dated an hour behind", before: mood(sandbox.Fault{Kind: sandbox.EventClock, After: -time.Hour}), want: "reassigned"},
		{name: "events of one date", before: mood(sandbox.Fault{Kind: sandbox.EventSameDate}), want: "reassigned"},
		{name: "events without a date", before: mood(sandbox.Fault{Kind: sandbox.EventUndated}), want: "reassigned"},
		{name: "lines without a quantity", before: mood(sandbox.Fault{Kind: sandbox.QuantityNull}), want: "needs_person: ambiguous_order_line"},
		{name: "quantities as fractions for a while", before: mood(sandbox.Fault{Kind: sandbox.QuantityFloat, Count: 2}), want: "reassigned"},
		{name: "a webhook from next week", before: mood(sandbox.Fault{Kind: sandbox.WebhookDated, After: 168 * time.Hour, Count: 1}), want: "reassigned"},
		{name: "webhooks twice", before: mood(sandbox.Fault{Kind: sandbox.WebhookDuplicate}), want: "reassigned"},
		{name: "webhooks twice with new ids", before: mood(sandbox.Fault{Kind: sandbox.WebhookDuplicate, NewID: true}), want: "reassigned"},
		{name: "webhooks late", before: mood(sandbox.Fault{Kind: sandbox.WebhookDelay, After: 90 * time.Second}), want: "reassigned"},
		{name: "webhooks out of order", before: mood(sandbox.Fault{Kind: sandbox.WebhookSwap}), want: "reassigned"},
		{name: "the integration recovers after the release", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute}),
			during: func(s *fixture) { s.Platform.Recover(sandbox.Paris, true) }, want: "reassigned"},
		{name: "the integration recovers, then the cancel is refused", before: mood(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", After: time.Minute}),
			during: func(s *fixture) { s.Platform.Recover(sandbox.Paris, true) }, want: "left: recovered"},
		{name: "somebody resumes the order while our draft waits", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute}),
			during: func(s *fixture) { s.must(s.Platform.ResumeOrder("ord_1")) }, want: "reassigned"},
		{name: "somebody resumes the order, and every cancel takes its time", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, After: 3 * time.Minute}),
			during: func(s *fixture) { s.must(s.Platform.ResumeOrder("ord_1")) }, want: "reassigned"},
		{name: "somebody sends our draft and its location takes it", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute}),
			during: func(s *fixture) {
				draft := s.row("1").Replacement.ID
				s.must(s.Platform.ResumeOrder("ord_1"))
				s.must(s.Platform.WarehouseStart(draft))
			}, want: "needs_person: replacement_sent_early"},
		{name: "the cancel is taken back after we sent", before: mood(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", ShowCanceled: true, After: time.Minute}),
			during: func(s *fixture) {}, want: "needs_person: released_then_rejected"},
		{name: "the cancel is taken back after we sent to a silent fallback", before: func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", ShowCanceled: true, After: time.Minute})
		}, want: "needs_person: cancel_refused"},
		{name: "the fallback fails before it answers", before: func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
		}, during: func(s *fixture) { s.Platform.Break(sandbox.Lyon) }, want: "reassigned"},
		{name: "somebody cancels our draft", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, After: 3 * time.Minute}),
			during: func(s *fixture) { s.must(s.Platform.PersonCancel(s.row("1").Replacement.ID)) }, want: "needs_person: replacement_cancelled"},
		{name: "the location confirms only once it works again, and does", before: mood(sandbox.Fault{Kind: sandbox.CancelByLocation, DeliveryOrder: "do_1", After: 5 * time.Second}),
			during: func(s *fixture) { s.Platform.Recover(sandbox.Paris, true) }, want: "reassigned"},
		{name: "the location confirms only once it works again, and does not", before: mood(sandbox.Fault{Kind: sandbox.CancelByLocation, DeliveryOrder: "do_1"}), want: "needs_person: cancel_unconfirmed"},
		{name: "the location fails again while the cancel is out", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, After: 3 * time.Minute}),
			during: func(s *fixture) {
				s.Platform.Recover(sandbox.Paris, true)
				s.pass(time.Second)
				s.Platform.Break(sandbox.Paris)
			}, want: "reassigned"},
		{name: "the integration is replaced after the release", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, After: 3 * time.Minute}),
			during: func(s *fixture) {
				s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationActive, "fsi_other", true)
			}, want: "reassigned"},
		{name: "the integration becomes INACTIVE after the release", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, After: 3 * time.Minute}),
			during: func(s *fixture) { s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationInactive, "", false) }, want: "reassigned"},
		{name: "fallback accepts and then fails itself", before: mood(sandbox.Fault{Kind: sandbox.AcceptThenError, Location: sandbox.Lyon, After: time.Second}), want: "reassigned"},
		{name: "open is refused", before: mood(sandbox.Fault{Kind: sandbox.ResultError, Operation: "deliveryOrderOpen"}), want: "needs_person: send_refused"},
		{name: "request is refused", before: mood(sandbox.Fault{Kind: sandbox.ResultError, Operation: "deliveryOrderRequestFulfillment"}), want: "needs_person: send_refused"},
		{name: "a request works on a draft", before: mood(sandbox.Fault{Kind: sandbox.RequestOnDraft}), want: "reassigned"},
		{name: "every request takes its time", before: mood(sandbox.Fault{Kind: sandbox.Latency, After: time.Second}), want: "reassigned"},
		{name: "somebody opens our draft while it waits", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute}),
			during: func(s *fixture) { s.must(s.Platform.PersonOpen(s.row("1").Replacement.ID)) }, want: "reassigned"},
		{name: "somebody moves our draft while it waits", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute}),
			during: func(s *fixture) { s.must(s.Platform.PersonMove(s.row("1").Replacement.ID, sandbox.Paris)) }, want: "needs_person: draft_conflict"},
		{name: "somebody opens the draft before we move it", status: sandbox.Draft, before: func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, DeliveryOrder: "do_1", Count: 1})
			s.must(s.Platform.PersonOpen("do_1"))
		}, want: "reassigned"},
		{name: "somebody cancels the original before we do", before: func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, DeliveryOrder: "do_1", Count: 1})
			s.must(s.Platform.PersonCancel("do_1"))
		}, want: "left: gone"},
		{name: "the fallback breaks while our draft waits", before: mood(sandbox.Fault{Kind: sandbox.CancelAsync, After: 3 * time.Minute}),
			during: func(s *fixture) { s.Platform.Break(sandbox.Lyon) }, want: "reassigned"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Incident: anyShare})
			status := c.status
			if status == "" {
				status = sandbox.Pending
			}
			s.order("1", status, func(o *sandbox.Order, d *sandbox.DeliveryOrder) {
				if c.auto {
					automatic(o, d)
				}
			})
			c.before(s)
			s.Platform.Break("loc_paris")
			if c.during != nil {
				s.pass(130 * time.Second)
				c.during(s)
			}
			s.rest()
			s.pass(2 * time.Minute) // the sweep has the last word
			s.ends("1", c.want)
			s.holds()
		})
	}
}

func (s *fixture) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestWithoutWebhooksThePollsCarryTheHandover(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: "delivery_order/fulfillment_accepted"})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: "delivery_order/updated"})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute})
	s.breaks()
	s.ends("1", "reassigned")
	s.holds()
}

func TestWebhooksThatNameTheOrderLineResolveEqualSKUs(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookOrderLine})
	s.order("1", sandbox.Pending, func(o *sandbox.Order, d *sandbox.DeliveryOrder) { o.Lines[1].SKU, d.Lines[1].SKU = "MUG", "MUG" })
	s.breaks()
	s.ends("1", "reassigned")
	s.holds()
}

func TestOpenedIsMovedByOptIn(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Handover: func(h *handover.Settings) { h.Statuses = append(h.Statuses, "OPENED") }})
	s.order("1", sandbox.Opened, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[0].Status = sandbox.LineAccepted })
	s.breaks()
	s.ends("1", "reassigned")
	s.holds()
}

func TestAReplacementGoesNoFurtherThanTheOriginalHadGot(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Events = nil })
	s.breaks()
	s.ends("1", "reassigned")
	s.holds()
	d, ok := s.Platform.Books().DeliveryOrder(s.row("1").Replacement.ID)
	if !ok || len(d.Events) != 0 || d.Status != sandbox.Pending {
		t.Errorf("replacement %+v, want PENDING and not requested", d)
	}
}

func TestSiblingsOfOneOrderAreHandedOverApart(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, func(o *sandbox.Order, d *sandbox.DeliveryOrder) { o.Lines[0].Quantity = 4; o.Lines[1].Quantity = 2 })
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_2", Location: "loc_paris", Orders: []string{"ord_1"}, Status: sandbox.Pending,
		Events: []string{sandbox.EventRequested}, Lines: []sandbox.Line{
			{ID: "dl_2_1", OrderLine: "ol_1_1", SKU: "MUG", Status: sandbox.LinePending, Quantity: 2},
			{ID: "dl_2_2", OrderLine: "ol_1_2", SKU: "TRAY", Status: sandbox.LinePending, Quantity: 1}}})
	s.pass(time.Second)
	s.breaks()
	s.ends("1", "reassigned")
	s.ends("2", "reassigned")
	s.holds()
}
