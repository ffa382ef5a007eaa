package happycolis

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

const (
	mutationSlots = 32 // mutations that are reserved or under way at once, by one Client; fewer than mutationConns
	slotWait      = 100 * time.Millisecond
)

// ReserveMutation takes all that one mutation has to wait for, and returns an account whose next request uses it: first a slot of
// ours, of which there are fewer than connections for mutations; then the pause, the token and the limiter's grant. Whoever
// records an intent before a mutation reserves first, so that nothing but the request itself lies between the record and the
// platform. A second request on the same account takes all of it anew.
//
// The slot is free again when the request ends. Whoever does not send calls Unreserve.
func (a *Account) ReserveMutation(ctx context.Context) (*Account, error) {
	s := a.client.slots.take()
	if s == nil {
		return nil, a.completeError("reserve", &Error{Kind: KindWaiting, RetryAfter: slotWait})
	}
	return a.reserveRequest(ctx, s)
}

// ReserveRead is Reserve for a query: no slot is taken, and nothing has to be given back.
func (a *Account) ReserveRead(ctx context.Context) (*Account, error) {
	return a.reserveRequest(ctx, nil)
}

func (a *Account) reserveRequest(ctx context.Context, s *slot) (*Account, error) {
	token, e := a.acquireToken(ctx, "reserve")
	if e != nil {
		s.free()
		return nil, e
	}
	granted := *a
	granted.reserved = &reservation{token: token, slot: s}
	granted.reserved.granted.Store(true)
	if s != nil {
		runtime.AddCleanup(granted.reserved, (*slot).free, s) // for who forgets
	}
	return &granted, nil
}

// ReleaseReservation gives a slot back that was reserved and not used; the limiter's grant is lost. Where nothing is reserved, or
// the request has begun, it does nothing.
func (a *Account) ReleaseReservation() {
	if a.reserved != nil {
		a.reserved.granted.Store(false)
		a.reserved.slot.free()
	}
}

// slotFor takes the slot that one request needs, the reserved one if there is. A query needs none, but ends a reservation
// all the same. The slot is nil where none is needed, and free then does nothing.
func (a *Account) slotFor(doc string) (*slot, *Error) {
	if a.reserved != nil {
		if s := a.reserved.slot.move(); s != nil {
			return s, nil
		}
	}
	if !documents[doc].mutation {
		return nil, nil
	}
	if s := a.client.slots.take(); s != nil {
		return s, nil
	}
	return nil, a.completeError(doc, &Error{Kind: KindWaiting, RetryAfter: slotWait})
}

// ReserveRequests asks the limiter, if it is a Beginner, whether work of that many requests may begin. Nothing is
// sent. An error of KindWaiting says when to ask again.
func (a *Account) ReserveRequests(ctx context.Context, requests int) error {
	b, ok := a.client.options.Limiter.(Reserver)
	if !ok {
		return nil
	}
	wait, err := b.Reserve(ctx, a.organization, requests)
	switch {
	case err != nil:
		return a.completeError("begin", &Error{Kind: KindLimiter, cause: err})
	case wait > 0:
		return a.completeError("begin", &Error{Kind: KindWaiting, RetryAfter: wait})
	}
	return nil
}

// RefundRequests returns, of the requests that Begin was asked for, those that the work turned out not to need.
func (a *Account) RefundRequests(ctx context.Context, requests int) error {
	b, ok := a.client.options.Limiter.(Reserver)
	if !ok || requests <= 0 {
		return nil
	}
	if err := b.Refund(ctx, a.organization, requests); err != nil {
		return a.completeError("give back", &Error{Kind: KindLimiter, cause: err})
	}
	return nil
}

// reservation is what one request needs, taken in advance. A nil reservation grants nothing.
type reservation struct {
	granted atomic.Bool // by the limiter
	token   Secret
	slot    *slot // nil: none
}

// use returns the token, once.
func (r *reservation) use() (Secret, bool) {
	if r == nil || !r.granted.CompareAndSwap(true, false) {
		return "", false
	}
	return r.token, true
}
