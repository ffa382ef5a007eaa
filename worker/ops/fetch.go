package ops

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/index"
)

const (
	maxRepeats  = 4                      // of a read whose failure may be temporary
	firstRepeat = 500 * time.Millisecond // before the first of them; doubles
	maxRateWait = 30 * time.Second       // of one wait for the rate limit
	minOutage   = 2 * chunkAtOnce        // if so many orders fail before any succeeds, the platform is down
)

// fetchResult collects the results for the orders of one chunk.
type fetchResult struct {
	mu        sync.Mutex
	result    api.ImportResult
	anyAnswer bool  // the platform itself answered for at least one order, if only that it could not tell
	failure   error // of the first order whose failure may be temporary
}

// fetchOrders reads the delivery orders of each order into the index. An order that the platform does not show is
// listed as skipped; one whose read fails for a temporary reason is tried several times, then listed as failed. outage
// is that reason where the platform answered for no order: it is down, and the rest may not have been asked for. An
// error that would hit every order ends the chunk.
func (a *Actions) fetchOrders(ctx context.Context, org *worker.Organization, ids []string, thirdPartyApp string) (result api.ImportResult, outage, err error) {
	f := fetchResult{result: api.ImportResult{Skipped: []api.SkippedOrder{}}}
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(chunkAtOnce)
	for _, id := range ids {
		group.Go(func() error {
			if f.isUnavailable() {
				return nil
			}
			n, err := a.fetchOrder(within, org, id, thirdPartyApp)
			if within.Err() != nil {
				return within.Err()
			}
			return f.record(id, n, err)
		})
	}
	err = group.Wait()
	inOrder := func(x, y string) int { return slices.Index(ids, x) - slices.Index(ids, y) }
	slices.SortFunc(f.result.Skipped, func(x, y api.SkippedOrder) int { return inOrder(x.ID, y.ID) })
	slices.SortFunc(f.result.Failed, func(x, y api.FailedOrder) int { return inOrder(x.ID, y.ID) })
	if !f.anyAnswer {
		outage = f.failure
	}
	return f.result, outage, err
}

// isUnavailable reports whether the platform seems to be down.
func (f *fetchResult) isUnavailable() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.anyAnswer && len(f.result.Failed) >= minOutage
}

// record stores the result for one order. It returns the error where that would hit the other orders, too.
func (f *fetchResult) record(id string, found int, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.result.DeliveryOrders += found
	var e *happycolis.Error
	kind := happycolis.KindOf(err)
	switch {
	case err == nil:
	case isTransient(err):
		f.result.Failed = append(f.result.Failed, api.FailedOrder{ID: id, Kind: string(kind), Why: err.Error()})
		if f.failure == nil {
			f.failure = err
		}
		f.anyAnswer = f.anyAnswer || errors.As(err, &e) && e.Status == http.StatusOK
		return nil
	case kind == happycolis.KindNotFound || kind == happycolis.KindRefused || kind == happycolis.KindInvalid:
		f.result.Skipped = append(f.result.Skipped, api.SkippedOrder{ID: id, Kind: string(kind)})
	default:
		return err
	}
	f.anyAnswer = true
	return nil
}

// isTransient reports whether a read that failed may succeed soon. An answer that is not surely a refusal says nothing
// about the order, whatever its code: gateways answer HTTP 200 with codes that are documented nowhere. Our own rate
// limit and refused credentials do not count, since they are not the fault of one line.
func isTransient(err error) bool {
	switch happycolis.KindOf(err) {
	case happycolis.KindTransport, happycolis.KindServer, happycolis.KindThrottled, happycolis.KindResponse, happycolis.KindUnclear:
		return true
	default:
		return false
	}
}

// retryRead repeats a read: after a denial by our own rate limit as long as the caller waits, after a temporary
// failure a few times with a growing delay.
func (a *Actions) retryRead(ctx context.Context, ask func() error) error {
	for repeats := 0; ; {
		err := ask()
		var e *happycolis.Error
		if !errors.As(err, &e) || ctx.Err() != nil {
			return err
		}
		wait := min(max(e.RetryAfter, time.Millisecond), maxRateWait)
		if e.Kind != happycolis.KindWaiting {
			if !isTransient(err) || repeats == maxRepeats {
				return err
			}
			wait = max(wait, cmp.Or(a.FirstRepeat, firstRepeat)<<repeats)
			repeats++
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
	}
}

func (a *Actions) fetchOrder(ctx context.Context, org *worker.Organization, id, thirdPartyApp string) (int, error) {
	if thirdPartyApp != "" {
		err := a.retryRead(ctx, func() error {
			order, err := org.ForBackground.OrderByReference(ctx, thirdPartyApp, id)
			if err == nil {
				id = order.ID
			}
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	var found []happycolis.DeliveryOrder
	err := a.retryRead(ctx, func() (err error) {
		found, err = org.ForBackground.DeliveryOrders(ctx, id)
		return err
	})
	if err != nil {
		return 0, err
	}
	suspects := orders.OrphanCandidates(found)
	for i := range found {
		entry := orders.IndexEntry(&found[i])
		entry.Suspect = suspects[entry.ID]
		if len(entry.Orders) == 0 {
			entry.Orders = []string{id}
		}
		if _, err := a.Index.Put(ctx, org.ID, entry, ""); err != nil {
			return i, err
		}
		if loc := found[i].Location; loc.ID != "" {
			if err := a.Index.PutLocation(ctx, org.ID, index.Location{ID: loc.ID, Slug: loc.Slug, Date: found[i].Date}); err != nil {
				return i, err
			}
		}
	}
	return len(found), nil
}
