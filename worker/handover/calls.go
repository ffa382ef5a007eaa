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
	sleepMost     = 250 * time.Millisecond // waits below the queue's clock of one second are slept out
	pausedWait    = 15 * time.Second       // between two looks while paused
	heldWait      = 30 * time.Second       // between two looks while the incident lets nothing move
	lockWait      = 2 * time.Second        // while another worker has the parent order
	failureFirst  = 2 * time.Second        // after a failed request; doubles
	failureMost   = 5 * time.Minute
	failuresMost  = 40 // in a row, about three hours: then a person
	rehearsalMost = 1  // failures in a row while a plan is made: then whoever asked is told
	pollMost      = 5 * time.Minute
	calmGap       = 5 * time.Second        // at least, until a calm read that was denied asks again
	yieldGap      = 500 * time.Millisecond // at least, until a read that let a mutation go first asks again
	turnKept      = 2 * time.Second        // how much later than it said a mutation may come back to its turn
	credentialGap = time.Minute            // after refused credentials, where the client does not say
)

// granted asks for the right to send one query, sleeping out a very short wait.
func (x *run) granted(ctx context.Context, account *happycolis.Account) (*happycolis.Account, error) {
	return x.reserved(ctx, account.ReserveRead)
}

// grantedMutation is granted for a mutation, with a place of its own among the connections.
func (x *run) grantedMutation(ctx context.Context) (*happycolis.Account, error) {
	return x.reserved(ctx, x.org.Urgent.Reserve)
}

func (x *run) reserved(ctx context.Context, reserve func(context.Context) (*happycolis.Account, error)) (ready *happycolis.Account, err error) {
	err = x.patiently(ctx, func() error {
		ready, err = reserve(ctx)
		return err
	})
	if err == nil {
		x.r.Requests++
	}
	return ready, err
}

