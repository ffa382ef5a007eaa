package handover_test

import (
	"net/http"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// TestACreateThatSendsAtOnceDestroysNothing has a platform whose new delivery orders are no DRAFTs. The
// original must not be cancelled behind it: what the create made is taken back, and an operator told.
func TestACreateThatSendsAtOnceDestroysNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CreateSends})
	s.breaks()
	s.ends("1", "needs_person: replacement_sent_early")
	for _, e := range s.Platform.Books().Entries {
		if e.DeliveryOrder == "do_1" && e.Operation == "deliveryOrderCancel" {
			t.Error("the original was cancelled")
		}
	}
}

func TestARefusedCancelIsRefusedAlsoWhenTheReadAfterItFails(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: "deliveryOrder", Skip: 1, Count: 2})
	s.breaks()
	s.ends("1", "needs_person: cancel_refused")
	s.holds()
}

func TestADraftWhoseCancelTakesItsTimeIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 30 * time.Second})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
	s.breaks()
	s.ends("1", "needs_person: cancel_refused")
	if r := s.row("1"); r.Replacement.ID != "" {
		t.Errorf("the replacement is still %s", r.Replacement.ID)
	}
	s.holds()
}

func TestAnOrderThatSomebodyElseCancelledIsNotShippedBehindAStaleRead(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, DeliveryOrder: "do_1"})
	s.must(s.Platform.PersonCancel("do_1"))
	s.pass(5 * time.Second)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Count: 1})
	s.breaks()
	s.ends("1", "left: gone")
	s.holds()
	for _, d := range s.Platform.Books().DeliveryOrders {
		if d.Location == "loc_lyon" && d.Status != sandbox.Completed {
			t.Errorf("%s is left at the fallback in %s", d.ID, d.Status)
		}
	}
}

// createInDoubt is a row that is an operator's since nothing could be read any more after the reply of its create was
// lost, or the create itself: only the platform knows whether there is a DRAFT.
func createInDoubt(t *testing.T, loss string, change ...func(*sandbox.Order, *sandbox.DeliveryOrder)) *fixture {
	t.Helper()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, change...)
	s.Platform.AddFault(sandbox.Fault{Kind: loss, Operation: "deliveryOrderCreate", Count: 1})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: "deliveryOrder", Skip: 1})
	s.Platform.Break(sandbox.Paris)
	s.must(s.RunUntilIdle(s.ctx, 6*time.Hour))
	s.ends("1", "needs_person: retries_exhausted")
	s.Platform.ClearFaults()
	return s
}

func TestWhoLeavesACreateInDoubtLeavesNoDraftBehind(t *testing.T) {
	t.Parallel()
	s := createInDoubt(t, sandbox.DropAfter)
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "left: by_person")
	if r := s.row("1"); len(r.Replacement.Past) != 1 {
		t.Errorf("%d DRAFTs were withdrawn, want 1", len(r.Replacement.Past))
	}
	s.holds()
}

// TestACreateInDoubtIsLookedForWhereItWasSent has the fallback drop out before an operator retries, and more ordered than the delivery
// order has: the sum does not tell of the DRAFT.
func TestACreateInDoubtIsLookedForWhereItWasSent(t *testing.T) {
	t.Parallel()
	s := createInDoubt(t, sandbox.DropAfter, times(2))
	s.Platform.SetActive(sandbox.Lyon, false)
	s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
	s.rest()
	s.goesTo("1", "loc_lille")
	s.holds()
}

// TestAnUnprovenDraftCanBeLeft has two DRAFTs match the create in doubt: what cannot be told apart is not withdrawn,
// and does not hold up the operator for ever.
func TestAnUnprovenDraftCanBeLeft(t *testing.T) {
	t.Parallel()
	s := createInDoubt(t, sandbox.DropAfter)
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_other", Location: "loc_lyon", Orders: []string{"ord_1"}, Status: sandbox.Draft, Lines: []sandbox.Line{
		{ID: "dl_o_1", OrderLine: "ol_1_1", SKU: "MUG", Status: sandbox.LineNew, Quantity: 2},
		{ID: "dl_o_2", OrderLine: "ol_1_2", SKU: "TRAY", Status: sandbox.LineNew, Quantity: 1}}})
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "needs_person: unproven_draft")
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "left: by_person")
}

// sendsByHand has an operator send a delivery order, and its location take it or not.
func (s *fixture) sendsByHand(id string, accepted bool) {
	s.t.Helper()
	s.must(s.Platform.PersonOpen(id))
	s.must(s.Platform.PersonRequest(id))
	if accepted {
		s.must(s.Platform.WarehouseAccept(id))
	}
}

