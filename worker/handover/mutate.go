package handover

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/journal"
)

// This file is the one way to send a mutation.

// mutationResult is what became of a mutation.
type mutationResult int

const (
	applied mutationResult = iota // the platform said yes
	refused                       // the platform said no; a read tells whether it did it all the same
	unknown                       // no usable reply: the intent stands, in doubt
	unsent                        // surely not executed; the error says how to go on
)

// errTooLate tells that a request must not leave any more: what justifies it is too old.
var errTooLate = errors.New("the worker stood still for too long before the request left")

// mutate takes a connection's place and the rate token, records the intent of the present step, sends the mutation and
// sorts the reply. begun tells that the release has begun, or that only our own replacement is touched: then the incident's
// state is not asked, a pause always is. read is when what justifies the mutation was read. Waiting for a place, the token,
// the record or the connection may take their time: so the age of the read and of the intent are asked last of all, by the
// transport when it takes the request's first byte. The result is recorded with the next save.
func (x *attempt) mutate(ctx context.Context, begun bool, read time.Time, send func(*happycolis.Account) error) (mutationResult, error) {
	account, err := x.acquireMutationToken(ctx)
	if err != nil {
		stop := x.handleRequestError(err)
		if w, ok := errors.AsType[wait](stop); ok && happycolis.KindOf(err) == happycolis.KindWaiting {
			x.reader.Priority.MarkWaiting(x.org.ID, x.r.Identity.ID, w.until.Add(priorityKept))
		}
		return unsent, stop
	}
	defer account.ReleaseReservation()
	x.reader.Priority.ClearWaiting(x.org.ID, x.r.Identity.ID)
	takeBack := x.setIntent()
	intended := x.h.monotonicNow()
	if err := x.h.Journal.Intend(ctx, x.r, x.h.Now(), begun); err != nil {
		takeBack()
		return unsent, x.handleIntentRefused(ctx, err)
	}
	err = send(account.WithLastCheck(func() error {
		if !x.isFresh(read) || x.h.monotonicNow()-intended > decision.Fresh {
			return errTooLate
		}
		return nil
	}))
	if err == nil {
		x.r.Intent, x.r.Retry.Failures, x.r.Retry.Repeats, x.r.Retry.UnclearAnswer = nil, 0, 0, ""
		return applied, nil
	}
	return x.classifyMutationError(err, takeBack)
}

// setIntent sets the intent of the present step. What it returns takes it back.
func (x *attempt) setIntent() (takeBack func()) {
	r, now := x.r, x.h.Now()
	before, sentBefore := r.Intent, r.Release.CancelSentAt
	releasing := r.Step == stepRelease && r.Undo == nil && !r.ReleaseBegan()
	r.Intent = &journal.Intent{Step: r.Step, At: now}
	if releasing {
		r.Release.IntendedAt, r.Release.CancelSentAt = now, now
	}
	return func() {
		r.Intent = before
		if releasing {
			r.Release.IntendedAt, r.Release.CancelSentAt = time.Time{}, sentBefore
		}
	}
}

// classifyMutationError sorts the error that a mutation came back with.
func (x *attempt) classifyMutationError(err error, takeBack func()) (mutationResult, error) {
	var e *happycolis.Error
	if !errors.As(err, &e) {
		x.markUncertain(err, "")
		return unknown, nil
	}
	switch {
	case errors.Is(err, errTooLate):
		takeBack()
		return unsent, x.retryWithheldMutation()
	case e.IsRefused() && e.Kind == happycolis.KindForbidden:
		takeBack()
		return unsent, x.handleRequestError(err)
	case e.IsRefused(), e.IsNotExecuted() && strings.HasPrefix(e.Code, "GRAPHQL_"): // the latter will not change by waiting
		if e.IsNotExecuted() {
			takeBack()
		}
		x.r.Retry.Repeats, x.r.Retry.UnclearAnswer = 0, ""
		x.r.Note(x.h.Now(), e.Error())
		return refused, nil
	case e.IsNotExecuted():
		takeBack()
		return unsent, x.handleRequestError(err)
	}
	x.markUncertain(err, unclearCode(e))
	return unknown, nil
}

// retryWithheldMutation reads anew, since the worker stood still before a request left. Where that happens again and again it comes back
// ever more rarely, and is the operator's after about three hours.
func (x *attempt) retryWithheldMutation() error {
	x.invalidateCache()
	if x.r.Retry.Repeats++; x.r.Retry.Repeats > maxFailures {
		x.r.Retry.Repeats = 0
		return needsPerson(journal.RetriesExhausted)
	}
	again := min(firstFailureDelay<<min(x.r.Retry.Repeats-1, 10), maxFailureDelay)
	return waitUntil(x.h.Now().Add(again-firstFailureDelay), errTooLate.Error()+"; reading again")
}

// markUncertain leaves the intent in doubt: only a look tells what became of it. An unclear answer that the platform gives twice in
// a row, without a trace of the mutation after either, is its way to refuse.
func (x *attempt) markUncertain(err error, code string) {
	x.r.MarkUncertain()
	x.r.Intent.SameCodeTwice = code != "" && code == x.r.Retry.UnclearAnswer
	x.r.Retry.UnclearAnswer = code
	x.r.Note(x.h.Now(), "the outcome is unknown: "+err.Error())
}

// unclearCode names an answer of the platform that does not tell whether the mutation was carried out; "" where it is a
// fault on the way, which passes.
func unclearCode(e *happycolis.Error) string {
	switch {
	case e.IsTransient():
		return ""
	case e.Code != "":
		return e.Code
	case e.Kind == happycolis.KindResponse: // an answer that contradicts itself says nothing twice either
		return ""
	}
	return fmt.Sprint("HTTP ", e.Status)
}

// processStart is when this process began to count.
var processStart = time.Now()

// monotonicNow is a clock that nobody sets.
func (h *Handover) monotonicNow() time.Duration {
	if h.Elapsed != nil {
		return h.Elapsed()
	}
	return time.Since(processStart)
}
