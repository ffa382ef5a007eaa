package sandbox

import (
	"cmp"
	"context"

	"github.com/graph-gophers/graphql-go"
)

// mutationResult is MutationResult: success and error in lower case (documented).
type mutationResult struct {
	ID      graphql.ID
	Type    string
	State   string
	Message *string
}

type idArgs struct{ ID string }

type inputArgs struct{ Input deliveryInput }

// deliveryInput is DeliveryOrderInput: one type for create and update (documented).
type deliveryInput struct {
	ID, OrderID, LocationID *string
	Lines                   *[]lineInput
	Priority                *string
}

type lineInput struct {
	OrderLineID string
	Quantity    int32
}

// admitMutation admits one mutation: the scope, and one mutation a document if the fault is such.
func (c *call) admitMutation(operation, scope string) (act, error) {
	a := c.act
	a.operation = operation
	if err := c.requireScope(scope); err != nil {
		return a, err
	}
	c.mutations++
	if c.mutations > 1 && c.p.useFault(RefuseSecondMutation, subject{operation: operation}) != nil {
		return a, refusal{"BAD_REQUEST", "one mutation a document"}
	}
	return a, nil
}

// runMutation runs one mutation of an existing delivery order through the faults that falsify results.
func (c *call) runMutation(operation, id string, do func(a act, d *delivery) string) (*mutationResult, error) {
	a, err := c.admitMutation(operation, "edit_delivery_orders")
	if err != nil {
		return nil, err
	}
	d := c.findDelivery(id)
	if d == nil {
		return nil, errNotFound
	}
	s := subjectOf(d)
	s.operation = operation
	before, after := c.answersCode(s)
	if before != nil {
		c.p.recordRefusal(a, d, "answered with an error")
		return nil, before
	}
	var reason string
	if c.p.useFault(ResultError, s) != nil {
		reason = c.p.recordRefusal(a, d, "refused")
	} else if reason = do(a, d); reason == "" && c.p.useFault(ResultErrorApplied, s) != nil {
		reason = "refused, or so it says"
	}
	if after != nil {
		return nil, after
	}
	if reason != "" {
		return &mutationResult{graphql.ID(id), "delivery_order", "error", pointerTo(CanaryText + reason)}, nil
	}
	return &mutationResult{graphql.ID(id), "delivery_order", "success", pointerTo(CanaryText + "done")}, nil
}

// DeliveryOrderCreate makes a DRAFT.
func (r *root) DeliveryOrderCreate(ctx context.Context, args inputArgs) (*deliveryView, error) {
	c := callOf(ctx)
	a, err := c.admitMutation("deliveryOrderCreate", "create_delivery_orders")
	if err != nil {
		return nil, err
	}
	in := args.Input
	if in.OrderID == nil || in.LocationID == nil || in.Lines == nil || len(*in.Lines) == 0 || in.ID != nil {
		return nil, refusal{"BAD_REQUEST", "orderId, locationId and lines are required"}
	}
	o := c.findOrder(*in.OrderID)
	l := r.p.locations[*in.LocationID]
	if o == nil || l == nil || l.Organization != c.org.ID {
		return nil, errNotFound
	}
	checked, bad := checkLines([]*order{o}, *in.Lines)
	if bad != nil {
		return nil, bad
	}
	s := subject{location: l.ID, orders: []string{o.ID}, operation: "deliveryOrderCreate"}
	before, after := c.answersCode(s)
	switch {
	case before != nil:
		return nil, before
	case r.p.useFault(ResultError, s) != nil:
		return nil, refusal{"CONFLICT", "refused"}
	case o.State != Opened:
		return nil, refusal{"BAD_REQUEST", "the order is not open"}
	case o.Dispatching == Automatic && r.p.useFault(RefuseAutomatic, s) != nil:
		return nil, refusal{"BAD_REQUEST", "the order is dispatched automatically"}
	case r.p.exceedsOrder(o, checked) && r.p.useFault(RefuseOverAllocation, s) != nil:
		return nil, refusal{"BAD_REQUEST", "more than was ordered"}
	}
	priority := "NORMAL"
	if in.Priority != nil {
		priority = *in.Priority
	}
	d := r.p.createDraft(a, o, l.ID, priority, checked)
	if r.p.useFault(CreateSends, s) != nil {
		r.p.openDraft(a, d)
		r.p.requestFulfilment(a, d, false)
	}
	if after != nil {
		return nil, after
	}
	if r.p.useFault(ResultErrorApplied, s) != nil {
		return nil, refusal{"INTERNAL_SERVER_ERROR", "refused, or so it says"}
	}
	return c.showDelivery(d, ""), nil
}

