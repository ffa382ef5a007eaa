package handover

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// This file is the one place where the platform's words become the policy's facts.

// gatherFacts gathers what the policy may look at. A candidate that the platform does not know is absent.
func (x *attempt) gatherFacts(ctx context.Context, d *happycolis.DeliveryOrder) (policy.Facts, error) {
	r := x.r
	f, err := x.gatherOrderFacts(ctx, d)
	if err != nil {
		return f, err
	}
	failing, err := x.h.Journal.OpenIncidents(ctx, r.Organization)
	if err != nil {
		return f, err
	}
	for _, name := range x.org.Policy().Needs(f) {
		loc, err := x.getLocation(ctx, name, false)
		switch kind := happycolis.KindOf(err); {
		case err == nil:
			c, err := x.buildCandidate(ctx, loc, failing)
			if err == nil {
				err = x.loadCandidateStock(ctx, &c, f.Lines.Value)
			}
			if err != nil {
				return f, err
			}
			f.Candidates[name] = c
		case kind == happycolis.KindNotFound:
		case isCandidateUnreadable(kind):
			x.unread = err
			x.h.Log.WarnContext(ctx, "candidate cannot be read", "organization", r.Organization, "incident", r.Incident,
				"delivery_order", r.DeliveryOrder, "location", name, "error", err)
		default:
			return f, err
		}
	}
	return f, nil
}

// gatherOrderFacts are the facts of the delivery order itself.
func (x *attempt) gatherOrderFacts(ctx context.Context, d *happycolis.DeliveryOrder) (policy.Facts, error) {
	r := x.r
	f := policy.Facts{DeliveryOrder: r.DeliveryOrder, From: r.From, FromID: r.FromID, Candidates: map[string]policy.Candidate{}}
	if r.Priority != "" {
		f.Priority = policy.Known(r.Priority)
	}
	if policy.IsCountry(r.Country) { // one that does not exist tells nothing
		f.Country = policy.Known(r.Country)
	}
	if r.Pickup == nil || r.OrderType == "" {
		entry, known, err := x.h.Index.Get(ctx, r.Organization, d.ID)
		if err != nil {
			return f, err
		}
		if known {
			r.Pickup, r.OrderType = entry.Facts.Pickup, entry.Facts.OrderType
		}
	}
	if r.OrderType != "" {
		f.OrderType = policy.Known(r.OrderType)
	}
	f.Lines = policy.Known(linesToShip(r, d))
	if r.Pickup != nil {
		f.PickupPoint = policy.Known(*r.Pickup)
	}
	return f, nil
}

// linesToShip are what has to be shipped: as recorded for the replacement, before that as read.
func linesToShip(r *journal.Reassignment, d *happycolis.DeliveryOrder) []policy.Line {
	recorded := r.Lines
	if len(recorded) == 0 {
		recorded = orders.LiveLines(d)
	}
	all := make([]policy.Line, len(recorded))
	for i, l := range recorded {
		all[i] = policy.Line{SKU: l.SKU, Quantity: l.Quantity}
	}
	return all
}

// isCandidateUnreadable reports whether the failure may be of this one candidate: the others are asked all the
// same, and only where none of them is admitted the failure counts.
func isCandidateUnreadable(kind happycolis.Kind) bool {
	switch kind {
	case happycolis.KindRefused, happycolis.KindInvalid, happycolis.KindForbidden, happycolis.KindServer, happycolis.KindResponse, happycolis.KindTransport,
		happycolis.KindUnclear:
		return true
	case happycolis.KindNotFound, happycolis.KindWaiting, happycolis.KindLimiter, happycolis.KindWithheld, happycolis.KindThrottled, happycolis.KindUnauthorized:
	}
	return false
}

func candidateFacts(l *happycolis.Location, failing map[string]string, tried []string) policy.Candidate {
	integration := ""
	if l.Integration != nil {
		integration = l.Integration.State
	}
	return policy.Candidate{
		ID: l.ID, Slug: l.Slug,
		Active:           policy.Known(l.Active),
		Type:             policy.Known(l.Type),
		Integration:      policy.Known(integration),
		UnderIncident:    failing[l.ID] != "",
		Tried:            slices.Contains(tried, l.ID),
		AllowedCountries: l.AllowedCountries, ExcludedCountries: l.ExcludedCountries,
	}
}

// PassesFences reports whether the fences that hold for every rule admit a location, as it was read, for what comes from
// another. failing are the open incidents, by location id; accepts is since when it takes orders, zero where nobody told.
func PassesFences(from, to *happycolis.Location, failing map[string]string, accepts, now time.Time) bool {
	c := candidateFacts(to, failing, nil)
	noteAcceptingOrders(&c, accepts, platformNow(to.Read, now))
	return policy.Fits(policy.Facts{From: from.Slug, FromID: from.ID}, c)
}

// noteAcceptingOrders notes whether a location takes orders by now, which only webhooks tell. The date is the platform's, and so
// is the clock that it is held against.
func noteAcceptingOrders(c *policy.Candidate, from, now time.Time) {
	if !from.IsZero() {
		c.Accepting, c.AcceptsFrom = policy.Known(!from.After(now)), from.UTC().Format(time.RFC3339)
	}
}

// checkTarget returns a location if the fences that hold for every rule admit it now, else nil.
func (x *attempt) checkTarget(ctx context.Context, id string) (*happycolis.Location, error) {
	loc, err := x.getLocation(ctx, id, false)
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	failing, err := x.h.Journal.OpenIncidents(ctx, x.r.Organization)
	if err != nil {
		return nil, err
	}
	c, err := x.buildCandidate(ctx, loc, failing)
	if err != nil {
		return nil, err
	}
	if !policy.Fits(policy.Facts{From: x.r.From, FromID: x.r.FromID}, c) {
		return nil, nil
	}
	return loc, nil
}
