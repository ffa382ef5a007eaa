package index

import (
	"context"
	"fmt"
)

// Arguments of put.lua.
const (
	roadsApart  = "10000" // ms between the dates of two messages from different roads whose order is not certain
	maxDisputed = "1000"  // delivery orders that wait to be read; more are not noted, and the later message stands
)

// Disputed returns delivery orders of which two roads said different things at the same time, the oldest first, at most
// most. A read of each settles it.
func (x *Index) Disputed(ctx context.Context, organization string, most int64) ([]string, error) {
	ids, err := x.rdb.ZRange(ctx, keys(organization).disputed(), 0, most-1).Result()
	if err != nil {
		return nil, fmt.Errorf("listing what two roads disagree about: %w", err)
	}
	return ids, nil
}

// SettleDispute notes that a delivery order was read, or cannot be.
func (x *Index) SettleDispute(ctx context.Context, organization, deliveryOrder string) error {
	return wrapError("noting a read of "+deliveryOrder, x.rdb.ZRem(ctx, keys(organization).disputed(), deliveryOrder).Err())
}
