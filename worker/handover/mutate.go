package handover

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// This file is the one way to send a mutation.

// result is what became of a mutation.
type result int

const (
	applied result = iota // the platform said yes
	refused               // the platform said no; a read tells whether it did it all the same
	unknown               // no usable reply: the intent stands, in doubt
	unsent                // surely not executed; the verdict says how to go on
)

// errTooLate tells that a request must not leave any more: what justifies it is too old.
var errTooLate = errors.New("the worker stood still for too long before the request left")

// mutate takes a connection's place and the rate token, records the intent of the present step, sends the mutation and
// sorts the reply. begun tells that the release has begun, or that only our own replacement is touched: then the incident's
// state is not asked, a pause always is. read is when what justifies the mutation was read. Waiting for a place, the token,
// the record or the connection may take their time: so the age of the read and of the intent are asked last of all, by the
// transport when it takes the request's first byte. The result is recorded with the next save.
func (x *run) mutate(ctx context.Context, begun bool, read time.Time, send func(*happycolis.Account) error) (result, verdict) {
	account, err := x.grantedMutation(ctx)
	if err != nil {
		v := x.stumble(err)
		if happycolis.KindOf(err) == happycolis.KindWaiting {
			x.h.turns.keep(x.org.ID, x.r.ID, v.until.Add(turnKept))
		}
		return unsent, v
	}
	defer account.Unreserve()
	x.h.turns.take(x.org.ID, x.r.ID)
	takeBack := x.intend()
	intended := x.h.elapsed()
	if err := x.h.Journal.Intend(ctx, x.r, x.h.Now(), begun); err != nil {
		takeBack()
		return unsent, x.heldBack(ctx, err)
	}
	err = send(account.Guarded(func() error {
		if !x.fresh(read) || x.h.elapsed()-intended > Fresh {
			return errTooLate
		}
		return nil
	}))
	if err == nil {
		x.r.Intent, x.r.Failures, x.r.Repeats, x.r.Unclear = nil, 0, 0, ""
		return applied, verdict{}
	}
	return x.failed(err, takeBack)
}

// intend sets the intent of the present step. What it returns takes it back.
func (x *run) intend() (takeBack func()) {
	r, now := x.r, x.h.Now()
	before, sentBefore := r.Intent, r.CancelSent
	releasing := r.Step == stepRelease && r.Undo == nil && !r.ReleaseBegan()
	r.Intent = &journal.Intent{Step: r.Step, At: now}
	if releasing {
		r.ReleasedBy, r.CancelSent = now, now
	}
	return func() {
		r.Intent = before
		if releasing {
			r.ReleasedBy, r.CancelSent = time.Time{}, sentBefore
		}
	}
}

// failed sorts the error that a mutation came back with.
func (x *run) failed(err error, takeBack func()) (result, verdict) {
	var e *happycolis.Error
	if !errors.As(err, &e) {
		x.doubt(err, "")
		return unknown, verdict{}
	}
	switch {
	case errors.Is(err, errTooLate):
		takeBack()
		return unsent, x.withheld()
	case e.Refused() && e.Kind == happycolis.KindForbidden:
		takeBack()
		return unsent, x.stumble(err)
	case e.Refused(), e.NotExecuted() && strings.HasPrefix(e.Code, "GRAPHQL_"): // the latter will not change by waiting
		if e.NotExecuted() {
			takeBack()
		}
		x.r.Repeats, x.r.Unclear = 0, ""
		x.r.Note(x.h.Now(), e.Error())
		return refused, verdict{}
	case e.NotExecuted():
		takeBack()
		return unsent, x.stumble(err)
	}
	x.doubt(err, unclearCode(e))
	return unknown, verdict{}
}

// withheld reads anew, since the worker stood still before a request left. Where that happens again and again it comes back
// ever more rarely, and is the operator's after about three hours.
func (x *run) withheld() verdict {
	x.drop()
	if x.r.Repeats++; x.r.Repeats > failuresMost {
		x.r.Repeats = 0
		return needs(journal.RetriesExhausted)
	}
	again := min(failureFirst<<min(x.r.Repeats-1, 10), failureMost)
	return holdUntil(x.h.Now().Add(again-failureFirst), errTooLate.Error()+"; reading again")
}

// doubt leaves the intent in doubt: only a look tells what became of it. An unclear answer that the platform gives twice in
// a row, without a trace of the mutation after either, is its way to refuse.
func (x *run) doubt(err error, code string) {
	x.r.Doubt()
	x.r.Intent.Refused = code != "" && code == x.r.Unclear
	x.r.Unclear = code
	x.r.Note(x.h.Now(), "the outcome is unknown: "+err.Error())
}

// unclearCode names an answer of the platform that does not tell whether the mutation was carried out; "" where it is a
// fault on the way, which passes.
func unclearCode(e *happycolis.Error) string {
	switch {
	case e.Passing():
		return ""
	case e.Code != "":
		return e.Code
	case e.Kind == happycolis.KindResponse: // an answer that contradicts itself says nothing twice either
		return ""
	}
	return fmt.Sprint("HTTP ", e.Status)
}

// fresh reports whether a read is good for what is done on the strength of it. One of the future, by a clock that was set
// back, is not.
func (x *run) fresh(read time.Time) bool {
	age := x.h.Now().Sub(read)
	return 0 <= age && age <= Fresh
}

// started is when this process began to count.
var started = time.Now()

// elapsed is a clock that nobody sets.
func (h *Handover) elapsed() time.Duration {
	if h.Elapsed != nil {
		return h.Elapsed()
	}
	return time.Since(started)
}
