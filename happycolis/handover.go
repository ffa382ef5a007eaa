package happycolis

import (
	"context"
	"net/http"
)

// Handover reads all that a decision about one delivery order needs, in one request: the delivery
// order, its location's integration, its orders with their lines, and the delivery orders of those.
//
// The platform shows each of these selections, but not this nesting (assumed). Where it refuses it,
// separate calls ask for the same, at once and for the next hour; Read then is that of the oldest
// answer. Of a delivery order with more than ten orders, separate calls leave the orders as ids.
// They may wait two seconds in all for the rate limit.
func (a *Account) Handover(ctx context.Context, id string) (*DeliveryOrder, error) {
	now := a.client.options.Now()
	if !a.client.learned.nestingKnown(now) {
		return a.handoverInParts(ctx, id)
	}
	shipments := a.client.learned.shipmentsKnown(now)
	d, err := a.handoverNested(ctx, id, shipments)
	if !refused(err) {
		return d, err
	}
	d, partsErr := a.handoverInParts(ctx, id)
	// If the shipments were to blame, the nesting may be fine without them: try that next time.
	if partsErr == nil && lasting(err) && shipments == a.client.learned.shipmentsKnown(now) {
		a.client.learned.withoutNesting(now)
	}
	return d, partsErr
}

func (a *Account) handoverNested(ctx context.Context, id string, shipments bool) (*DeliveryOrder, error) {
	var w wireHandover
	judge := query("deliveryOrder", &w)
	variables := map[string]any{"id": id}
	var read Read
	var err error
	if shipments {
		read, err = a.call(ctx, "handover", variables, judge)
	} else {
		read, err = a.call(ctx, "handoverWithoutShipments", variables, judge)
	}
	if err != nil {
		return nil, err
	}
	d := w.deliveryOrder(read, shipments)
	return &d, nil
}

// wireHandover is a delivery order whose nested parts are due as well.
type wireHandover struct{ wireDeliveryOrder }

func (w *wireHandover) complete() bool {
	for i := range w.Orders {
		o := &w.Orders[i]
		if !o.complete() || o.FulfillmentData == nil || !o.FulfillmentData.DeliveryOrders.complete() {
			return false
		}
	}
	return w.wireDeliveryOrder.complete()
}

// refused reports whether a query failed in a way that a smaller selection may not.
func refused(err error) bool {
	e, ok := asError(err)
	if !ok {
		return false
	}
	switch e.Kind {
	case KindRefused:
		return true
	case KindInvalid:
		return e.Status < 300 || e.Status == http.StatusBadRequest
	case KindServer: // an internal error beside HTTP 200 arose in some field
		return e.Status < 300
	case KindResponse:
		return e.detail == missing
	case KindWaiting, KindLimiter, KindTransport, KindThrottled, KindUnauthorized, KindForbidden, KindNotFound:
	}
	return false
}

// lasting reports whether a refusal says something about the schema, rather than about the moment.
func lasting(err error) bool {
	e, ok := asError(err)
	return ok && e.Kind != KindServer
}
