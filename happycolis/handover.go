package happycolis

import (
	"context"
	"net/http"
	"time"
)

// ReadForHandover reads all that a decision about one delivery order needs, in one request: the delivery order, its
// location's integration, its orders with their lines, and the delivery orders of those.
//
// The platform has each of these selections, but whether it allows this nesting is assumed. Where it refuses the
// nesting, separate calls read the same, at once and for the next hour (for a minute, if the refusal may be
// temporary); Read then is that of the oldest answer. They wait at most two seconds in all for the rate limit, and of
// a delivery order with more than ten orders they return the rest as ids.
func (a *Account) ReadForHandover(ctx context.Context, id string) (*DeliveryOrder, error) {
	now := a.client.options.Now()
	if !a.client.support.hasNesting(now) {
		return a.handoverInParts(ctx, id)
	}
	shipments := a.client.support.hasShipments(now)
	d, err := a.handoverNested(ctx, id, shipments)
	if !isQueryRefused(err) {
		return d, err
	}
	d, partsErr := a.handoverInParts(ctx, id)
	// If the shipments caused the refusal, the nesting may work without them: the next call tries that.
	if partsErr == nil && shipments == a.client.support.hasShipments(now) {
		a.client.support.disableNesting(now.Add(refusalKept(err)))
	}
	return d, partsErr
}

func (a *Account) handoverNested(ctx context.Context, id string, shipments bool) (*DeliveryOrder, error) {
	var w wireHandover
	judge := checkQuery("deliveryOrder", &w)
	variables := map[string]any{"id": id}
	var read Read
	var err error
	if shipments {
		read, err = a.callAPI(ctx, "handover", variables, judge)
	} else {
		read, err = a.callAPI(ctx, "handoverWithoutShipments", variables, judge)
	}
	if err != nil {
		return nil, err
	}
	d := w.deliveryOrder(read, shipments)
	return &d, nil
}

// wireHandover is a delivery order whose nested parts must not be null either.
type wireHandover struct{ wireDeliveryOrder }

func (w *wireHandover) isValid() bool {
	for i := range w.Orders {
		o := &w.Orders[i]
		if !o.isValid() || o.FulfillmentData == nil || !o.FulfillmentData.DeliveryOrders.isValid() {
			return false
		}
	}
	return w.wireDeliveryOrder.isValid()
}

// isQueryRefused reports whether a query failed in a way that a smaller selection may not.
func isQueryRefused(err error) bool {
	e, ok := asError(err)
	if !ok {
		return false
	}
	switch e.Kind {
	case KindRefused, KindUnclear:
		return true
	case KindInvalid:
		return e.Status < 300 || e.Status == http.StatusBadRequest
	case KindServer: // beside HTTP 200 it may come from one field, or from a query that takes too long because of one
		return e.Status < 300
	case KindResponse:
		return e.detail == missing
	case KindWaiting, KindLimiter, KindWithheld, KindTransport, KindThrottled, KindUnauthorized, KindForbidden, KindNotFound:
	}
	return false
}

// refusalKept is for how long the refused document is not tried again: a minute where the refusal may be temporary, an
// hour where it surely is about the schema.
func refusalKept(refusal error) time.Duration {
	switch KindOf(refusal) {
	case KindServer, KindUnclear:
		return supportKeptUnsure
	default:
		return supportKept
	}
}
