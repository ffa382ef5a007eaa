package index

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// PutShipment notes a shipment of a location. Its delivery order is "" where the webhook does not name
// it; whoever needs to know asks the platform once and stores the answer the same way.
func (x *Index) PutShipment(ctx context.Context, organization, location, shipment, deliveryOrder string) error {
	k := keys(organization).shipments(location)
	var err error
	if deliveryOrder == "" {
		err = x.rdb.HSetNX(ctx, k, shipment, "").Err()
	} else {
		err = x.rdb.HSet(ctx, k, shipment, deliveryOrder).Err()
	}
	return wrap("noting shipment "+shipment, err)
}

// Shipments returns the shipments noted for a location: id to delivery order, "" where that is not
// known yet.
func (x *Index) Shipments(ctx context.Context, organization, location string) (map[string]string, error) {
	all, err := x.rdb.HGetAll(ctx, keys(organization).shipments(location)).Result()
	return all, wrap("listing shipments", err)
}

func orEmpty(value string, err error) (string, error) {
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	return value, err
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
