package handover

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// How long what cannot go on now waits.
const (
	pausedWait         = 15 * time.Second // between two looks while paused
	heldWait           = 30 * time.Second // between two looks while the incident lets nothing move
	lockWait           = 2 * time.Second  // while another worker has the parent order
	firstFailureDelay  = 2 * time.Second  // after a failed request; doubles
	maxFailureDelay    = 5 * time.Minute
	maxFailures        = 40 // in a row, about three hours: then an operator
	maxPoll            = 5 * time.Minute
	priorityKept       = 2 * time.Second // how much later than it said a mutation may come back to its turn
	credentialRetryGap = time.Minute     // after refused credentials, where the client does not say
)

// acquireMutationToken is granted for a mutation, with a place of its own among the connections.
func (x *attempt) acquireMutationToken(ctx context.Context) (*happycolis.Account, error) {
	return x.reader.ReserveRequest(ctx, x.org.ForHandover.ReserveMutation)
}

// admit waits its turn before the first request of a reassignment, so that no more are under way than the
// rate limit lets finish soon: what is begun has to be finished.
func (x *attempt) admit(ctx context.Context) error {
	requests := decision.RequestsFor(journal.Reassigned, x.r.Original.Status, "")
	err := x.reader.RetryRateLimited(ctx, func() error { return x.org.ForHandover.ReserveRequests(ctx, requests) })
	if err == nil {
		x.r.Admission.Admitted, x.r.Admission.ReservedRequests = true, requests
		return nil
	}
	stop := x.handleRequestError(err)
	w, waits := errors.AsType[wait](stop)
	if !waits || happycolis.KindOf(err) != happycolis.KindWaiting {
		return stop
	}
	tally, err := x.h.Journal.Tally(ctx, x.r.Identity.Organization, x.r.Identity.Incident)
	if err != nil {
		return err
	}
	crowd := w.until.Sub(x.h.Now()) * time.Duration(tally.States[journal.Pending]) // when the last of those who wait has its turn
	w.until = w.until.Add(decision.Jitter(x.r, min(maxAdmissionJitter(x.r.Original.Priority), crowd)))
	return w
}

