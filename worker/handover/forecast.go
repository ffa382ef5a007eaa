package handover

import (
	"context"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover/orders"
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
		err := x.handleRequestError(x.predictOutcome(ctx))
		result, ok := outcomeOf(err)
		if !ok {
			return nil, err
		}
		switch o := result.(type) {
		case goToStep, nextStep:
			if r.State = journal.Reassigned; r.Decision.Wait || r.Decision.Suspects {
				r.State = journal.Holding
			}
		case compensate:
			r.State, r.Reason = o.then, o.reason
		case needsPerson:
			r.State, r.Reason = journal.NeedsPerson, journal.Reason(o)
		case left:
			r.State, r.Reason = journal.Left, journal.Reason(o)
		default:
			w, _ := result.(wait)
			if err := p.h.sleepUntil(ctx, w.until); err != nil {
				return nil, fmt.Errorf("planning %s: %w", deliveryOrder, err)
			}
			continue
		}
		r.Lines = nil
		if x.view != nil {
			r.Lines = orders.LiveLines(x.view)
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
func (x *attempt) predictOutcome(ctx context.Context) error {
	decided := x.runDecision(ctx)
	if to, ok := errors.AsType[goToStep](decided); !ok || to.name != stepPrepare {
		return decided
	}
	view, err := x.readOriginal(ctx)
	if err != nil {
		return err
	}
	p, err := x.loadParent(ctx, view)
	if err != nil {
		return err
	}
	if err := x.checkMayPrepare(ctx, p, view); err != nil {
		return err
	}
	return decided
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
