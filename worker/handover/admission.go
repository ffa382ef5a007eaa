package handover

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// How long what cannot go on now waits.
const (
	maxSleep           = 250 * time.Millisecond // waits below the queue's clock of one second are slept out
	pausedWait         = 15 * time.Second       // between two looks while paused
	heldWait           = 30 * time.Second       // between two looks while the incident lets nothing move
	lockWait           = 2 * time.Second        // while another worker has the parent order
	firstFailureDelay  = 2 * time.Second        // after a failed request; doubles
	maxFailureDelay    = 5 * time.Minute
	maxFailures        = 40 // in a row, about three hours: then an operator
	maxForecastSleep   = 1  // failures in a row while a plan is made: then whoever asked is told
	maxPoll            = 5 * time.Minute
	backgroundRetryGap = 5 * time.Second        // at least, until a calm read that was denied asks again
	yieldGap           = 500 * time.Millisecond // at least, until a read that let a mutation go first asks again
	priorityKept       = 2 * time.Second        // how much later than it said a mutation may come back to its turn
	credentialRetryGap = time.Minute            // after refused credentials, where the client does not say
)

// acquireToken asks for the right to send one query, sleeping out a very short wait.
func (x *attempt) acquireToken(ctx context.Context, account *happycolis.Account) (*happycolis.Account, error) {
	return x.reserveRequest(ctx, account.ReserveRead)
}

// acquireMutationToken is granted for a mutation, with a place of its own among the connections.
func (x *attempt) acquireMutationToken(ctx context.Context) (*happycolis.Account, error) {
	return x.reserveRequest(ctx, x.org.ForHandover.ReserveMutation)
}

func (x *attempt) reserveRequest(ctx context.Context, reserve func(context.Context) (*happycolis.Account, error)) (ready *happycolis.Account, err error) {
	err = x.retryRateLimited(ctx, func() error {
		ready, err = reserve(ctx)
		return err
	})
	if err == nil {
		x.r.Requests++
	}
	return ready, err
}

// retryRateLimited asks the rate limit again as long as the waits are shorter, in all, than the queue can tell.
func (x *attempt) retryRateLimited(ctx context.Context, ask func() error) error {
	var slept time.Duration
	for {
		err := ask()
		var e *happycolis.Error
		if !errors.As(err, &e) || e.Kind != happycolis.KindWaiting || x.h.Sleep == nil || slept+e.RetryAfter > maxSleep {
			return err
		}
		slept += e.RetryAfter
		x.h.Sleep(ctx, e.RetryAfter)
	}
}

// The requests that a handover takes: what is begun has to be finished.
const (
	requestsOfNone    = 1 // read
	requestsOfDraft   = 3 // read, update, read back
	requestsOfPending = 5 // read, create, cancel, read, open and request
)

// admit waits its turn before the first request of a reassignment, so that no more are under way than the
// rate limit lets finish soon.
func (x *attempt) admit(ctx context.Context) *verdict {
	requests := requestsOfPending
	if x.r.Status == statusDraft {
		requests = requestsOfDraft
	}
	err := x.retryRateLimited(ctx, func() error { return x.org.ForHandover.ReserveRequests(ctx, requests) })
	if err == nil {
		x.r.Admitted, x.r.ReservedRequests = true, requests
		return nil
	}
	v := x.handleRequestError(err)
	if happycolis.KindOf(err) == happycolis.KindWaiting {
		tally, err := x.h.Journal.Tally(ctx, x.r.Organization, x.r.Incident)
		if err != nil {
			v = broken(err)
			return &v
		}
		crowd := v.until.Sub(x.h.Now()) * time.Duration(tally.States[journal.Pending]) // when the last of those who wait has its turn
		v.until = v.until.Add(x.jitter(min(admissionJitter(x.r.Priority), crowd)))
	}
	return &v
}

// refundUnusedTokens gives back what a reassignment took with its turn and, as its first decision shows, does not need:
// of many delivery orders the one read tells that they stay where they are. A turn that is lost between
// here and the record costs time only.
func (x *attempt) refundUnusedTokens(ctx context.Context, v verdict) {
	if x.r.ReservedRequests == 0 || v.kind == hold && x.r.State != journal.Holding || v.kind == failed {
		return
	}
	takes := requestsOfNone
	if v.kind == goTo {
		takes = requestsOfPending
		if v.step == stepMove {
			takes = requestsOfDraft
		}
	}
	unused := x.r.ReservedRequests - takes
	x.r.ReservedRequests = 0
	if err := x.org.ForHandover.RefundRequests(ctx, unused); err != nil {
		x.h.Log.WarnContext(ctx, "rate-limit token refund failed", "organization", x.r.Organization, "incident", x.r.Incident,
			"delivery_order", x.r.DeliveryOrder, "error", err)
	}
}

// admissionJitter is over how long, at most, those who wait for their turn come back, so that the urgent come
// first and not all at once.
func admissionJitter(priority string) time.Duration {
	switch priority {
	case "HIGH":
		return time.Second
	case "LOW":
		return 10 * time.Second
	}
	return 5 * time.Second
}

// jitter is a share of d, another one for each record and version.
func (x *attempt) jitter(d time.Duration) time.Duration {
	h := fnv.New32a()
	fmt.Fprint(h, x.r.ID, x.r.Version)
	return d * time.Duration(h.Sum32()%1024) / 1024
}

