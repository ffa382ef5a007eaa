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

// Begin asks the limiter, if it is a Beginner, whether work of that many requests may begin. Nothing is
// sent. An error of KindWaiting says when to ask again.
func (a *Account) Begin(ctx context.Context, requests int) error {
	b, ok := a.client.options.Limiter.(Beginner)
	if !ok {
		return nil
	}
	wait, err := b.Begin(ctx, a.organization, requests)
	switch {
	case err != nil:
		return a.fail("begin", &Error{Kind: KindLimiter, cause: err})
	case wait > 0:
		return a.fail("begin", &Error{Kind: KindWaiting, RetryAfter: wait})
	}
	return nil
}

// GiveBack returns, of the requests that Begin was asked for, those that the work turned out not to need.
func (a *Account) GiveBack(ctx context.Context, requests int) error {
	b, ok := a.client.options.Limiter.(Beginner)
	if !ok || requests <= 0 {
		return nil
	}
	if err := b.GiveBack(ctx, a.organization, requests); err != nil {
		return a.fail("give back", &Error{Kind: KindLimiter, cause: err})
	}
	return nil
}

// reservation is one grant of the limiter, taken in advance. A nil reservation grants nothing.
type reservation struct{ free atomic.Bool }

func (r *reservation) take() bool { return r != nil && r.free.CompareAndSwap(true, false) }
