package handover

import (
	"context"
	"errors"
	"sync"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/journal"
)

// proven remembers the incidents whose canary is over: one of their replacements was sent.
type proven struct {
	mu        sync.Mutex
	incidents map[string]bool
}

func (p *proven) has(incident string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.incidents[incident]
}

// provenMost bounds what is remembered; beyond it, it is asked anew.
const provenMost = 1000

func (p *proven) add(incident string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.incidents == nil || len(p.incidents) >= provenMost {
		p.incidents = map[string]bool{}
	}
	p.incidents[incident] = true
}

// place takes a place of the canary before the first request is spent on a delivery order that may need
// one. nil: it has one, or needs none. That what is prepared has a place is made sure once more, with the
// intent.
func (x *run) place(ctx context.Context) *verdict {
	r := x.r
	if r.Status == statusDraft || x.h.Journal.CanarySize() == 0 || x.h.proven.has(r.Incident) {
		return nil
	}
	err := x.h.Journal.Place(ctx, r, x.h.Now())
	switch {
	case errors.Is(err, journal.ErrCanary):
		return &verdict{kind: queue}
	case err != nil:
		v := broken(err)
		return &v
	}
	c, err := x.h.Journal.Canaries(ctx, r.Organization, r.Incident)
	if err != nil {
		v := broken(err)
		return &v
	}
	if c.Proven {
		x.h.proven.add(r.Incident)
	}
	return nil
}

// queue waits for a place of the canary. The scan of the leases wakes who goes next, so no task waits.
func (x *run) queue(ctx context.Context) worker.Outcome {
	nudged, err := x.h.Journal.Queue(ctx, x.r, x.h.Now())
	if err != nil {
		return x.fail(ctx, err)
	}
	if nudged {
		return worker.Hold(message(x.r), x.h.Now())
	}
	return worker.Finished()
}
