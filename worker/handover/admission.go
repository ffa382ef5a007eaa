package handover

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// How long what cannot go on now waits.
const (
	maxSleep            = 250 * time.Millisecond // waits below the queue's clock of one second are slept out
	pausedWait          = 15 * time.Second       // between two looks while paused
	heldWait            = 30 * time.Second       // between two looks while the incident lets nothing move
	lockWait            = 2 * time.Second        // while another worker has the parent order
	firstFailureDelay   = 2 * time.Second        // after a failed request; doubles
	maxFailureDelay     = 5 * time.Minute
	maxFailures         = 40 // in a row, about three hours: then an operator
	maxForecastFailures = 1  // failures in a row while a plan is made: then whoever asked is told
	maxPoll             = 5 * time.Minute
	backgroundRetryGap  = 5 * time.Second        // at least, until a background read that was denied asks again
	yieldGap            = 500 * time.Millisecond // at least, until a read that let a mutation go first asks again
	priorityKept        = 2 * time.Second        // how much later than it said a mutation may come back to its turn
	credentialRetryGap  = time.Minute            // after refused credentials, where the client does not say
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
func (x *attempt) admit(ctx context.Context) error {
	requests := requestsOfPending
	if x.r.Status == orders.StatusDraft {
		requests = requestsOfDraft
	}
	err := x.retryRateLimited(ctx, func() error { return x.org.ForHandover.ReserveRequests(ctx, requests) })
	if err == nil {
		x.r.Admitted, x.r.ReservedRequests = true, requests
		return nil
	}
	stop := x.handleRequestError(err)
	w, waits := errors.AsType[wait](stop)
	if !waits || happycolis.KindOf(err) != happycolis.KindWaiting {
		return stop
	}
	tally, err := x.h.Journal.Tally(ctx, x.r.Organization, x.r.Incident)
	if err != nil {
		return err
	}
	crowd := w.until.Sub(x.h.Now()) * time.Duration(tally.States[journal.Pending]) // when the last of those who wait has its turn
	w.until = w.until.Add(x.jitter(min(maxAdmissionJitter(x.r.Priority), crowd)))
	return w
}

// refundUnusedTokens gives back what a reassignment took with its turn and, as its first decision shows, does not need:
// of many delivery orders the one read tells that they stay where they are. A turn that is lost between
// here and the record costs time only.
func (x *attempt) refundUnusedTokens(ctx context.Context, err error) {
	result, ok := outcomeOf(err)
	if x.r.ReservedRequests == 0 || !ok || isOutcome[wait](result) && x.r.State != journal.Holding {
		return
	}
	takes := requestsOfNone
	if to, ok := result.(goToStep); ok {
		takes = requestsOfPending
		if to.name == stepMove {
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

// maxAdmissionJitter is over how long, at most, the records that wait to be admitted come back, so that the urgent come
// first and not all at once.
func maxAdmissionJitter(priority string) time.Duration {
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
func (x *attempt) acquireReadToken(ctx context.Context, as *happycolis.Account) (*happycolis.Account, error) {
	if now := x.h.Now(); x.h.priority.hasOthersWaiting(x.org.ID, x.r.ID, x.org.Rate, now) {
		return nil, waitThrottled(now.Add(yieldGap + x.jitter(yieldGap)))
	}
	account, err := x.acquireToken(ctx, as)
	if err == nil {
		return account, nil
	}
	stop := x.handleRequestError(err)
	if w, ok := errors.AsType[wait](stop); ok && as == x.org.ForBackground && happycolis.KindOf(err) == happycolis.KindWaiting {
		w.until = w.until.Add(backgroundRetryGap + x.jitter(2*backgroundRetryGap))
		return nil, w
	}
	return nil, stop
}

// handleRequestError makes an outcome of the error of a failed request, which destroyed nothing: a wait, or an operator's row.
// Anything else stays what it is. Steps pass such errors on; walkSteps asks this for all of them, and so does who has to know
// the outcome before.
func (x *attempt) handleRequestError(err error) error {
	var e *happycolis.Error
	if !errors.As(err, &e) {
		return err
	}
	now := x.h.Now()
	switch e.Kind {
	case happycolis.KindWaiting, happycolis.KindThrottled, happycolis.KindWithheld:
		return waitThrottled(now.Add(max(e.RetryAfter, 100*time.Millisecond)))
	case happycolis.KindLimiter:
		return err
	case happycolis.KindUnauthorized:
		if x.forecast != nil {
			return err
		}
		if e.RetryAfter == 0 { // there is another token now
			x.invalidateCache()
			return waitThrottled(now)
		}
		return waitThrottled(now.Add(max(e.RetryAfter, credentialRetryGap)))
	case happycolis.KindForbidden:
		if e.Code == "" { // whoever stands before the platform said so
			break
		}
		x.r.Note(now, e.Error())
		return needsPerson(journal.Forbidden)
	case happycolis.KindTransport, happycolis.KindServer, happycolis.KindNotFound, happycolis.KindRefused, happycolis.KindInvalid,
		happycolis.KindUnclear, happycolis.KindResponse:
	}
	if x.forecast != nil && x.r.Failures >= maxForecastFailures { // somebody waits for the answer
		return err
	}
	return x.backOff(e.Error(), e.RetryAfter)
}

// backOff counts a failure and waits after it, ever longer; what fails for about three hours is an operator's.
func (x *attempt) backOff(note string, least time.Duration) error {
	now := x.h.Now()
	if x.r.Failures++; x.r.Failures > maxFailures {
		x.r.Note(now, note)
		return needsPerson(journal.RetriesExhausted)
	}
	delay := min(firstFailureDelay<<min(x.r.Failures-1, 10), maxFailureDelay)
	return waitUntil(now.Add(max(delay, least)), note)
}

// handleIntentRefused is what becomes of a mutation that the journal did not let pass.
func (x *attempt) handleIntentRefused(ctx context.Context, err error) error {
	now := x.h.Now()
	switch {
	case errors.Is(err, journal.ErrPaused):
		return waitUntil(now.Add(pausedWait), "")
	case errors.Is(err, journal.ErrCanary):
		return canaryFull{}
	case errors.Is(err, journal.ErrUnapproved):
		return x.excludeFromPlan(journal.PolicyRule, "no approved plan sends it to "+x.r.To)
	case !errors.Is(err, journal.ErrHeld):
		return err
	}
	inc, err := x.loadIncident(ctx)
	if err != nil {
		return err
	}
	switch inc.State {
	case journal.Stopped:
		return compensate{journal.Left, journal.StoppedByUs}
	case journal.Closed, journal.Dismissed:
		return compensate{journal.Left, journal.Recovered}
	default:
		return waitUntil(now.Add(heldWait), "")
	}
}

// waitWhilePaused waits while a pause stops what is sent to the location where a delivery order of ours stands: it need not be the
// target any more, for which the journal asks. nil: it does not.
func (x *attempt) waitWhilePaused(ctx context.Context, location string) error {
	paused, err := x.h.Journal.IsPaused(ctx, x.r.Organization, location)
	if err != nil || !paused {
		return err
	}
	return waitUntil(x.h.Now().Add(pausedWait), "")
}

// loadIncident returns that of the record. One that cannot be read lets nothing begin any more: an operator is told. One of a
// newer release is waited for.
func (x *attempt) loadIncident(ctx context.Context) (*journal.Incident, error) {
	inc, err := x.h.Journal.Incident(ctx, x.r.Organization, x.r.Incident)
	switch {
	case errors.Is(err, journal.ErrNewer):
		err = waitUntil(x.h.Now().Add(heldWait), "")
	case isUnreadable(err):
		x.r.Note(x.h.Now(), "the record of its incident cannot be read")
		err = compensate{journal.NeedsPerson, journal.JournalCorrupt}
	}
	return inc, err
}

// lockOrder takes the parent order for the mutation that comes next, which may be late in a long run: a lock that this
// run has already is made to last anew.
func (x *attempt) lockOrder(ctx context.Context, order string) error {
	got, err := x.h.Journal.LockOrder(ctx, x.r.Organization, order, x.r.ID)
	if err != nil {
		return err
	}
	if !got {
		return waitUntil(x.h.Now().Add(lockWait), "")
	}
	x.locked = order
	return nil
}
