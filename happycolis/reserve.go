package happycolis

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

const (
	mutationSlots = 32 // mutations reserved or in progress at a time, in one Client; fewer than mutationConns
	slotWait      = 100 * time.Millisecond
)

// ReserveMutation acquires all that one mutation has to wait for, and returns an account whose next request uses it:
// first a slot, of which there are fewer than connections for mutations; then the platform's pause, the token and the
// limiter's grant. A caller that records an intent before a mutation reserves first, so that between the record and
// the platform there is only the request itself. A second request on the same account acquires all of it again.
//
// The slot is free again when the request ends. A caller that does not send calls ReleaseReservation.
func (a *Account) ReserveMutation(ctx context.Context) (*Account, error) {
	s := a.client.slots.take()
	if s == nil {
		return nil, a.completeError("reserve", &Error{Kind: KindWaiting, RetryAfter: slotWait})
	}
	return a.reserveRequest(ctx, s)
}

// ReserveRead is ReserveMutation for a query: it takes no slot, so nothing has to be released.
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
		runtime.AddCleanup(granted.reserved, (*slot).free, s) // if the caller never releases it
	}
	return &granted, nil
}

// ReleaseReservation frees a reserved slot that was not used; the limiter's grant is lost. Where nothing is reserved,
// or the request has begun, it does nothing.
func (a *Account) ReleaseReservation() {
	if a.reserved != nil {
		a.reserved.granted.Store(false)
		a.reserved.slot.free()
	}
}

// slotFor takes the slot that a request needs, the reserved one if there is one. A query needs none, but ends a
// reservation all the same. The slot is nil where none is needed; to free that does nothing.
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

// ReserveRequests asks the limiter, if it is a Reserver, whether work of that many requests may begin. Nothing is
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

// RefundRequests returns those of the reserved requests that the work turned out not to need.
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

// reservation is what one request needs, acquired in advance. A nil reservation grants nothing.
type reservation struct {
	granted atomic.Bool // by the limiter
	token   Secret
	slot    *slot // nil: none
}

// use returns the token; only the first call does.
func (r *reservation) use() (Secret, bool) {
	if r == nil || !r.granted.CompareAndSwap(true, false) {
		return "", false
	}
	return r.token, true
}
