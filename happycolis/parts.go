package happycolis

import (
	"context"
	"time"
)

const (
	detailedOrders  = 10 // how many orders of one delivery order separate calls read completely
	partsAtOnce     = 4  // how many ReadForHandover one Client splits into separate calls at a time
	partsTurn       = 250 * time.Millisecond
	partsWaitBudget = 2 * time.Second // total wait for the rate limit, once the first call succeeded
)

// handoverInParts reads what ReadForHandover reads, with separate calls.
//
// This is the one place that waits for the rate limit, a little: if many readers at once each failed at their third
// call, they would use up the limit and never finish. For the same reason only a few are split at a time; the others
// get KindWaiting.
func (a *Account) handoverInParts(ctx context.Context, id string) (*DeliveryOrder, error) {
	select {
	case a.client.parts <- struct{}{}:
		defer func() { <-a.client.parts }()
	default:
		return nil, a.completeError("deliveryOrder", &Error{Kind: KindWaiting, RetryAfter: partsTurn})
	}
	d, err := a.DeliveryOrder(ctx, id)
	if err != nil {
		return nil, err
	}
	p := waitBudget{left: partsWaitBudget}
	if d.Location.ID != "" {
		l, err := retryRateLimited(ctx, &p, func() (*Location, error) { return a.Location(ctx, d.Location.ID) })
		if err != nil {
			return nil, err
		}
		d.Location = *l
	}
	if len(d.Orders) > detailedOrders {
		return d, nil
	}
	for i, o := range d.Orders {
		whole, err := retryRateLimited(ctx, &p, func() (*Order, error) { return a.Order(ctx, o.ID) })
		if err != nil {
			return nil, err
		}
		whole.DeliveryOrders, err = retryRateLimited(ctx, &p, func() ([]DeliveryOrder, error) { return a.DeliveryOrders(ctx, o.ID) })
		if err != nil {
			return nil, err
		}
		d.Orders[i] = *whole
	}
	return d, nil
}

// waitBudget is the time that may still be spent waiting.
type waitBudget struct{ left time.Duration }

// retryRateLimited asks again while the answer is KindWaiting and the budget lasts.
func retryRateLimited[T any](ctx context.Context, p *waitBudget, ask func() (T, error)) (T, error) {
	for {
		got, err := ask()
		e, ok := asError(err)
		if !ok || e.Kind != KindWaiting || e.RetryAfter > p.left {
			return got, err
		}
		p.left -= e.RetryAfter
		select {
		case <-time.After(e.RetryAfter):
		case <-ctx.Done():
			return got, err
		}
	}
}
