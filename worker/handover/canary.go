package handover

import (
	"context"
	"errors"
	"sync"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/journal"
)

// canaryCache remembers the incidents whose canary is over: one of their replacements was sent.
type canaryCache struct {
	mu        sync.Mutex
	incidents map[string]bool
}

func (p *canaryCache) has(incident string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.incidents[incident]
}

// maxCanaryCache bounds what is remembered; beyond it, it is asked anew.
const maxCanaryCache = 1000

func (p *canaryCache) add(incident string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.incidents == nil || len(p.incidents) >= maxCanaryCache {
		p.incidents = map[string]bool{}
	}
	p.incidents[incident] = true
}

// acquireCanarySlot takes a place of the canary before the first request is spent on a delivery order that may need
// one. nil: it has one, or needs none. That what is prepared has a place is made sure once more, with the
// intent.
func (x *attempt) acquireCanarySlot(ctx context.Context) *verdict {
	r := x.r
	if r.Status == statusDraft || x.h.Journal.CanarySize() == 0 || x.h.canaryPassed.has(r.Incident) {
		return nil
	}
	err := x.h.Journal.AcquireCanarySlot(ctx, r, x.h.Now())
	switch {
	case errors.Is(err, journal.ErrCanary):
		return &verdict{kind: queue}
	case err != nil:
		v := broken(err)
		return &v
	}
	c, err := x.h.Journal.CanaryStatus(ctx, r.Organization, r.Incident)
	if err != nil {
		v := broken(err)
		return &v
	}
	if c.Passed {
		x.h.canaryPassed.add(r.Incident)
	}
	return nil
}

// waitForCanary waits for a place of the canary. The scan of the leases wakes who goes next, so no task waits.
func (x *attempt) waitForCanary(ctx context.Context) worker.Outcome {
	nudged, err := x.h.Journal.WaitForCanary(ctx, x.r, x.h.Now())
	if err != nil {
		return x.recordFailure(ctx, err)
	}
	if nudged {
		return worker.RequeueAt(taskFor(x.r), x.h.Now())
	}
	return worker.Completed()
}