// refundUnusedTokens gives back what a reassignment took with its turn and, as its first decision shows, does not need:
// of many delivery orders the one read tells that they stay where they are. A turn that is lost between
// here and the record costs time only.
func (x *attempt) refundUnusedTokens(ctx context.Context, err error) {
	result, ok := outcomeOf(err)
	if x.r.Admission.ReservedRequests == 0 || !ok || isOutcome[wait](result) && x.r.State != journal.Holding {
		return
	}
	takes := decision.RequestsFor(journal.Left, "", "")
	if to, ok := result.(goToStep); ok {
		takes = decision.RequestsFor(journal.Reassigned, "", "")
		if to.name == stepMove {
			takes = decision.RequestsFor(journal.Reassigned, orders.StatusDraft, "")
		}
	}
	unused := x.r.Admission.ReservedRequests - takes
	x.r.Admission.ReservedRequests = 0
	if err := x.org.ForHandover.RefundRequests(ctx, unused); err != nil {
		x.h.Log.WarnContext(ctx, "rate-limit token refund failed", "organization", x.r.Identity.Organization, "incident", x.r.Identity.Incident,
			"delivery_order", x.r.Identity.DeliveryOrder, "order_number", x.r.Identity.OrderNumber, "error", err)
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

// handleRequestError makes an outcome of the error of a failed request, which destroyed nothing: a wait, or an operator's row.
// Anything else stays what it is. Steps pass such errors on; walkSteps asks this for all of them, and so does who has to know
// the outcome before.
func (x *attempt) handleRequestError(err error) error {
	var e *happycolis.Error
	if !errors.As(err, &e) {
		return err
	}
	now := x.h.Now()
	if at, denied := x.reader.RetryTime(e); denied {
		return waitThrottled(at)
	}
	switch e.Kind {
	case happycolis.KindLimiter:
		return err
	case happycolis.KindUnauthorized:
		if e.RetryAfter == 0 { // there is another token now
			x.invalidateCache()
			return waitForCredentials(now)
		}
		return waitForCredentials(now.Add(max(e.RetryAfter, credentialRetryGap)))
	case happycolis.KindForbidden:
		if e.Code == "" { // whoever stands before the platform said so
			break
		}
		x.r.Note(now, e.Error())
		return needsPerson(journal.Forbidden)
	case happycolis.KindWaiting, happycolis.KindThrottled, happycolis.KindWithheld, happycolis.KindTransport, happycolis.KindServer,
		happycolis.KindNotFound, happycolis.KindRefused, happycolis.KindInvalid, happycolis.KindUnclear, happycolis.KindResponse:
	}
	return x.backOff(e.Error(), e.RetryAfter)
}

// backOff counts a failure and waits after it, ever longer; what fails for about three hours is an operator's.
func (x *attempt) backOff(note string, least time.Duration) error {
	now := x.h.Now()
	if x.r.Retry.Failures++; x.r.Retry.Failures > maxFailures {
		x.r.Note(now, note)
		return needsPerson(journal.RetriesExhausted)
	}
	delay := min(firstFailureDelay<<min(x.r.Retry.Failures-1, 10), maxFailureDelay)
	return waitUntil(now.Add(max(delay, least)), note)
}

// handleIntentRefused is what becomes of a mutation that the journal did not let pass.
func (x *attempt) handleIntentRefused(ctx context.Context, err error) error {
	now := x.h.Now()
	switch {
	case errors.Is(err, journal.ErrPaused):
		return waitForOthers(api.WaitPause, now.Add(pausedWait))
	case errors.Is(err, journal.ErrCanary):
		return canaryFull{}
	case errors.Is(err, journal.ErrUnapproved):
		return x.excludeFromPlan(journal.PolicyRule, "no approved plan sends it to "+x.r.Decision.To)
	case !errors.Is(err, journal.ErrHeld):
		return err
	}
	inc, err := x.loadIncident(ctx)
	if err != nil {
		return err
	}
	switch {
	case inc.State == journal.Stopped:
		return compensate{journal.Left, journal.StoppedByUs}
	case inc.IsClosing(), !inc.State.IsOpen() && inc.IsOfOperator():
		x.r.LeftByClose = true
		return compensate{journal.Left, journal.ByPerson}
	case !inc.State.IsOpen():
		return compensate{journal.Left, journal.Recovered}
	}
	return waitForOthers(heldBy(inc.State), now.Add(heldWait))
}

// waitWhilePaused waits while a pause stops what is sent to the location where a delivery order of ours stands: it need not be the
// target any more, for which the journal asks. nil: it does not.
func (x *attempt) waitWhilePaused(ctx context.Context, location string) error {
	paused, err := x.h.Journal.IsPaused(ctx, x.r.Identity.Organization, location)
	if err != nil || !paused {
		return err
	}
	return waitForOthers(api.WaitPause, x.h.Now().Add(pausedWait))
}

// loadIncident returns that of the record. One that cannot be read lets nothing begin any more: an operator is told. One of a
// newer release is waited for.
func (x *attempt) loadIncident(ctx context.Context) (*journal.Incident, error) {
	inc, err := x.h.Journal.Incident(ctx, x.r.Identity.Organization, x.r.Identity.Incident)
	switch {
	case errors.Is(err, journal.ErrNewer):
		err = waitUntil(x.h.Now().Add(heldWait), "")
	case journal.IsUnreadable(err):
		x.r.Note(x.h.Now(), "the record of its incident cannot be read")
		err = compensate{journal.NeedsPerson, journal.JournalCorrupt}
	}
	return inc, err
}

// lockOrder takes the parent order for the mutation that comes next, which may be late in a long run: a lock that this
// run has already is made to last anew.
func (x *attempt) lockOrder(ctx context.Context, order string) error {
	got, err := x.h.Journal.LockOrder(ctx, x.r.Identity.Organization, order, x.r.Identity.ID)
	if err != nil {
		return err
	}
	if !got {
		return waitUntil(x.h.Now().Add(lockWait), "")
	}
	x.locked = order
	return nil
}
