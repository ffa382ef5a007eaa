package sandbox

import (
	"context"
	"slices"

	"github.com/graph-gophers/graphql-go"
)

// requestView is DispatchableRequest. The order mutations are asynchronous (documented): what they
// cause happens at the next opportunity.
type requestView struct {
	ID      graphql.ID
	Type    *string
	State   *string
	Message *string
}

type linesArgs struct {
	Input struct {
		OrderID string
		LineIDs []string
	}
}

func (c *call) runOrderMutation(kind, operation, id string, do func(a act, o *order)) (*requestView, error) {
	a, err := c.admitMutation(operation, "edit_orders")
	if err != nil {
		return nil, err
	}
	o := c.findOrder(id)
	if o == nil {
		return nil, errNotFound
	}
	before, after := c.answersCode(subject{orders: []string{id}, operation: operation})
	if before != nil {
		return nil, before
	}
	v := &requestView{ID: graphql.ID(c.p.newID()), Type: &kind, State: pointerTo("PENDING"), Message: pointerTo(CanaryText + "noted")}
	if do == nil {
		v.State = pointerTo("REJECTED")
		return v, nil
	}
	c.p.schedule(0, func() { do(a, o) })
	return v, after
}

// OrderHold stops an order's delivery orders from being sent.
func (r *root) OrderHold(ctx context.Context, args idArgs) (*requestView, error) {
	return callOf(ctx).runOrderMutation("HOLD", "orderHold", args.ID, r.p.holdOrder)
}

// OrderResume goes on, and sends the DRAFTs.
func (r *root) OrderResume(ctx context.Context, args idArgs) (*requestView, error) {
	return callOf(ctx).runOrderMutation("RESUME", "orderResume", args.ID, r.p.resumeOrder)
}

// OrderOpen opens a DRAFT order.
func (r *root) OrderOpen(ctx context.Context, args idArgs) (*requestView, error) {
	return callOf(ctx).runOrderMutation("OPEN", "orderOpen", args.ID, func(_ act, o *order) { r.p.setOrderState(o, Opened) })
}

// OrderCancel cancels whatever can still be cancelled.
func (r *root) OrderCancel(ctx context.Context, args idArgs) (*requestView, error) {
	return callOf(ctx).runOrderMutation("CANCEL", "orderCancel", args.ID, r.p.cancelOrder)
}

// OrderRequestFulfillment sends every DRAFT of the order.
func (r *root) OrderRequestFulfillment(ctx context.Context, args idArgs) (*requestView, error) {
	return callOf(ctx).runOrderMutation("REQUEST_FULFILLMENT", "orderRequestFulfillment", args.ID, r.p.resumeOrder)
}

// OrderOpenLines is not offered for orders that are open already: REJECTED.
func (r *root) OrderOpenLines(ctx context.Context, args linesArgs) (*requestView, error) {
	return callOf(ctx).runOrderMutation("OPEN", "orderOpenLines", args.Input.OrderID, nil)
}

// OrderRequestFulfillmentLines is REJECTED in the same way.
func (r *root) OrderRequestFulfillmentLines(ctx context.Context, args linesArgs) (*requestView, error) {
	return callOf(ctx).runOrderMutation("REQUEST_FULFILLMENT", "orderRequestFulfillmentLines", args.Input.OrderID, nil)
}

type webhookArgs struct {
	Input struct {
		EndPoint          string
		Type              *string
		Headers           *jsonObject
		ID, IntegrationID *graphql.ID
	}
}

type webhookView struct {
	ID                     graphql.ID
	Type, Health, EndPoint *string
}

// Registered is a subscription that was made with integrationWebhookCreate.
type Registered struct{ ID, Organization, Type, EndPoint string }

// Registered returns the subscriptions in the order in which they were made, those to the same type too.
func (p *Platform) Registered() []Registered {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.registered)
}

// IntegrationWebhookCreate notes a subscription. It delivers nothing: that is for SubscribeURL and
// SubscribeFunc to say.
func (r *root) IntegrationWebhookCreate(ctx context.Context, args webhookArgs) (*webhookView, error) {
	c := callOf(ctx)
	if _, err := c.admitMutation("integrationWebhookCreate", "edit_integrations"); err != nil {
		return nil, err
	}
	before, after := c.answersCode(subject{operation: "integrationWebhookCreate"})
	if before != nil {
		return nil, before
	}
	made := Registered{ID: r.p.newID(), Organization: c.org.ID, EndPoint: args.Input.EndPoint}
	if args.Input.Type != nil {
		made.Type = *args.Input.Type
	}
	if r.p.registered = append(r.p.registered, made); after != nil {
		return nil, after
	}
	return &webhookView{graphql.ID(made.ID), args.Input.Type, pointerTo("HEALTHY"), &args.Input.EndPoint}, nil
}
