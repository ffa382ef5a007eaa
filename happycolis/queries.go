package happycolis

import (
	"context"
	"slices"
)

// DeliveryOrder reads one delivery order: its Orders as ids, its Location as id and slug.
//
// If the platform refuses the document with shipments in it, it is read without them, also for the next hour (for a
// minute, if the refusal may be temporary); then ShipmentsUnknown is true. The error of a gateway is no refusal of
// shipments.
func (a *Account) DeliveryOrder(ctx context.Context, id string) (*DeliveryOrder, error) {
	variables := map[string]any{"id": id}
	now := a.client.options.Now()
	known := a.client.support.hasShipments(now)
	var refusal error
	if known {
		d, err := a.readDeliveryOrder(ctx, "deliveryOrder", variables, true)
		if e, _ := asError(err); !isQueryRefused(err) || e.Kind == KindServer && !slices.Contains(fieldCodes, e.Code) {
			return d, err
		}
		refusal = err
	}
	d, err := a.readDeliveryOrder(ctx, "deliveryOrderWithoutShipments", variables, false)
	if err == nil && refusal != nil {
		a.client.support.disableShipments(now.Add(refusalKept(refusal)))
	}
	return d, err
}

func (a *Account) readDeliveryOrder(ctx context.Context, doc string, variables any, shipments bool) (*DeliveryOrder, error) {
	var w wireDeliveryOrder
	read, err := a.callAPI(ctx, doc, variables, checkQuery("deliveryOrder", &w))
	if err != nil {
		return nil, err
	}
	d := w.deliveryOrder(read, shipments)
	return &d, nil
}

// DeliveryOrders reads all delivery orders of one order, without shipments. The answer is not paged (documented).
func (a *Account) DeliveryOrders(ctx context.Context, orderID string) ([]DeliveryOrder, error) {
	var w wireDeliveryOrders
	read, err := a.callAPI(ctx, "deliveryOrders", map[string]any{"orderId": orderID}, checkList("deliveryOrders", &w))
	if err != nil {
		return nil, err
	}
	return w.deliveryOrders(read), nil
}

// Order reads one order, without its delivery orders.
func (a *Account) Order(ctx context.Context, id string) (*Order, error) {
	return a.readOrder(ctx, "order", map[string]any{"id": id})
}

// OrderByReference reads the order that a third-party application, such as a shop, has as externalReference.
func (a *Account) OrderByReference(ctx context.Context, tpAppID, externalReference string) (*Order, error) {
	return a.readOrder(ctx, "orderByReference", map[string]any{
		"reference": map[string]string{"tpAppId": tpAppID, "externalReference": externalReference},
	})
}

func (a *Account) readOrder(ctx context.Context, doc string, variables any) (*Order, error) {
	var w wireOrder
	read, err := a.callAPI(ctx, doc, variables, checkQuery("order", &w))
	if err != nil {
		return nil, err
	}
	o := w.order(read)
	return &o, nil
}

// Location reads one location with its integration. An unknown id is an error of KindNotFound.
func (a *Account) Location(ctx context.Context, id string) (*Location, error) {
	return a.readLocation(ctx, "location", map[string]any{"id": id})
}

// LocationBySlug reads the location of the account's organization with this slug.
func (a *Account) LocationBySlug(ctx context.Context, slug string) (*Location, error) {
	return a.readLocation(ctx, "locationBySlug", map[string]any{
		"name": map[string]string{"organizationId": a.organization, "name": slug},
	})
}

func (a *Account) readLocation(ctx context.Context, doc string, variables any) (*Location, error) {
	var w wireLocation
	read, err := a.callAPI(ctx, doc, variables, checkQuery("location", &w))
	if err != nil {
		return nil, err
	}
	l := w.location(read)
	return &l, nil
}

// ShipmentDeliveryOrder returns the id of the delivery order that a shipment belongs to; every
// shipment has one (documented).
func (a *Account) ShipmentDeliveryOrder(ctx context.Context, shipmentID string) (string, error) {
	var w wireShipmentParent
	if _, err := a.callAPI(ctx, "shipmentDeliveryOrder", map[string]any{"id": shipmentID}, checkQuery("shipment", &w)); err != nil {
		return "", err
	}
	return w.DeliveryOrder.ID, nil
}

type wireShipmentParent struct {
	DeliveryOrder struct {
		ID string `json:"id"`
	} `json:"deliveryOrder"`
}

func (w *wireShipmentParent) isValid() bool { return w.DeliveryOrder.ID != "" }
