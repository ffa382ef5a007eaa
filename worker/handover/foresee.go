package handover

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/journal"
)

// Rehearsal foresees what would become of the delivery orders of one location if it failed now. It reads
// in the calm class, waits for the rate limit, and changes nothing. Units and capacity that it gives to
// one delivery order are not there for the next. It is not for several goroutines.
type Rehearsal struct {
	h        *Handover
	org      *worker.Organization
	location string

	demands map[string]*demand // by candidate id
	facts   policy.Facts       // of the delivery order foreseen last, as read
}

// Rehearse begins a rehearsal of one location.
func (h *Handover) Rehearse(org *worker.Organization, location string) *Rehearsal {
	calm := *org
	calm.Urgent = org.Calm
	return &Rehearsal{h: h, org: &calm, location: location, demands: map[string]*demand{}}
}

// Foresee says what would become of a delivery order: State is Reassigned, Holding (until a candidate has
// capacity), Left or NeedsPerson. Lines are those that would have to be shipped.
func (p *Rehearsal) Foresee(ctx context.Context, deliveryOrder string) (*journal.Reassignment, error) {
	r := &journal.Reassignment{Organization: p.org.ID, DeliveryOrder: deliveryOrder, Root: deliveryOrder, FromID: p.location}
	x := &run{h: p.h, org: p.org, r: r, rehearsal: p}
	for {
		v := x.foresee(ctx)
		switch v.kind {
		case goTo, onward:
			if r.State = journal.Reassigned; r.Decision.Wait || r.Decision.Suspects {
				r.State = journal.Holding
			}
		case takeBack:
			r.State, r.Reason = v.then, v.reason
		case person:
			r.State, r.Reason = journal.NeedsPerson, v.reason
		case leave:
			r.State, r.Reason = journal.Left, v.reason
		case failed:
			return nil, v.err
		default:
			if err := p.h.until(ctx, v.until); err != nil {
				return nil, fmt.Errorf("planning %s: %w", deliveryOrder, err)
			}
			continue
		}
		r.Lines = nil
		if x.view != nil {
			r.Lines = readLines(x.view)
		}
		if r.State != journal.Reassigned {
			r.To, r.ToID = "", ""
		}
		p.count(r)
		r.UpdatedAt = p.h.Now().UTC().Truncate(time.Millisecond)
		return r, nil
	}
}

// foresee takes the decision, and asks what is asked before the first mutation.
func (x *run) foresee(ctx context.Context) verdict {
	v := x.decide(ctx)
	if v.kind != goTo || v.step != stepPrepare {
		return v
	}
	view, stop := x.look(ctx)
	if stop != nil {
		return *stop
	}
	p, err := x.parent(ctx, view)
	if err != nil {
		return broken(err)
	}
	if v := x.mayPrepare(ctx, p, view); v != nil {
		return *v
	}
	return v
}

func (h *Handover) until(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(t.Sub(h.Now()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
