package handover

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/journal"
)

// Forecast foresees what would become of the delivery orders of one location if it failed now. It reads
// in the calm class, waits for the rate limit, and changes nothing. Units and capacity that it gives to
// one delivery order are not there for the next. It is not for several goroutines.
type Forecast struct {
	h        *Handover
	org      *worker.Organization
	location string

	demands map[string]*demand // by candidate id
	facts   policy.Facts       // of the delivery order foreseen last, as read
}

// NewForecast begins a forecast of one location.
func (h *Handover) NewForecast(org *worker.Organization, location string) *Forecast {
	calm := *org
	calm.ForHandover = org.ForBackground
	return &Forecast{h: h, org: &calm, location: location, demands: map[string]*demand{}}
}

// PredictOrder says what would become of a delivery order: State is Reassigned, Holding (until a candidate has
// capacity), Left or NeedsPerson. Lines are those that would have to be shipped.
func (p *Forecast) PredictOrder(ctx context.Context, deliveryOrder string) (*journal.Reassignment, error) {
	r := &journal.Reassignment{Organization: p.org.ID, DeliveryOrder: deliveryOrder, Root: deliveryOrder, FromID: p.location}
	x := &attempt{h: p.h, org: p.org, r: r, forecast: p}
	for {
		v := x.predictOutcome(ctx)
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
			if err := p.h.sleepUntil(ctx, v.until); err != nil {
				return nil, fmt.Errorf("planning %s: %w", deliveryOrder, err)
			}
			continue
		}
		r.Lines = nil
		if x.view != nil {
			r.Lines = liveLinesOf(x.view)
		}
		if r.State != journal.Reassigned {
			r.To, r.ToID = "", ""
		}
		p.countOrder(r)
		r.UpdatedAt = p.h.Now().UTC().Truncate(time.Millisecond)
		return r, nil
	}
}

// predictOutcome takes the decision, and asks what is asked before the first mutation.
func (x *attempt) predictOutcome(ctx context.Context) verdict {
	v := x.runDecision(ctx)
	if v.kind != goTo || v.step != stepPrepare {
		return v
	}
	view, stop := x.readOriginal(ctx)
	if stop != nil {
		return *stop
	}
	p, err := x.loadParent(ctx, view)
	if err != nil {
		return broken(err)
	}
	if v := x.checkMayPrepare(ctx, p, view); v != nil {
		return *v
	}
	return v
}

func (h *Handover) sleepUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(t.Sub(h.Now()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
