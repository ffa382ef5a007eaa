package handover

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/journal"
)

// Foresee says what would become of a delivery order if its location failed now: State is Reassigned, Left
// or NeedsPerson. It reads in the calm class, waits for the rate limit, and changes nothing.
func (h *Handover) Foresee(ctx context.Context, org *worker.Organization, location, deliveryOrder string) (*journal.Reassignment, error) {
	calm := *org
	calm.Urgent = org.Calm
	r := &journal.Reassignment{Organization: org.ID, DeliveryOrder: deliveryOrder, Root: deliveryOrder, FromID: location}
	x := &run{h: h, org: &calm, r: r, rehearsal: true}
	for {
		v := x.foresee(ctx)
		switch v.kind {
		case goTo, onward:
			r.State = journal.Reassigned
		case takeBack:
			r.State, r.Reason = v.then, v.reason
		case person:
			r.State, r.Reason = journal.NeedsPerson, v.reason
		case leave:
			r.State, r.Reason = journal.Left, v.reason
		case failed:
			return nil, v.err
		default:
			if err := h.until(ctx, v.until); err != nil {
				return nil, fmt.Errorf("planning %s: %w", deliveryOrder, err)
			}
			continue
		}
		if r.State != journal.Reassigned {
			r.To, r.ToID = "", ""
		}
		r.UpdatedAt = h.Now().UTC().Truncate(time.Millisecond)
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
