package plan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// prediction says what would become of the delivery orders of one location if it failed now. It reads in the background
// class and waits for the rate limit. Units and capacity that it gives to one delivery order are not there for the next. It
// is not for several goroutines.
type prediction struct {
	decider  *decision.Decider
	org      *worker.Organization
	location string
	demand   *demand
	moment   time.Time // as of which all are decided on
}

// outcome is what would become of one delivery order.
type outcome struct {
	*journal.Reassignment // its record as it would end: Reassigned, Holding, Left or NeedsPerson; Lines have to be shipped

	awaits   []string // of Holding: the ids of the candidates that it waits for
	requests int      // to the platform that it takes
}

// mayReturn reports whether the platform may send the delivery order to its location again once it is released.
func (o outcome) mayReturn() bool {
	return (o.State == journal.Reassigned || o.State == journal.Holding) && o.Original.Dispatch == orders.DispatchAutomatic && o.Original.Status != orders.StatusDraft
}

func (p *Planner) newPrediction(org *worker.Organization, location string) *prediction {
	background := *org
	background.ForHandover = org.ForBackground
	return &prediction{decider: p.Decider, org: &background, location: location, demand: newDemand(p.Decider.Ledger)}
}

const (
	maxFailures = 1               // failed requests that are repeated: somebody waits for the answer
	retryDelay  = 2 * time.Second // after one of them
)

// predictOrder decides on a delivery order, and asks what is asked before its replacement is created.
func (f *prediction) predictOrder(ctx context.Context, deliveryOrder string) (outcome, error) {
	r := &journal.Reassignment{Identity: journal.Identity{Organization: f.org.ID, DeliveryOrder: deliveryOrder, Root: deliveryOrder, FromID: f.location}}
	if f.moment.IsZero() {
		var err error
		if f.moment, err = f.decider.Journal.Now(ctx); err != nil {
			return outcome{}, err
		}
	}
	r.Decision.Moment = f.moment.Truncate(time.Millisecond)
	one := &order{reader: f.decider.NewReader(f.org, r), r: r, account: f.org.ForHandover}
	one.reader.Ledger = f.demand
	for {
		d, err := one.decide(ctx)
		if e, is := errors.AsType[*happycolis.Error](err); is && e.Kind == happycolis.KindForbidden && e.Code != "" {
			d, err = decision.Refuse(journal.NeedsPerson, journal.Forbidden), nil
		}
		if err == nil {
			return f.recordDecision(one, d), nil
		}
		again, err := one.retryTime(err)
		if err != nil {
			return outcome{}, err
		}
		if err := f.decider.SleepUntil(ctx, again); err != nil {
			return outcome{}, fmt.Errorf("planning %s: %w", deliveryOrder, err)
		}
	}
}

// recordDecision notes the decision on the record, and what it takes at its target.
func (f *prediction) recordDecision(one *order, d decision.Decision) outcome {
	r := one.r
	r.State, r.Reason, r.Decision.Policy, r.Decision.To, r.Decision.ToID = d.State, d.Reason, d.Policy, d.Target.Slug, d.Target.ID
	r.UpdatedAt = f.decider.Now().UTC().Truncate(time.Millisecond)
	if r.Replacement.Lines = nil; one.view != nil {
		r.Replacement.Lines = orders.LiveLines(one.view)
	}
	f.demand.countOrder(d, r.Replacement.Lines)
	return outcome{Reassignment: r, awaits: d.AwaitedCandidates(), requests: d.Requests}
}

// order is one delivery order while it is decided on.
type order struct {
	reader   *decision.Reader
	r        *journal.Reassignment
	account  *happycolis.Account
	view     *happycolis.DeliveryOrder // as read last
	failures int                       // of requests
}

func (o *order) decide(ctx context.Context) (decision.Decision, error) {
	if o.view == nil || !o.reader.IsFresh(o.view.SentAt) {
		view, err := o.reader.ReadOriginal(ctx, o.account)
		if happycolis.KindOf(err) == happycolis.KindNotFound { // one look is enough, since nothing is done on the strength of it
			o.view = nil
			return decision.Refuse(journal.Left, journal.Gone), nil
		}
		if err != nil {
			return decision.Decision{}, err
		}
		o.view = view
	}
	decision.TakeSnapshot(o.r, o.view)
	d, err := o.reader.Decide(ctx, o.view, nil)
	if err != nil {
		return decision.Decision{}, err
	}
	o.r.Replacement.UnprovenDraftID = d.Draft
	if d.State != journal.Reassigned && d.State != journal.Holding || o.view.Status == orders.StatusDraft {
		return d, nil
	}
	p, err := o.reader.LoadParent(ctx, o.view)
	if err != nil {
		return decision.Decision{}, err
	}
	lines, reason := p.CheckReplacement(o.r, o.view)
	if reason == "" {
		return d, nil
	}
	if o.r.Replacement.Lines = lines; reason == journal.OverAllocated {
		o.r.Replacement.UnprovenDraftID = p.MatchingDraft(o.r)
	}
	refused := decision.Refuse(journal.NeedsPerson, reason)
	refused.Policy, refused.Facts = d.Policy, d.Facts
	return refused, nil
}

// retryTime returns when to try again after an error, or the error where nobody should wait for it.
func (o *order) retryTime(err error) (time.Time, error) {
	var e *happycolis.Error
	if !errors.As(err, &e) || e.Kind == happycolis.KindLimiter || e.Kind == happycolis.KindUnauthorized {
		return time.Time{}, err
	}
	if at, denied := o.reader.RetryTime(e); denied {
		return at, nil
	}
	if o.failures++; o.failures > maxFailures {
		return time.Time{}, err
	}
	return o.reader.Now().Add(max(retryDelay, e.RetryAfter)), nil
}
