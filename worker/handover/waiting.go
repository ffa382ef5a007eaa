package handover

import (
	"cmp"
	"context"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// waitingFor says of an outcome that waits what for, and that it does so for a timeout since a moment at the most, pauses left
// out; 0: until it looks again. Any other error is returned as it is.
func waitingFor(what api.WaitsFor, since time.Time, timeout time.Duration, err error) error {
	if w, ok := err.(wait); ok { //nolint:errorlint // an outcome is never wrapped
		w.what, w.since, w.timeout = what, since, timeout
		return w
	}
	return err
}

// waitForOthers waits for what has no time: the end of a pause, an approval, an operator.
func waitForOthers(what api.WaitsFor, lookAt time.Time) error { return wait{until: lookAt, what: what} }

// noteWait enters into the record what it waits for, and until when as far as that is known.
func (x *attempt) noteWait(ctx context.Context, w wait) error {
	r := x.r
	r.Wait.For, r.Wait.Until = cmp.Or(w.what, api.WaitRetry), w.until.UTC()
	switch r.Wait.For {
	case api.WaitPause, api.WaitApproval, api.WaitCanary, api.WaitOperator:
		r.Wait.Until = time.Time{}
	case api.WaitSettle, api.WaitRedispatch, api.WaitRateLimit, api.WaitCapacity, api.WaitCancel, api.WaitAcceptance, api.WaitRetry:
	}
	if w.timeout > 0 {
		stood, err := x.h.Journal.PausedDuration(ctx, r.Identity.Organization, r.Identity.FromID, w.since, x.h.Now(), r.Decision.ToID)
		if err != nil {
			return err
		}
		r.Wait.Until = w.since.Add(w.timeout + stood).UTC().Truncate(time.Millisecond)
	}
	return nil
}

// heldBy is what a row waits for whose incident lets nothing move.
func heldBy(state journal.IncidentState) api.WaitsFor {
	switch state {
	case journal.AwaitingApproval:
		return api.WaitApproval
	case journal.Settling:
		return api.WaitSettle
	case journal.Blocked, journal.Draining, journal.Watching, journal.Closed, journal.Dismissed, journal.Stopped:
	}
	return api.WaitOperator
}
