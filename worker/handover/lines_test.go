package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// TestWhichLinesAReplacementGets has delivery orders whose lines are not all to be shipped.
func TestWhichLinesAReplacementGets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status string
		change func(*sandbox.Order, *sandbox.DeliveryOrder)
		want   string
		mugs   int
	}{
		"one was rejected": {sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[1].Status = sandbox.LineRejected }, "reassigned", 2},
		"all were rejected": {sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) {
			d.Lines[0].Status, d.Lines[1].Status = sandbox.LineRejected, sandbox.LineRejected
		}, "", 0},
		"one has no units":           {sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[1].Quantity = 0 }, "reassigned", 2},
		"a draft's one has no units": {sandbox.Draft, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[1].Quantity = 0 }, "reassigned", 0},
		"one has fewer than none":    {sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[1].Quantity = -1 }, "needs_person: ambiguous_order_line", 0},
		"fewer than none ordered":    {sandbox.Pending, func(o *sandbox.Order, _ *sandbox.DeliveryOrder) { o.Lines[1].Quantity = -1 }, "needs_person: ambiguous_order_line", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", c.status, c.change)
			s.breaks()
			if c.want == "" { // nothing is in flight
				if rows, err := s.Rows(s.ctx); err != nil || len(rows) > 0 && rows[0].State != "left" {
					t.Errorf("what its location rejected as a whole is %v, %v", rows, err)
				}
				return
			}
			s.ends("1", c.want)
			if d, _ := s.Platform.Books().DeliveryOrder(s.row("1").Replacement.ID); c.mugs > 0 && (len(d.Lines) != 1 || d.Lines[0].Quantity != c.mugs) {
				t.Errorf("the replacement has %+v, want %d mugs and nothing else", d.Lines, c.mugs)
			}
		})
	}
}

// TestAnUnknownQuantityIsNotNone has the platform tell no quantity of a line of another delivery order of the order.
func TestAnUnknownQuantityIsNotNone(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, func(o *sandbox.Order, _ *sandbox.DeliveryOrder) { o.Lines[0].Quantity = 4 })
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_other", Location: "loc_lille", Orders: []string{"ord_1"}, Status: sandbox.Pending,
		Lines: []sandbox.Line{{ID: "dl_other", OrderLine: "ol_1_1", SKU: "MUG", Status: sandbox.LinePending, Quantity: 2}}})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.QuantityNull, DeliveryOrder: "do_other"})
	s.breaks()
	s.ends("1", "needs_person: ambiguous_order_line")
	s.holds()
}

// TestALineWithoutUnitsHoldsNothingUp has the platform cancel what has units, and leave a line of none as it was.
func TestALineWithoutUnitsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[1].Quantity = 0 })
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_1", EventAtOnce: true})
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	s.must(s.Platform.Shows("do_1", []string{"CANCELED", "PENDING"}, nil))
	s.rest()
	s.ends("1", "reassigned")
	if sent := s.sentAndLive(); len(sent) != 2 { // the line of none is still pending
		t.Errorf("sent and live: %v", sent)
	}
}
