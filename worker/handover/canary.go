package handover

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// canaryPassedKept is how long it is remembered that the canary of an incident is over; then it is asked anew.
const canaryPassedKept = time.Hour

// acquireCanarySlot takes a slot of the canary before the first request is spent on a delivery order that may need
// one. nil: it has one, or needs none. That what is prepared has a slot is made sure once more, with the
// intent.
func (x *attempt) acquireCanarySlot(ctx context.Context) error {
	r := x.r
	if _, passed := x.h.canaryPassed.Get(x.h.Now(), r.Identity.Incident); passed || r.Original.Status == orders.StatusDraft || x.h.Journal.CanarySize() == 0 {
		return nil
	}
	err := x.h.Journal.AcquireCanarySlot(ctx, r, x.h.Now())
	switch {
	case errors.Is(err, journal.ErrCanary):
		return canaryFull{}
	case err != nil:
		return err
	}
	c, err := x.h.Journal.CanaryStatus(ctx, r.Identity.Organization, r.Identity.Incident)
	if err != nil {
		return err
	}
	if c.Passed {
		x.h.canaryPassed.Put(x.h.Now(), r.Identity.Incident, struct{}{}, canaryPassedKept)
	}
	return nil
}

// waitForCanary waits for a slot of the canary. The lease scan (RescueStuck) wakes the record that is next, so no task waits.
func (x *attempt) waitForCanary(ctx context.Context) worker.Outcome {
	if err := x.noteWait(ctx, wait{what: api.WaitCanary}); err != nil {
		return x.recordFailure(ctx, err)
	}
	signalled, err := x.h.Journal.WaitForCanary(ctx, x.r, x.h.Now())
	if err != nil {
		return x.recordFailure(ctx, err)
	}
	if signalled {
		return worker.RequeueAt(taskFor(x.r), x.h.Now())
	}
	return worker.Completed()
}
