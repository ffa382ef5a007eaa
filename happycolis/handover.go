package happycolis

import (
	"context"
	"net/http"
	"time"
)

// Handover reads all that a decision about one delivery order needs, in one request: the delivery
// order, its location's integration, its orders with their lines, and the delivery orders of those.
//
// The platform shows each of these selections, but not this nesting (assumed). Where it refuses it,
// separate calls ask for the same, at once and for the next hour (after what may pass, minute);
// Read then is that of the oldest answer. They may wait two seconds in all for the rate limit, and
// leave the orders of a delivery order with more than ten of them as ids.
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
	if partsErr == nil && shipments == a.client.learned.shipmentsKnown(now) {
		a.client.learned.withoutNesting(now.Add(memory(err)))
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
	case KindRefused, KindUnclear:
		return true
	case KindInvalid:
		return e.Status < 300 || e.Status == http.StatusBadRequest
	case KindServer: // beside HTTP 200 it may have arisen in some field, or take too long because of one
		return e.Status < 300
	case KindResponse:
		return e.detail == missing
	case KindWaiting, KindLimiter, KindWithheld, KindTransport, KindThrottled, KindUnauthorized, KindForbidden, KindNotFound:
	}
	return false
}

// memory is how long a refusal is remembered: what is no sure refusal may be over in a minute, while one
// that is says something about the schema.
func memory(refusal error) time.Duration {
	switch KindOf(refusal) {
	case KindServer, KindUnclear:
		return suspectedFor
	default:
		return learnedFor
	}
}