// TestAReplacementThatWasSentEarlyCanBeLeft has the operator who leaves it know that two may ship: what can be taken back
// of the replacement is, and the row is closed all the same.
func TestAReplacementThatWasSentEarlyCanBeLeft(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what     string
		accepted bool
		cancel   sandbox.Fault // of the replacement, once it was sent
		later    sandbox.Fault // the same, once it is left
		status   string
	}{
		{"its location took it", true, sandbox.Fault{}, sandbox.Fault{}, sandbox.Pending},
		{"its cancel failed, and does not any more", false, sandbox.Fault{Kind: sandbox.Fault500, Operation: "deliveryOrderCancel"}, sandbox.Fault{}, sandbox.Completed},
		{"its cancel is refused", false, sandbox.Fault{Kind: sandbox.CancelRefused}, sandbox.Fault{Kind: sandbox.CancelRefused}, sandbox.Pending},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			silent := sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon}
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(silent)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_1"})
			s.Platform.Break(sandbox.Paris)
			s.pass(150 * time.Second)
			if tt.cancel.Kind != "" {
				s.Platform.AddFault(tt.cancel)
			}
			sent := s.row("1").Replacement.ID
			s.sendsByHand(sent, tt.accepted)
			s.rest()
			s.ends("1", "needs_person: replacement_sent_early")
			s.Platform.ClearFaults()
			s.Platform.AddFault(silent)
			if tt.later.Kind != "" {
				s.Platform.AddFault(tt.later)
			}
			s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", "left: by_person")
			if d, _ := s.Platform.Books().DeliveryOrder(sent); d.Status != tt.status {
				t.Errorf("the replacement is %s, want %s\n%s", d.Status, tt.status, s.story())
			}
		})
	}
}

// TestWhatAPersonSentInPlaceOfAReleasedOriginalIsNotTakenBack follows the advice for send_refused and then leaves the
// row: the replacement is all that is left of the order.
func TestWhatAPersonSentInPlaceOfAReleasedOriginalIsNotTakenBack(t *testing.T) {
	t.Parallel()
	for name, accepted := range map[string]bool{"its location took it": true, "its location did not answer yet": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.ResultError, Operation: "deliveryOrderOpen"})
			s.breaks()
			s.ends("1", "needs_person: send_refused")
			s.Platform.ClearFaults()
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
			sent := s.row("1").Replacement.ID
			s.sendsByHand(sent, accepted)
			s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", "left: by_person")
			if d, _ := s.Platform.Books().DeliveryOrder(sent); d.Status != sandbox.Pending {
				t.Errorf("what the person sent is %s, want PENDING\n%s", d.Status, s.story())
			}
			s.holds()
		})
	}
}

// TestWhatAPersonSentBesideTheOriginalIsTakenBack leaves an original that still stands: the two would ship the same.
func TestWhatAPersonSentBesideTheOriginalIsTakenBack(t *testing.T) {
	t.Parallel()
	s := unconfirmed(t)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop})
	sent := s.row("1").Replacement.ID
	s.sendsByHand(sent, false)
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "left: by_person")
	if d, _ := s.Platform.Books().DeliveryOrder(sent); d.Status != sandbox.Completed {
		t.Errorf("what the person sent is %s, want it cancelled\n%s", d.Status, s.story())
	}
}

// TestARecoveryLeavesAnUnprovenDraftWithAPerson has two DRAFTs match a create in doubt when the location recovers. They
// stay listed, and the incident ends.
func TestARecoveryLeavesAnUnprovenDraftWithAPerson(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropAfter, Operation: "deliveryOrderCreate", Count: 1})
	s.Slow = func(r *http.Request) time.Duration {
		if world.CallsField(r, "deliveryOrderCreate") {
			s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_other", Location: "loc_lyon", Orders: []string{"ord_1"}, Status: sandbox.Draft, Lines: []sandbox.Line{
				{ID: "dl_o_1", OrderLine: "ol_1_1", SKU: "MUG", Status: sandbox.LineNew, Quantity: 2},
				{ID: "dl_o_2", OrderLine: "ol_1_2", SKU: "TRAY", Status: sandbox.LineNew, Quantity: 1}}})
		}
		return 0
	}
	s.breaks()
	s.ends("1", "needs_person: unproven_draft")
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(10 * time.Minute)
	s.ends("1", "needs_person: unproven_draft")
	s.closed()
}

// TestOneReadThatDoesNotFindTheOriginalLeavesNoTwo has somebody send our DRAFT, the location recover before anything was released,
// and the platform not find the original once: the replacement is not all that is left of the order.
func TestOneReadThatDoesNotFindTheOriginalLeavesNoTwo(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
	paused := false
	s.OnBack = func(r *http.Request) {
		if !paused && world.CallsField(r, "deliveryOrderCreate") {
			paused = true
			s.pauses("loc_paris")
		}
	}
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	draft := s.row("1").Replacement.ID
	s.sendsByHand(draft, false)
	s.Platform.Recover(sandbox.Paris, false)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrder", DeliveryOrder: "do_1", Code: "NOT_FOUND", Count: 1})
	s.resumes("loc_paris")
	s.rest()
	s.ends("1", "left: recovered")
	if d, _ := s.Platform.Books().DeliveryOrder(draft); d.Lines[0].Status != sandbox.LineCanceled {
		t.Errorf("the replacement stands\n%s", s.story())
	}
	s.holds()
}
