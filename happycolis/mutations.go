package happycolis

import (
	"context"
	"encoding/json"
)

// CreateDeliveryOrder creates a DRAFT (documented). It has no idempotency key: after an error that is not
// IsNotExecuted, look among the order's delivery orders before creating again.
//
// Of the result ID, OrderNumber, Status, Location and Lines are set.
func (a *Account) CreateDeliveryOrder(ctx context.Context, n NewDeliveryOrder) (*DeliveryOrder, error) {
	lines := make([]map[string]any, len(n.Lines))
	for i, l := range n.Lines {
		lines[i] = map[string]any{"orderLineId": l.OrderLineID, "quantity": l.Quantity}
	}
	input := map[string]any{"orderId": n.OrderID, "locationId": n.LocationID, "lines": lines}
	if n.Priority != "" {
		input["priority"] = n.Priority
	}
	var w wireDeliveryOrder
	created := func(raw json.RawMessage) *Error {
		if json.Unmarshal(raw, &w) != nil {
			return undecodableError()
		}
		if !w.isValid() {
			return incompleteError()
		}
		return nil
	}
	read, err := a.callAPI(ctx, "deliveryOrderCreate", map[string]any{"input": input}, checkMutation(created, "deliveryOrderCreate"))
	if err != nil {
		return nil, err
	}
	d := w.deliveryOrder(read, false)
	return &d, nil
}

// MoveDraft changes the location of a DRAFT. It sends only the two ids. That fields left out keep their values is
// assumed, so compare the lines afterwards.
func (a *Account) MoveDraft(ctx context.Context, id, locationID string) error {
	input := map[string]string{"id": id, "locationId": locationID}
	return a.sendMutation(ctx, "deliveryOrderUpdate", map[string]any{"input": input}, "deliveryOrderUpdate")
}

// OpenDeliveryOrder makes a DRAFT PENDING (documented). That does not send it to the location yet.
func (a *Account) OpenDeliveryOrder(ctx context.Context, id string) error {
	return a.sendMutation(ctx, "deliveryOrderOpen", map[string]any{"id": id}, "deliveryOrderOpen")
}

// RequestFulfilment sends a delivery order to its location (documented).
func (a *Account) RequestFulfilment(ctx context.Context, id string) error {
	return a.sendMutation(ctx, "deliveryOrderRequestFulfillment", map[string]any{"id": id}, "deliveryOrderRequestFulfillment")
}

// OpenAndRequest does OpenDeliveryOrder and RequestFulfilment in one request. If it was opened and not requested, the
// error's Done is 1. If it could not be opened and yet was requested, that is no error: it was sent.
func (a *Account) OpenAndRequest(ctx context.Context, id string) error {
	return a.sendMutation(ctx, "deliveryOrderOpenAndRequest", map[string]any{"id": id},
		"deliveryOrderOpen", "deliveryOrderRequestFulfillment")
}

// CancelDeliveryOrder requests a cancellation. Success means that the request was accepted, not that it is done
// (assumed): confirm it by the lines and the CANCELED event.
func (a *Account) CancelDeliveryOrder(ctx context.Context, id string) error {
	return a.sendMutation(ctx, "deliveryOrderCancel", map[string]any{"id": id}, "deliveryOrderCancel")
}

func (a *Account) sendMutation(ctx context.Context, doc string, variables any, roots ...string) error {
	_, err := a.callAPI(ctx, doc, variables, checkMutation(a.mutationResult(doc), roots...))
	return err
}
