package handover_test

import (
	"strings"
	"testing"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/world"
)

// TestNeverMoved tells, for each case in which nothing moves by itself, how the row ends, and that nothing
// was changed on the platform.
func TestNeverMoved(t *testing.T) {
	t.Parallel()
	line := func(status string) func(*sandbox.Order, *sandbox.DeliveryOrder) {
		return func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[0].Status = status }
	}
	type change = func(*sandbox.Order, *sandbox.DeliveryOrder)
	for _, c := range []struct {
		name   string
		status string
		change change
		before func(*fixture)
		with   func(*handover.Settings)
		policy string
		want   string
	}{
		{name: "a line is in progress", status: sandbox.Opened, change: line(sandbox.LineInProgress), want: "needs_person: already_preparing"},
		{name: "a line is partly fulfilled", status: sandbox.Opened, change: line(sandbox.LinePartly), want: "needs_person: already_shipped"},
		{name: "a line is fulfilled", status: sandbox.Opened, change: line(sandbox.LineFulfilled), want: "needs_person: already_shipped"},
		{name: "a unit is fulfilled", status: sandbox.Opened, change: func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[0].Fulfilled = 1 }, want: "needs_person: already_shipped"},
		{name: "a shipment exists", status: sandbox.Pending, change: func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Shipments = 1 }, want: "needs_person: already_shipped"},
		{name: "several orders", status: sandbox.Pending, change: func(o *sandbox.Order, d *sandbox.DeliveryOrder) { d.Orders = append(d.Orders, "ord_other") },
			before: func(s *fixture) {
				s.Platform.AddOrder(sandbox.Order{ID: "ord_other", Organization: world.Org, Lines: []sandbox.OrderLine{{ID: "x", SKU: "X", Quantity: 1}}})
			}, want: "needs_person: aggregated_orders"},
		{name: "the same SKU on two order lines", status: sandbox.Pending, change: func(o *sandbox.Order, d *sandbox.DeliveryOrder) {
			o.Lines[1].SKU, d.Lines[1].SKU = "MUG", "MUG"
		}, want: "needs_person: ambiguous_order_line"},
		{name: "opened, not enabled", status: sandbox.Opened, want: "needs_person: opened_not_enabled"},
		{name: "pending, accepted", status: sandbox.Pending, change: line(sandbox.LineAccepted), want: "needs_person: opened_not_enabled"},
		{name: "pending, not enabled", status: sandbox.Pending, with: func(h *handover.Settings) { h.Statuses = []string{"DRAFT"} }, want: "needs_person: status_not_enabled"},
		{name: "draft, not enabled", status: sandbox.Draft, with: func(h *handover.Settings) { h.Statuses = []string{"PENDING"} }, want: "needs_person: status_not_enabled"},
		{name: "the order is not open", status: sandbox.Pending, change: func(o *sandbox.Order, _ *sandbox.DeliveryOrder) { o.State = "COMPLETED" }, want: "needs_person: order_not_open"},
		{name: "automatic orders are left", status: sandbox.Pending, change: automatic, with: func(h *handover.Settings) { h.LeaveAutomatic = true }, want: "left: config_leave"},
		{name: "the policy leaves it", status: sandbox.Pending, policy: "version: 1\nrules: []\ndefault: leave\n", want: "left: policy_leave"},
		{name: "the policy asks for a person", status: sandbox.Pending, policy: "version: 1\nrules: []\ndefault: needs_person\n", want: "needs_person: policy_rule"},
		{name: "no fallback is active", status: sandbox.Pending, before: func(s *fixture) {
			s.Platform.SetActive(sandbox.Lyon, false)
			s.Platform.SetActive(sandbox.Lille, false)
		}, want: "needs_person: no_candidate"},
		{name: "more units live than ordered", status: sandbox.Pending, change: func(o *sandbox.Order, d *sandbox.DeliveryOrder) { o.Lines[0].Quantity = 1; d.Lines[0].Quantity = 2 }, want: "needs_person: ambiguous_order_line"},
		{name: "the scope is missing", status: sandbox.Pending, before: func(s *fixture) {
			s.Platform.SetScopes(world.Org, "view_delivery_orders", "view_orders", "view_locations")
		}, want: "needs_person: forbidden"},
		{name: "every create is refused", status: sandbox.Pending, before: func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.ResultError, Operation: "deliveryOrderCreate"})
		}, want: "needs_person: create_refused"},
		{name: "every update is refused", status: sandbox.Draft, before: func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.ResultError, Operation: "deliveryOrderUpdate"})
		}, want: "needs_person: update_refused"},
		{name: "the cancel is refused", status: sandbox.Pending, before: func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
		}, want: "needs_person: cancel_refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Policy: c.policy, Handover: c.with})
			if c.before != nil {
				c.before(s)
			}
			if c.change == nil {
				c.change = func(*sandbox.Order, *sandbox.DeliveryOrder) {}
			}
			s.order("1", c.status, c.change)
			s.breaks()
			s.ends("1", c.want)
			s.holds()
			d, _ := s.Platform.Books().DeliveryOrder("do_1")
			if d.Location != "loc_paris" || strings.Contains(strings.Join(d.Events, " "), "CANCELED") {
				t.Errorf("the original was touched: %+v", d)
			}
		})
	}
}
