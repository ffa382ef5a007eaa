package happycolis

import (
	"context"
	"sync/atomic"
)

// Reserve takes the limiter's grant for one request now, and returns an account whose next request
// uses it. Whoever records an intent before a mutation reserves first, so that nothing but the
// request itself lies between the record and the platform. A reservation that is not used is lost;
// a second request on the same account asks the limiter again.
func (a *Account) Reserve(ctx context.Context) (*Account, error) {
	if _, e := a.admit(ctx, "reserve"); e != nil {
		return nil, e
	}
	granted := *a
	granted.reserved = &reservation{}
	granted.reserved.free.Store(true)
	return &granted, nil
}

// reservation is one grant of the limiter, taken in advance. A nil reservation grants nothing.
type reservation struct{ free atomic.Bool }

func (r *reservation) take() bool { return r != nil && r.free.CompareAndSwap(true, false) }
