package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// rejectedByParis makes a delivery order one that Paris refused as a whole.
func rejectedByParis(_ *sandbox.Order, d *sandbox.DeliveryOrder) {
	d.Lines[0].Status, d.Lines[1].Status = sandbox.LineRejected, sandbox.LineRejected
	d.Events = []string{sandbox.EventRequested, sandbox.EventRejected}
}

func TestWhatItsLocationRejectedBeforeItFailedIsNotHandedOver(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, rejectedByParis)
	s.order("2", sandbox.Pending)
	s.pass(time.Hour)
	s.breaks()
	s.ends("2", "reassigned")
	if rows, err := s.Rows(s.ctx); err != nil || len(rows) != 1 {
		t.Errorf("%d rows, %v, want that of do_2 alone\n%s", len(rows), err, s.story())
	}
	s.holds()
}

func TestWhatReadsRejectedThoughTheIndexDoesNotKnowItIsGone(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, rejectedByParis)
	s.tell("1", func(e *index.Entry) { e.Lines[0].Status = sandbox.LinePending })
	n := s.mutations()
	s.breaks()
	s.ends("1", "left: gone")
	if got := s.mutations(); got != n {
		t.Errorf("%d mutations, want none\n%s", got-n, s.story())
	}
	s.holds()
}

func TestWhatItsLocationRejectsWhileItsReplacementIsPreparedIsAPersons(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault429, Operation: "deliveryOrderCancel"}) // it is never executed
	s.Platform.Break(sandbox.Paris)
	s.until("1", journal.Releasing)
	s.must(s.Platform.WarehouseReject("do_1"))
	s.pass(decision.Fresh + time.Second)
	s.Platform.ClearFaults()
	s.rest()
	s.ends("1", "needs_person: unproven_draft")
	r := s.row("1")
	if d, _ := s.Platform.Books().DeliveryOrder(r.Replacement.ID); d.Status != sandbox.Draft || d.Lines[0].Status == sandbox.LineCanceled {
		t.Errorf("the DRAFT %s is %s %+v, want it as it was", r.Replacement.ID, d.Status, d.Lines)
	}
	s.holds()
}
