package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// TestACreateThatSendsAtOnceDestroysNothing has a platform whose new delivery orders are no DRAFTs. The
// original must not be cancelled behind it: what the create made is taken back, and a person told.
func TestACreateThatSendsAtOnceDestroysNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.Mood(sandbox.Mood{Kind: sandbox.CreateSends})
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
	s.Platform.Mood(sandbox.Mood{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
	s.Platform.Mood(sandbox.Mood{Kind: sandbox.Fault500, Operation: "deliveryOrder", Skip: 1, Count: 2})
	s.breaks()
	s.ends("1", "needs_person: cancel_refused")
	s.holds()
}

func TestADraftWhoseCancelTakesItsTimeIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.Mood(sandbox.Mood{Kind: sandbox.CancelAsync, After: 30 * time.Second})
	s.Platform.Mood(sandbox.Mood{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
	s.breaks()
	s.ends("1", "needs_person: cancel_refused")
	if r := s.row("1"); r.Replacement != "" {
		t.Errorf("the replacement is still %s", r.Replacement)
	}
	s.holds()
}

func TestAnOrderThatSomebodyElseCancelledIsNotShippedBehindAStaleRead(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.Mood(sandbox.Mood{Kind: sandbox.WebhookDrop, DeliveryOrder: "do_1"})
	s.must(s.Platform.PersonCancel("do_1"))
	s.pass(5 * time.Second)
	s.Platform.Mood(sandbox.Mood{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Count: 1})
	s.breaks()
	s.ends("1", "left: gone")
	s.holds()
	for _, d := range s.Platform.Books().DeliveryOrders {
		if d.Location == "loc_lyon" && d.Status != sandbox.Completed {
			t.Errorf("%s is left at the fallback in %s", d.ID, d.Status)
		}
	}
}

// createInDoubt is a row that is a person's since nothing could be read any more after the reply of its create was
// lost: only the platform knows of the DRAFT.
func createInDoubt(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.Mood(sandbox.Mood{Kind: sandbox.DropAfter, Operation: "deliveryOrderCreate", Count: 1})
	s.Platform.Mood(sandbox.Mood{Kind: sandbox.Fault500, Operation: "deliveryOrder", Skip: 1})
	s.Platform.Break(sandbox.Paris)
	s.must(s.Settle(s.ctx, 6*time.Hour))
	s.ends("1", "needs_person: retries_exhausted")
	s.Platform.ClearMoods()
	return s
}

func TestWhoLeavesACreateInDoubtLeavesNoDraftBehind(t *testing.T) {
	t.Parallel()
	s := createInDoubt(t)
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "left: by_person")
	if r := s.row("1"); len(r.Former) != 1 {
		t.Errorf("%d DRAFTs were withdrawn, want 1", len(r.Former))
	}
	s.holds()
}

// TestAnUnprovenDraftCanBeLeft has two DRAFTs match the create in doubt: what cannot be told apart is not withdrawn,
// and does not hold up the person for ever.
func TestAnUnprovenDraftCanBeLeft(t *testing.T) {
	t.Parallel()
	s := createInDoubt(t)
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
