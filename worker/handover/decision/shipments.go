package decision

import (
	"context"

	"happycolis-reassigner/happycolis"
)

// shipmentsAtOnce is how many shipments of a location one read asks for, the latest first, where a delivery
// order cannot tell its own.
const shipmentsAtOnce = 3

// loadShipments adds to a delivery order the shipments that webhooks told of, where the platform does not show
// them on it (the field is assumed). A webhook names the location only, so each shipment is asked once for
// its delivery order, a few at a time. It is a second net: before there is a shipment a line is IN_PROGRESS
// (documented), which screens it out already. So what the rate limit or the platform denies is not
// waited for. An error is our own store's.
func (x *Reader) loadShipments(ctx context.Context, d *happycolis.DeliveryOrder) error {
	if !d.ShipmentsUnknown {
		return nil
	}
	noted, err := x.Index.Shipments(ctx, x.r.Identity.Organization, d.Location.ID)
	if err != nil {
		return err
	}
	asked := 0
	for _, s := range noted {
		if s.DeliveryOrder == "" && asked < shipmentsAtOnce {
			asked++
			if s.DeliveryOrder, err = x.shipmentDeliveryOrder(ctx, s.ID, d.Location.ID); err != nil {
				return err
			}
		}
		if s.DeliveryOrder == d.ID {
			d.Shipments = append(d.Shipments, happycolis.Shipment{ID: s.ID})
		}
	}
	return nil
}

// nobody stands for the delivery order of a shipment that the platform does not know (any more).
const nobody = "-"

func (x *Reader) shipmentDeliveryOrder(ctx context.Context, shipment, location string) (string, error) {
	got, err, _ := x.reads.Do("shipment\x00"+x.org.ID+"\x00"+shipment, func() (any, error) {
		of, err := x.org.ForBackground.ShipmentDeliveryOrder(ctx, shipment)
		if happycolis.KindOf(err) == happycolis.KindNotFound {
			of, err = nobody, nil
		}
		if err != nil {
			return "", nil //nolint:nilerr // asked again at another read
		}
		return of, x.Index.PutShipment(ctx, x.r.Identity.Organization, location, shipment, of)
	})
	of, _ := got.(string)
	return of, err
}
