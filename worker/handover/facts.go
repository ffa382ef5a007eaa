package handover

import (
	"context"
	"slices"
	"sync"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// This file is the one place where the platform's words become the policy's facts.

// facts gathers what the policy may look at. A candidate that the platform does not know is absent.
func (x *run) facts(ctx context.Context, d *happycolis.DeliveryOrder) (policy.Facts, *verdict) {
	r := x.r
	f, err := x.orderFacts(ctx, d)
	if err != nil {
		v := broken(err)
		return f, &v
	}
	failing, err := x.h.Journal.Failing(ctx, r.Organization)
	if err != nil {
		v := broken(err)
		return f, &v
	}
	for _, name := range x.org.Policy().Needs(f) {
		loc, err := x.location(ctx, name, false)
		switch kind := happycolis.KindOf(err); {
		case err == nil:
			c := candidate(loc, failing, r.Tried)
			if err := x.stocked(ctx, &c, f.Lines.Value); err != nil {
				v := broken(err)
				return f, &v
			}
			f.Candidates[name] = c
		case kind == happycolis.KindNotFound:
		case unreadableOnly(kind):
			x.unread = err
			x.h.Log.WarnContext(ctx, "candidate cannot be read", "organization", r.Organization, "incident", r.Incident,
				"delivery_order", r.DeliveryOrder, "location", name, "error", err)
		default:
			v := x.stumble(err)
			return f, &v
		}
	}
	return f, nil
}

// orderFacts are the facts of the delivery order itself.
func (x *run) orderFacts(ctx context.Context, d *happycolis.DeliveryOrder) (policy.Facts, error) {
	r := x.r
	f := policy.Facts{DeliveryOrder: r.DeliveryOrder, From: r.From, FromID: r.FromID, Candidates: map[string]policy.Candidate{}}
	if r.Priority != "" {
		f.Priority = policy.Known(r.Priority)
	}
	if r.Country != "" {
		f.Country = policy.Known(r.Country)
	}
	if r.Pickup == nil || r.OrderType == "" {
		entry, known, err := x.h.Index.Get(ctx, r.Organization, d.ID)
		if err != nil {
			return f, err
		}
		if known {
			r.Pickup, r.OrderType = entry.Told.Pickup, entry.Told.OrderType
		}
	}
	if r.OrderType != "" {
		f.OrderType = policy.Known(r.OrderType)
	}
	f.Lines = policy.Known(lines(r, d))
	if r.Pickup != nil {
		f.PickupPoint = policy.Known(*r.Pickup)
	}
	return f, nil
}

// lines are what has to be shipped: as recorded for the replacement, before that as read.
func lines(r *journal.Reassignment, d *happycolis.DeliveryOrder) []policy.Line {
	recorded := r.Lines
	if len(recorded) == 0 {
		recorded = readLines(d)
	}
	all := make([]policy.Line, len(recorded))
	for i, l := range recorded {
		all[i] = policy.Line{SKU: l.SKU, Quantity: l.Quantity}
	}
	return all
}

// unreadableOnly reports whether the failure may be of this one candidate: the others are asked all the
// same, and only where none of them is admitted the failure counts.
func unreadableOnly(kind happycolis.Kind) bool {
	switch kind {
	case happycolis.KindRefused, happycolis.KindInvalid, happycolis.KindForbidden, happycolis.KindServer, happycolis.KindResponse, happycolis.KindTransport:
		return true
	case happycolis.KindNotFound, happycolis.KindWaiting, happycolis.KindLimiter, happycolis.KindWithheld, happycolis.KindThrottled, happycolis.KindUnauthorized:
	}
	return false
}

func candidate(l *happycolis.Location, failing map[string]string, tried []string) policy.Candidate {
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

// Fits reports whether the fences that hold for every rule admit a location, as it was read, for what comes from
// another. failing are the open incidents, by location id.
func Fits(from, to *happycolis.Location, failing map[string]string) bool {
	return policy.Fits(policy.Facts{From: from.Slug, FromID: from.ID}, candidate(to, failing, nil))
}

// fit returns a location if the fences that hold for every rule admit it now, else nil.
func (x *run) fit(ctx context.Context, id string) (*happycolis.Location, *verdict) {
	loc, err := x.location(ctx, id, false)
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		return nil, nil
	}
	if err != nil {
		v := x.stumble(err)
		return nil, &v
	}
	failing, err := x.h.Journal.Failing(ctx, x.r.Organization)
	if err != nil {
		v := broken(err)
		return nil, &v
	}
	if !policy.Fits(policy.Facts{From: x.r.From, FromID: x.r.FromID}, candidate(loc, failing, x.r.Tried)) {
		return nil, nil
	}
	return loc, nil
}

// places are the locations read last. They are shared by all runs of the process, so that a drain reads
// each candidate once in Fresh and not once an order.
type places struct {
	mu   sync.Mutex
	read map[string]*happycolis.Location
	ids  map[string]string // organization and name as written > id
}

// location reads a location by slug or id, at most Fresh ago; again reads it in any case.
func (x *run) location(ctx context.Context, name string, again bool) (*happycolis.Location, error) {
	key := x.org.ID + "\x00" + name
	p := &x.h.places
	p.mu.Lock()
	loc := p.read[key]
	id := p.ids[key]
	p.mu.Unlock()
	if loc != nil && !again && x.fresh(loc.Asked) {
		return loc, nil
	}
	got, err, _ := x.h.reads.Do(key, func() (any, error) { return x.readLocation(ctx, name, id) })
	if err != nil {
		return nil, err
	}
	loc, _ = got.(*happycolis.Location)
	if err := x.h.Index.PutPlace(ctx, x.org.ID, index.Place{ID: loc.ID, Slug: loc.Slug}); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read == nil {
		p.read, p.ids = map[string]*happycolis.Location{}, map[string]string{}
	}
	p.read[key], p.ids[key] = loc, loc.ID
	return loc, nil
}

// readLocation asks by id where the name is known to be one or was resolved before, else by slug first:
// a policy is usually written with slugs.
func (x *run) readLocation(ctx context.Context, name, id string) (*happycolis.Location, error) {
	if id == "" && (name == x.r.FromID || name == x.r.ToID) {
		id = name
	}
	if id == "" {
		var err error
		if id, err = x.h.Index.PlaceID(ctx, x.org.ID, name); err != nil {
			return nil, err
		}
	}
	account, err := x.granted(ctx, x.org.Urgent)
	if err != nil {
		return nil, err
	}
	if id != "" {
		return account.Location(ctx, id)
	}
	loc, err := account.LocationBySlug(ctx, name)
	if kind := happycolis.KindOf(err); kind != happycolis.KindNotFound && kind != happycolis.KindRefused && kind != happycolis.KindInvalid && kind != happycolis.KindServer {
		return loc, err
	}
	if account, err = x.granted(ctx, x.org.Urgent); err != nil {
		return nil, err
	}
	return account.Location(ctx, name)
}
