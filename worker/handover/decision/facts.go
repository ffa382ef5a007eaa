package decision

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
)

// This file is the one place where the platform's words become the policy's facts.

// gatherFacts gathers what the policy may look at. A candidate that the platform does not know is absent. unread is why one
// could not be read, nil if all were.
func (x *Reader) gatherFacts(ctx context.Context, d *happycolis.DeliveryOrder) (f policy.Facts, unread, err error) {
	r := x.r
	if f, err = x.gatherOrderFacts(ctx, d); err != nil {
		return f, nil, err
	}
	failing, err := x.Journal.OpenIncidents(ctx, r.Identity.Organization)
	if err != nil {
		return f, nil, err
	}
	for _, name := range x.org.Policy().Needs(f) {
		loc, err := x.ReadLocation(ctx, name, false)
		switch kind := happycolis.KindOf(err); {
		case err == nil:
			c, err := x.buildCandidate(ctx, loc, failing)
			if err == nil {
				err = x.loadCandidateStock(ctx, &c, f.Lines.Value)
			}
			if err != nil {
				return f, nil, err
			}
			f.Candidates[name] = c
		case kind == happycolis.KindNotFound:
		case isCandidateUnreadable(kind):
			unread = err
			x.Log.WarnContext(ctx, "candidate cannot be read", "organization", r.Identity.Organization, "incident", r.Identity.Incident,
				"delivery_order", r.Identity.DeliveryOrder, "order_number", r.Identity.OrderNumber, "location", name, "error", err)
		default:
			return f, nil, err
		}
	}
	return f, unread, nil
}

// gatherOrderFacts are the facts of the delivery order itself.
func (x *Reader) gatherOrderFacts(ctx context.Context, d *happycolis.DeliveryOrder) (policy.Facts, error) {
	r := x.r
	f := policy.Facts{DeliveryOrder: r.Identity.DeliveryOrder, From: r.Identity.From, FromID: r.Identity.FromID, Candidates: map[string]policy.Candidate{}}
	moment := r.Decision.Moment
	if moment.IsZero() {
		var err error
		if moment, err = x.Journal.Now(ctx); err != nil {
			return f, err
		}
	}
	f.Moment = policy.Known(moment.UTC().Truncate(time.Millisecond))
	if r.Original.Priority != "" {
		f.Priority = policy.Known(r.Original.Priority)
	}
	if policy.IsCountry(r.Original.Country) { // one that does not exist tells nothing
		f.Country = policy.Known(r.Original.Country)
	}
	pickup, orderType := r.Original.Pickup, r.Original.OrderType
	if pickup == nil || orderType == "" {
		entry, known, err := x.Index.Get(ctx, r.Identity.Organization, d.ID)
		if err != nil {
			return f, err
		}
		if known {
			pickup, orderType = entry.Facts.Pickup, entry.Facts.OrderType
		}
	}
	if orderType != "" {
		f.OrderType = policy.Known(orderType)
	}
	f.Lines = policy.Known(linesToShip(r, d))
	if pickup != nil {
		f.PickupPoint = policy.Known(*pickup)
	}
	return f, nil
}