// checkLines checks order line ids and quantities of an input.
func checkLines(orders []*order, wanted []lineInput) ([]Line, error) {
	var lines []Line
	seen := map[string]bool{}
	for _, want := range wanted {
		found := ""
		for _, o := range orders {
			for _, ol := range o.Lines {
				if ol.ID == want.OrderLineID {
					found = ol.SKU
				}
			}
		}
		if found == "" || want.Quantity <= 0 || seen[want.OrderLineID] {
			return nil, refusal{"BAD_REQUEST", "unknown order line, or a quantity that is not positive"}
		}
		seen[want.OrderLineID] = true
		lines = append(lines, Line{OrderLine: want.OrderLineID, SKU: found, Quantity: int(want.Quantity)})
	}
	return lines, nil
}

// exceedsOrder reports whether these lines, with all live ones, cover more than was ordered.
func (p *Platform) exceedsOrder(o *order, lines []Line) bool {
	for _, l := range lines {
		for _, ol := range o.Lines {
			if ol.ID == l.OrderLine && p.sumCovered(o, ol.ID, nil)+l.Quantity > ol.Quantity {
				return true
			}
		}
	}
	return false
}

// DeliveryOrderUpdate edits a DRAFT.
func (r *root) DeliveryOrderUpdate(ctx context.Context, args inputArgs) (*mutationResult, error) {
	c := callOf(ctx)
	in := args.Input
	if in.ID == nil {
		return nil, refusal{"BAD_REQUEST", "id is required"}
	}
	edited, bad := r.p.editLines(c.findDelivery(*in.ID), in.Lines)
	if bad != nil {
		return nil, bad
	}
	return c.runMutation("deliveryOrderUpdate", *in.ID, func(a act, d *delivery) string {
		return r.p.updateDraft(a, d, deref(in.LocationID), edited, deref(in.Priority))
	})
}

// editLines checks new lines of a delivery order; those that stay keep their ids.
func (p *Platform) editLines(d *delivery, wanted *[]lineInput) ([]Line, error) {
	if d == nil || wanted == nil {
		return nil, nil
	}
	var orders []*order
	for _, id := range d.Orders {
		orders = append(orders, p.orders[id])
	}
	all, err := checkLines(orders, *wanted)
	for i := range all {
		all[i].ID, all[i].Status = p.newID(), LineNew
		for _, old := range d.Lines {
			if old.OrderLine == all[i].OrderLine {
				all[i].ID, all[i].Status = old.ID, old.Status
			}
		}
	}
	return all, err
}

// DeliveryOrderOpen takes a DRAFT to PENDING.
func (r *root) DeliveryOrderOpen(ctx context.Context, args idArgs) (*mutationResult, error) {
	c := callOf(ctx)
	return c.runMutation("deliveryOrderOpen", args.ID, func(a act, d *delivery) string {
		reason := r.p.openDraft(a, d)
		c.opened[d.ID] = c.opened[d.ID] || reason == ""
		return reason
	})
}

// DeliveryOrderRequestFulfillment sends a delivery order to its location.
func (r *root) DeliveryOrderRequestFulfillment(ctx context.Context, args idArgs) (*mutationResult, error) {
	c := callOf(ctx)
	return c.runMutation("deliveryOrderRequestFulfillment", args.ID, func(a act, d *delivery) string {
		s := subjectOf(d)
		if c.opened[d.ID] && r.p.useFault(RefuseRequestOnDraft, s) != nil {
			return r.p.recordRefusal(a, d, "still a DRAFT")
		}
		return r.p.requestFulfilment(a, d, d.Status == Draft && r.p.useFault(RequestOnDraft, s) != nil)
	})
}

// DeliveryOrderCancel asks for a cancellation.
func (r *root) DeliveryOrderCancel(ctx context.Context, args idArgs) (*mutationResult, error) {
	return callOf(ctx).runMutation("deliveryOrderCancel", args.ID, r.p.cancelDelivery)
}

func deref(s *string) string { return *cmp.Or(s, pointerTo("")) }
