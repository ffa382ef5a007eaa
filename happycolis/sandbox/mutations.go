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

// begin admits one mutation: the scope, and one mutation a document if the mood is such.
func (c *call) begin(operation, scope string) (act, error) {
	a := c.act
	a.operation = operation
	if err := c.need(scope); err != nil {
		return a, err
	}
	c.mutations++
	if c.mutations > 1 && c.p.mood(RefuseSecondMutation, subject{operation: operation}) != nil {
		return a, refusal{"BAD_REQUEST", "one mutation a document"}
	}
	return a, nil
}

// mutate runs one mutation of an existing delivery order through the moods that falsify results.
func (c *call) mutate(operation, id string, do func(a act, d *delivery) string) (*mutationResult, error) {
	a, err := c.begin(operation, "edit_delivery_orders")
	if err != nil {
		return nil, err
	}
	d := c.delivery(id)
	if d == nil {
		return nil, errNotFound
	}
	s := subjectOf(d)
	s.operation = operation
	before, after := c.answersCode(s)
	if before != nil {
		c.p.refuse(a, d, "answered with an error")
		return nil, before
	}
	var reason string
	if c.p.mood(ResultError, s) != nil {
		reason = c.p.refuse(a, d, "refused")
	} else if reason = do(a, d); reason == "" && c.p.mood(ResultErrorApplied, s) != nil {
		reason = "refused, or so it says"
	}
	if after != nil {
		return nil, after
	}
	if reason != "" {
		return &mutationResult{graphql.ID(id), "delivery_order", "error", some(CanaryText + reason)}, nil
	}
	return &mutationResult{graphql.ID(id), "delivery_order", "success", some(CanaryText + "done")}, nil
}

// DeliveryOrderCreate makes a DRAFT.
func (r *root) DeliveryOrderCreate(ctx context.Context, args inputArgs) (*deliveryView, error) {
	c := callOf(ctx)
	a, err := c.begin("deliveryOrderCreate", "create_delivery_orders")
	if err != nil {
		return nil, err
	}
	in := args.Input
	if in.OrderID == nil || in.LocationID == nil || in.Lines == nil || len(*in.Lines) == 0 || in.ID != nil {
		return nil, refusal{"BAD_REQUEST", "orderId, locationId and lines are required"}
	}
	o := c.order(*in.OrderID)
	l := r.p.locations[*in.LocationID]
	if o == nil || l == nil || l.Organization != c.org.ID {
		return nil, errNotFound
	}
	checked, bad := lines([]*order{o}, *in.Lines)
	if bad != nil {
		return nil, bad
	}
	s := subject{location: l.ID, orders: []string{o.ID}, operation: "deliveryOrderCreate"}
	before, after := c.answersCode(s)
	switch {
	case before != nil:
		return nil, before
	case r.p.mood(ResultError, s) != nil:
		return nil, refusal{"CONFLICT", "refused"}
	case o.State != Opened:
		return nil, refusal{"BAD_REQUEST", "the order is not open"}
	case o.Dispatching == Automatic && r.p.mood(RefuseAutomatic, s) != nil:
		return nil, refusal{"BAD_REQUEST", "the order is dispatched automatically"}
	case r.p.exceeds(o, checked) && r.p.mood(RefuseOverAllocation, s) != nil:
		return nil, refusal{"BAD_REQUEST", "more than was ordered"}
	}
	priority := "NORMAL"
	if in.Priority != nil {
		priority = *in.Priority
	}
	d := r.p.create(a, o, l.ID, priority, checked)
	if r.p.mood(CreateSends, s) != nil {
		r.p.open(a, d)
		r.p.request(a, d, false)
	}
	if after != nil {
		return nil, after
	}
	if r.p.mood(ResultErrorApplied, s) != nil {
		return nil, refusal{"INTERNAL_SERVER_ERROR", "refused, or so it says"}
	}
	return c.showDelivery(d, ""), nil
}

// lines checks order line ids and quantities of an input.
func lines(orders []*order, wanted []lineInput) ([]Line, error) {
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

// exceeds reports whether these lines, with all live ones, cover more than was ordered.
func (p *Platform) exceeds(o *order, lines []Line) bool {
	for _, l := range lines {
		for _, ol := range o.Lines {
			if ol.ID == l.OrderLine && p.covered(o, ol.ID, nil)+l.Quantity > ol.Quantity {
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
	edited, bad := r.p.edited(c.delivery(*in.ID), in.Lines)
	if bad != nil {
		return nil, bad
	}
	return c.mutate("deliveryOrderUpdate", *in.ID, func(a act, d *delivery) string {
		return r.p.update(a, d, deref(in.LocationID), edited, deref(in.Priority))
	})
}

// edited checks new lines of a delivery order; those that stay keep their ids.
func (p *Platform) edited(d *delivery, wanted *[]lineInput) ([]Line, error) {
	if d == nil || wanted == nil {
		return nil, nil
	}
	var orders []*order
	for _, id := range d.Orders {
		orders = append(orders, p.orders[id])
	}
	all, err := lines(orders, *wanted)
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
	return c.mutate("deliveryOrderOpen", args.ID, func(a act, d *delivery) string {
		reason := r.p.open(a, d)
		c.opened[d.ID] = c.opened[d.ID] || reason == ""
		return reason
	})
}

// DeliveryOrderRequestFulfillment sends a delivery order to its location.
func (r *root) DeliveryOrderRequestFulfillment(ctx context.Context, args idArgs) (*mutationResult, error) {
	c := callOf(ctx)
	return c.mutate("deliveryOrderRequestFulfillment", args.ID, func(a act, d *delivery) string {
		s := subjectOf(d)
		if c.opened[d.ID] && r.p.mood(RefuseRequestOnDraft, s) != nil {
			return r.p.refuse(a, d, "still a DRAFT")
		}
		return r.p.request(a, d, d.Status == Draft && r.p.mood(RequestOnDraft, s) != nil)
	})
}

// DeliveryOrderCancel asks for a cancellation.
func (r *root) DeliveryOrderCancel(ctx context.Context, args idArgs) (*mutationResult, error) {
	return callOf(ctx).mutate("deliveryOrderCancel", args.ID, r.p.cancel)
}

func deref(s *string) string { return *cmp.Or(s, some("")) }
