package index

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// Limits of what is stored of shipments. It is needed where the platform does not show them on a delivery order
// (assumed).
const (
	maxShipments  = 500 // of one location, the latest
	shipmentsKept = 7 * 24 * time.Hour
)

// PutShipment stores a shipment of a location. deliveryOrder is "" where the webhook does not name it; whoever then
// asks the platform stores the answer by calling this again.
func (x *Index) PutShipment(ctx context.Context, organization, location, shipment, deliveryOrder string) error {
	k := keys(organization)
	return wrapError("noting shipment "+shipment, putShipment.Run(ctx, x.rdb,
		redisscript.Keys{"shipments": k.shipments(location), "shipment": k.shipment(shipment)},
		x.withArrival(redisscript.Args{"shipment": shipment, "delivery_order": deliveryOrder, "most": maxShipments, "kept_ms": shipmentsKept.Milliseconds()})).Err())
}

// Shipment is one that was noted.
type Shipment struct{ ID, DeliveryOrder string }

// Shipments returns the shipments stored for a location, the latest first. DeliveryOrder is "" where it is not known
// yet.
func (x *Index) Shipments(ctx context.Context, organization, location string) ([]Shipment, error) {
	k := keys(organization)
	ids, err := x.rdb.ZRevRange(ctx, k.shipments(location), 0, -1).Result()
	if err != nil || len(ids) == 0 {
		return nil, wrapError("listing shipments", err)
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = k.shipment(id)
	}
	of, err := x.rdb.MGet(ctx, names...).Result()
	if err != nil {
		return nil, wrapError("listing shipments", err)
	}
	noted := make([]Shipment, len(ids))
	for i, id := range ids {
		noted[i].ID = id
		noted[i].DeliveryOrder, _ = of[i].(string)
	}
	return noted, nil
}

func orEmpty(value string, err error) (string, error) {
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	return value, err
}

func wrapError(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