// linesToShip are what has to be shipped: as recorded for the replacement, before that as read.
func linesToShip(r *journal.Reassignment, d *happycolis.DeliveryOrder) []policy.Line {
	recorded := r.Replacement.Lines
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

// buildCandidate is a location as the policy may look at it: as it was read, and as webhooks told. open are the open incidents,
// by location id.
func (x *Reader) buildCandidate(ctx context.Context, l *happycolis.Location, open map[string]string) (policy.Candidate, error) {
	c := candidateFacts(l, nil, x.r.Decision.TriedLocations)
	place, _, err := x.Index.Location(ctx, x.org.ID, l.ID)
	if err != nil {
		return c, err
	}
	noteAcceptingOrders(&c, place.AcceptsFrom, PlatformNow(l.Read, x.Now()))
	how, err := x.assessLocation(ctx, l.ID, open)
	if err != nil {
		return c, err
	}
	waited := false
	if how == settles {
		if waited, err = x.HasWaitedForSuspects(ctx); err != nil {
			return c, err
		}
	}
	switch {
	case how == works:
	case how == erred:
		c.UnderIncident = true
	case how == settles && !waited:
		c.Suspected = true
	default: // its reading decides
		c.UnderIncident = l.Integration != nil && l.Integration.State == orders.IntegrationError
	}
	return c, nil
}

// loadCandidateStock completes what is known of a candidate with its stock and the handovers that began there.
func (x *Reader) loadCandidateStock(ctx context.Context, c *policy.Candidate, lines []policy.Line) error {
	q := ledger.Query{Location: c.ID, Owner: x.r.Identity.ID, At: x.Now(), Prepared: x.r.Replacement.ID != "" && c.ID == x.r.Decision.ToID}
	for sku := range unitsBySKU(lines) {
		q.SKUs = append(q.SKUs, sku)
	}
	shelf, err := x.Ledger.Availability(ctx, x.r.Identity.Organization, q)
	if err != nil {
		return err
	}
	c.Used = policy.Known(policy.Used{Hour: shelf.StartedHour, Day: shelf.StartedDay})
	c.Stock = map[string]policy.Stock{}
	for sku, f := range shelf.Stock {
		c.Stock[sku] = policy.Stock{Available: f.Available, Known: f.Known, Age: max(q.At.Sub(f.ToldAt), time.Second)}
	}
	return nil
}

func unitsBySKU(lines []policy.Line) map[string]int {
	units := map[string]int{}
	for _, l := range lines {
		if l.SKU != "" {
			units[l.SKU] += l.Quantity
		}
	}
	return units
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
	noteAcceptingOrders(&c, accepts, PlatformNow(to.Read, now))
	return policy.Fits(policy.Facts{From: from.Slug, FromID: from.ID}, c)
}

// noteAcceptingOrders notes whether a location takes orders by now, which only webhooks tell. The date is the platform's, and so
// is the clock that it is held against.
func noteAcceptingOrders(c *policy.Candidate, from, now time.Time) {
	if !from.IsZero() {
		c.Accepting, c.AcceptsFrom = policy.Known(!from.After(now)), from.UTC().Format(time.RFC3339)
	}
}

// FitTarget returns a location if the fences that hold for every rule admit it now, else nil.
func (x *Reader) FitTarget(ctx context.Context, id string) (*happycolis.Location, error) {
	loc, err := x.ReadLocation(ctx, id, false)
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	failing, err := x.Journal.OpenIncidents(ctx, x.r.Identity.Organization)
	if err != nil {
		return nil, err
	}
	c, err := x.buildCandidate(ctx, loc, failing)
	if err != nil {
		return nil, err
	}
	if !policy.Fits(policy.Facts{From: x.r.Identity.From, FromID: x.r.Identity.FromID}, c) {
		return nil, nil
	}
	return loc, nil
}

// RecheckFences returns what the rule that decided asks of its candidates and is known not to hold any more at the target;
// false where nothing is. The rule is asked as it was: where the policy was reloaded since, the decision stands.
func (x *Reader) RecheckFences(ctx context.Context, to *happycolis.Location, view *happycolis.DeliveryOrder) (policy.Check, bool, error) {
	d, rules := x.r.Decision.Policy, x.org.Policy()
	if d == nil || d.Revision != rules.Revision() {
		return policy.Check{}, false, nil
	}
	f, err := x.gatherOrderFacts(ctx, view)
	if err != nil {
		return policy.Check{}, false, err
	}
	c := candidateFacts(to, nil, nil)
	if err := x.loadCandidateStock(ctx, &c, f.Lines.Value); err != nil {
		return policy.Check{}, false, err
	}
	check, refuses := rules.Refuses(d.Rule, f, c)
	return check, refuses, nil
}