// acquireReadToken is granted for reads of either class. A calm one that is denied comes back later: it is a safety
// net, and many of them must not spend their time with asking.
func (x *attempt) acquireReadToken(ctx context.Context, as *happycolis.Account) (*happycolis.Account, *verdict) {
	if now := x.h.Now(); x.h.priority.hasOthersWaiting(x.org.ID, x.r.ID, x.org.Rate, now) {
		v := holdThrottled(now.Add(yieldGap + x.jitter(yieldGap)))
		return nil, &v
	}
	account, err := x.acquireToken(ctx, as)
	if err == nil {
		return account, nil
	}
	v := x.handleRequestError(err)
	if as == x.org.ForBackground && happycolis.KindOf(err) == happycolis.KindWaiting {
		v.until = v.until.Add(backgroundRetryGap + x.jitter(2*backgroundRetryGap))
	}
	return nil, &v
}

// handleRequestError turns a failed request, which destroyed nothing, into what becomes of the step.
func (x *attempt) handleRequestError(err error) verdict {
	var e *happycolis.Error
	if !errors.As(err, &e) {
		return broken(err)
	}
	now := x.h.Now()
	switch e.Kind {
	case happycolis.KindWaiting, happycolis.KindThrottled, happycolis.KindWithheld:
		return holdThrottled(now.Add(max(e.RetryAfter, 100*time.Millisecond)))
	case happycolis.KindLimiter:
		return broken(err)
	case happycolis.KindUnauthorized:
		if x.forecast != nil {
			return broken(err)
		}
		if e.RetryAfter == 0 { // there is another token now
			x.invalidateCache()
			return holdThrottled(now)
		}
		return holdThrottled(now.Add(max(e.RetryAfter, credentialRetryGap)))
	case happycolis.KindForbidden:
		if e.Code == "" { // whoever stands before the platform said so
			break
		}
		x.r.Note(now, e.Error())
		return needs(journal.Forbidden)
	case happycolis.KindTransport, happycolis.KindServer, happycolis.KindNotFound, happycolis.KindRefused, happycolis.KindInvalid,
		happycolis.KindUnclear, happycolis.KindResponse:
	}
	if x.forecast != nil && x.r.Failures >= maxForecastSleep { // somebody waits for the answer
		return broken(err)
	}
	return x.backOff(e.Error(), e.RetryAfter)
}

// backOff counts a failure and waits after it, ever longer; what fails for about three hours is an operator's.
func (x *attempt) backOff(note string, least time.Duration) verdict {
	now := x.h.Now()
	if x.r.Failures++; x.r.Failures > maxFailures {
		x.r.Note(now, note)
		return needs(journal.RetriesExhausted)
	}
	delay := min(firstFailureDelay<<min(x.r.Failures-1, 10), maxFailureDelay)
	return holdUntil(now.Add(max(delay, least)), note)
}

// handleIntentRefused is what becomes of a mutation that the journal did not let pass.
func (x *attempt) handleIntentRefused(ctx context.Context, err error) verdict {
	now := x.h.Now()
	switch {
	case errors.Is(err, journal.ErrPaused):
		return holdUntil(now.Add(pausedWait), "")
	case errors.Is(err, journal.ErrCanary):
		return verdict{kind: queue}
	case errors.Is(err, journal.ErrUnapproved):
		return *x.excludeFromPlan(journal.PolicyRule, "no approved plan sends it to "+x.r.To)
	case !errors.Is(err, journal.ErrHeld):
		return broken(err)
	}
	inc, stop := x.loadIncident(ctx)
	if stop != nil {
		return *stop
	}
	switch inc.State {
	case journal.Stopped:
		return undo(journal.Left, journal.StoppedByUs)
	case journal.Closed, journal.Dismissed:
		return undo(journal.Left, journal.Recovered)
	default:
		return holdUntil(now.Add(heldWait), "")
	}
}

// loadIncident returns that of the record. One that cannot be read lets nothing begin any more: an operator is told. One of a
// newer release is waited for.
func (x *attempt) loadIncident(ctx context.Context) (*journal.Incident, *verdict) {
	inc, err := x.h.Journal.Incident(ctx, x.r.Organization, x.r.Incident)
	var v verdict
	switch {
	case errors.Is(err, journal.ErrNewer):
		v = holdUntil(x.h.Now().Add(heldWait), "")
	case isUnreadable(err):
		x.r.Note(x.h.Now(), "the record of its incident cannot be read")
		v = undo(journal.NeedsPerson, journal.JournalCorrupt)
	case err != nil:
		v = broken(err)
	default:
		return inc, nil
	}
	return nil, &v
}

// lockOrder takes the parent order for the mutation that comes next, which may be late in a long run: a lock that this
// run has already is made to last anew.
func (x *attempt) lockOrder(ctx context.Context, order string) *verdict {
	got, err := x.h.Journal.LockOrder(ctx, x.r.Organization, order, x.r.ID)
	if err != nil {
		v := broken(err)
		return &v
	}
	if !got {
		v := holdUntil(x.h.Now().Add(lockWait), "")
		return &v
	}
	x.locked = order
	return nil
}