// patiently asks the rate limit again as long as the waits are shorter, in all, than the queue can tell.
func (x *run) patiently(ctx context.Context, ask func() error) error {
	var slept time.Duration
	for {
		err := ask()
		var e *happycolis.Error
		if !errors.As(err, &e) || e.Kind != happycolis.KindWaiting || x.h.Sleep == nil || slept+e.RetryAfter > sleepMost {
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

// begin waits its turn before the first request of a reassignment, so that no more are under way than the
// rate limit lets finish soon.
func (x *run) begin(ctx context.Context) *verdict {
	requests := requestsOfPending
	if x.r.Status == statusDraft {
		requests = requestsOfDraft
	}
	err := x.patiently(ctx, func() error { return x.org.Urgent.Begin(ctx, requests) })
	if err == nil {
		x.r.Begun, x.r.Turn = true, requests
		return nil
	}
	v := x.stumble(err)
	if happycolis.KindOf(err) == happycolis.KindWaiting {
		tally, err := x.h.Journal.Tally(ctx, x.r.Organization, x.r.Incident)
		if err != nil {
			v = broken(err)
			return &v
		}
		crowd := v.until.Sub(x.h.Now()) * time.Duration(tally.States[journal.Pending]) // when the last of those who wait has its turn
		v.until = v.until.Add(x.spread(min(turnSpread(x.r.Priority), crowd)))
	}
	return &v
}

// settle gives back what a reassignment took with its turn and, as its first decision shows, does not need:
// of many delivery orders the one read tells that they stay where they are. A turn that is lost between
// here and the record costs time only.
func (x *run) settle(ctx context.Context, v verdict) {
	if x.r.Turn == 0 || v.kind == hold && x.r.State != journal.Holding || v.kind == failed {
		return
	}
	takes := requestsOfNone
	if v.kind == goTo {
		takes = requestsOfPending
		if v.step == stepMove {
			takes = requestsOfDraft
		}
	}
	unused := x.r.Turn - takes
	x.r.Turn = 0
	if err := x.org.Urgent.GiveBack(ctx, unused); err != nil {
		x.h.Log.WarnContext(ctx, "a turn was not given back", "organization", x.r.Organization, "incident", x.r.Incident,
			"delivery_order", x.r.DeliveryOrder, "error", err)
	}
}

// turnSpread is over how long, at most, those who wait for their turn come back, so that the urgent come
// first and not all at once.
func turnSpread(priority string) time.Duration {
	switch priority {
	case "HIGH":
		return time.Second
	case "LOW":
		return 10 * time.Second
	}
	return 5 * time.Second
}

// spread is a share of d, another one for each record and version.
func (x *run) spread(d time.Duration) time.Duration {
	h := fnv.New32a()
	fmt.Fprint(h, x.r.ID, x.r.Version)
	return d * time.Duration(h.Sum32()%1024) / 1024
}

// asked is granted for reads of either class. A calm one that is denied comes back later: it is a safety
// net, and many of them must not spend their time with asking.
func (x *run) asked(ctx context.Context, as *happycolis.Account) (*happycolis.Account, *verdict) {
	if now := x.h.Now(); x.h.turns.first(x.org.ID, x.r.ID, x.org.Rate, now) {
		v := holdThrottled(now.Add(yieldGap + x.spread(yieldGap)))
		return nil, &v
	}
	account, err := x.granted(ctx, as)
	if err == nil {
		return account, nil
	}
	v := x.stumble(err)
	if as == x.org.Calm && happycolis.KindOf(err) == happycolis.KindWaiting {
		v.until = v.until.Add(calmGap + x.spread(2*calmGap))
	}
	return nil, &v
}

// stumble turns a failed request, which destroyed nothing, into what becomes of the step.
func (x *run) stumble(err error) verdict {
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
		if x.rehearsal != nil {
			return broken(err)
		}
		if e.RetryAfter == 0 { // there is another token now
			x.drop()
			return holdThrottled(now)
		}
		return holdThrottled(now.Add(max(e.RetryAfter, credentialGap)))
	case happycolis.KindForbidden:
		if e.Code == "" { // whoever stands before the platform said so
			break
		}
		x.r.Note(now, e.Error())
		return needs(journal.Forbidden)
	case happycolis.KindTransport, happycolis.KindServer, happycolis.KindNotFound, happycolis.KindRefused, happycolis.KindInvalid,
		happycolis.KindUnclear, happycolis.KindResponse:
	}
	if x.rehearsal != nil && x.r.Failures >= rehearsalMost { // somebody waits for the answer
		return broken(err)
	}
	return x.backOff(e.Error(), e.RetryAfter)
}

// backOff counts a failure and waits after it, ever longer; what fails for about three hours is a person's.
func (x *run) backOff(note string, least time.Duration) verdict {
	now := x.h.Now()
	if x.r.Failures++; x.r.Failures > failuresMost {
		x.r.Note(now, note)
		return needs(journal.RetriesExhausted)
	}
	delay := min(failureFirst<<min(x.r.Failures-1, 10), failureMost)
	return holdUntil(now.Add(max(delay, least)), note)
}

// heldBack is what becomes of a mutation that the journal did not let pass.
func (x *run) heldBack(ctx context.Context, err error) verdict {
	now := x.h.Now()
	switch {
	case errors.Is(err, journal.ErrPaused):
		return holdUntil(now.Add(pausedWait), "")
	case errors.Is(err, journal.ErrCanary):
		return verdict{kind: queue}
	case errors.Is(err, journal.ErrUnapproved):
		return *x.leaveOut(journal.PolicyRule, "no approved plan sends it to "+x.r.To)
	case !errors.Is(err, journal.ErrHeld):
		return broken(err)
	}
	inc, stop := x.incident(ctx)
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

// incident returns that of the record. One that cannot be read lets nothing begin any more: a person is told. One of a
// newer release is waited for.
func (x *run) incident(ctx context.Context) (*journal.Incident, *verdict) {
	inc, err := x.h.Journal.Incident(ctx, x.r.Organization, x.r.Incident)
	var v verdict
	switch {
	case errors.Is(err, journal.ErrNewer):
		v = holdUntil(x.h.Now().Add(heldWait), "")
	case unreadable(err):
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
func (x *run) lockOrder(ctx context.Context, order string) *verdict {
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
