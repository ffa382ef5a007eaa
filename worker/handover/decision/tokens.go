package decision

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// How long a read that was denied waits.
const (
	maxSleep           = 250 * time.Millisecond // waits below the queue's clock of one second are slept out
	shortestWait       = 100 * time.Millisecond // a request that was denied asks again no sooner
	backgroundRetryGap = 5 * time.Second        // at least, until a background read that was denied asks again
	yieldGap           = 500 * time.Millisecond // at least, until a read that let a mutation go first asks again
)

// AcquireToken asks for the right to send one query, sleeping out a very short wait.
func (x *Reader) AcquireToken(ctx context.Context, as *happycolis.Account) (*happycolis.Account, error) {
	return x.ReserveRequest(ctx, as.ReserveRead)
}

// AcquireReadToken is granted for reads of either class. A background one that is denied comes back later: it is a safety
// net, and many of them must not spend their time with asking.
func (x *Reader) AcquireReadToken(ctx context.Context, as *happycolis.Account) (*happycolis.Account, error) {
	if x.Priority.hasOthersWaiting(x.org.ID, x.r.Identity.ID, x.org.Rate, x.Now()) {
		return nil, &happycolis.Error{Organization: x.org.ID, Kind: happycolis.KindWaiting, RetryAfter: yieldGap + Jitter(x.r, yieldGap)}
	}
	account, err := x.AcquireToken(ctx, as)
	var e *happycolis.Error
	if errors.As(err, &e) && e.Kind == happycolis.KindWaiting && as == x.org.ForBackground {
		later := *e
		later.RetryAfter = max(e.RetryAfter, shortestWait) + backgroundRetryGap + Jitter(x.r, 2*backgroundRetryGap)
		return nil, &later
	}
	return account, err
}

// ReserveRequest asks for one request, and counts it where it was granted.
func (x *Reader) ReserveRequest(ctx context.Context, reserve func(context.Context) (*happycolis.Account, error)) (ready *happycolis.Account, err error) {
	err = x.RetryRateLimited(ctx, func() error {
		ready, err = reserve(ctx)
		return err
	})
	if err == nil {
		x.r.Admission.Requests++
	}
	return ready, err
}

// RetryRateLimited asks the rate limit again as long as the waits are shorter, in all, than the queue can tell.
func (d *Decider) RetryRateLimited(ctx context.Context, ask func() error) error {
	var slept time.Duration
	for {
		err := ask()
		var e *happycolis.Error
		if !errors.As(err, &e) || e.Kind != happycolis.KindWaiting || d.Sleep == nil || slept+e.RetryAfter > maxSleep {
			return err
		}
		slept += e.RetryAfter
		d.Sleep(ctx, e.RetryAfter)
	}
}

// RetryTime returns when a request may be sent again that the rate limit, or the platform's, denied; false where the error
// says something else.
func (d *Decider) RetryTime(e *happycolis.Error) (time.Time, bool) {
	switch e.Kind {
	case happycolis.KindWaiting, happycolis.KindThrottled, happycolis.KindWithheld:
		return d.Now().Add(max(e.RetryAfter, shortestWait)), true
	default:
		return time.Time{}, false
	}
}

// SleepUntil waits until a time. It is for whoever has a person waiting, and no worker slot.
func (d *Decider) SleepUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(t.Sub(d.Now()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Jitter is a share of d, another one for each record and version.
func Jitter(r *journal.Reassignment, d time.Duration) time.Duration {
	h := fnv.New32a()
	fmt.Fprint(h, r.Identity.ID, r.Version)
	return d * time.Duration(h.Sum32()%1024) / 1024
}
