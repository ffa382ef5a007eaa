package handover

import (
	"context"

	"happycolis-reassigner/happycolis"
)

// shipmentsAtOnce is how many shipments of a location one run asks for, where a delivery order cannot
// tell its own.
const shipmentsAtOnce = 20

// shipped adds to a delivery order the shipments that webhooks told of, where the platform does not show
// them on it (the field is assumed). A webhook names the location only, so each shipment is asked once for
// its delivery order. nil: all are known.
func (x *run) shipped(ctx context.Context, d *happycolis.DeliveryOrder) *verdict {
	if !d.ShipmentsUnknown {
		return nil
	}
	noted, err := x.h.Index.Shipments(ctx, x.r.Organization, d.Location.ID)
	if err != nil {
		v := broken(err)
		return &v
	}
	asked := 0
	for shipment, of := range noted {
		if of == "" {
			if asked++; asked > shipmentsAtOnce {
				v := holdUntil(x.h.Now(), "")
				return &v
			}
			if of, err = x.deliveryOrderOf(ctx, shipment, d.Location.ID); err != nil {
				v := x.stumble(err)
				return &v
			}
		}
		if of == d.ID {
			d.Shipments = append(d.Shipments, happycolis.Shipment{ID: shipment})
		}
	}
	return nil
}

// nobody stands for the delivery order of a shipment that the platform does not know (any more).
const nobody = "-"

func (x *run) deliveryOrderOf(ctx context.Context, shipment, location string) (string, error) {
	account, err := x.granted(ctx, x.org.Urgent)
	if err != nil {
		return "", err
	}
	of, err := account.ShipmentDeliveryOrder(ctx, shipment)
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		of, err = nobody, nil
	}
	if err != nil {
		return "", err
	}
	return of, x.h.Index.PutShipment(ctx, x.r.Organization, location, shipment, of)
}
