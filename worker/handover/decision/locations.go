package decision

import (
	"context"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// This file reads locations by the names that a policy has for them. A name is a slug or an id. A slug is what the
// platform says now: it may pass to another location, and what the index knows of it is only where to look first.

// ReadLocation returns a location by slug or id, at most Fresh ago; again reads it in any case. What is read is shared by all
// runs of the process, so that a drain reads each candidate once in Fresh and not once an order.
func (x *Reader) ReadLocation(ctx context.Context, name string, again bool) (*happycolis.Location, error) {
	key := x.org.ID + "\x00" + name
	if loc, known := x.locations.Get(x.Now(), key); known && !again && x.IsFresh(loc.SentAt) {
		return loc, nil
	}
	got, err, _ := x.reads.Do(key, func() (any, error) { return x.fetchLocation(ctx, name) })
	if err != nil {
		return nil, err
	}
	loc, _ := got.(*happycolis.Location)
	x.locations.Put(x.Now(), key, loc, Fresh)
	return loc, nil
}

// fetchLocation asks by id where the name is one, or where the index knows whose slug it is, as long as the location
// still bears it; else by slug, and then, for one that was never heard of, by id.
func (x *Reader) fetchLocation(ctx context.Context, name string) (*happycolis.Location, error) {
	id, err := x.resolveLocationID(ctx, name)
	if err != nil {
		return nil, err
	}
	if id != "" {
		loc, err := x.requestLocation(ctx, id, (*happycolis.Account).Location)
		if id == name || err == nil && loc.Slug == name || err != nil && happycolis.KindOf(err) != happycolis.KindNotFound {
			return loc, err
		}
		return x.requestLocation(ctx, name, (*happycolis.Account).LocationBySlug) // the slug is another's now, or nobody's
	}
	loc, err := x.requestLocation(ctx, name, (*happycolis.Account).LocationBySlug)
	switch happycolis.KindOf(err) {
	case happycolis.KindNotFound, happycolis.KindRefused, happycolis.KindInvalid, happycolis.KindUnclear, happycolis.KindServer:
		return x.requestLocation(ctx, name, (*happycolis.Account).Location)
	default:
		return loc, err
	}
}

// resolveLocationID is the id that a name is known to be or to belong to; "" if it was never heard of.
func (x *Reader) resolveLocationID(ctx context.Context, name string) (string, error) {
	if name == x.r.Identity.FromID || name == x.r.Decision.ToID {
		return name, nil
	}
	return x.Index.LocationID(ctx, x.org.ID, name)
}

// requestLocation asks the platform for one location, and lets the index know what it is called.
func (x *Reader) requestLocation(ctx context.Context, name string, ask func(*happycolis.Account, context.Context, string) (*happycolis.Location, error)) (*happycolis.Location, error) {
	account, err := x.AcquireToken(ctx, x.org.ForHandover)
	if err != nil {
		return nil, err
	}
	loc, err := ask(account, ctx, name)
	if err != nil {
		return nil, err
	}
	return loc, x.Index.PutLocation(ctx, x.org.ID, index.Location{ID: loc.ID, Slug: loc.Slug, Date: loc.Date})
}

// ReadLocationNow returns a location as read at most Fresh ago, and how many requests it took.
func (d *Decider) ReadLocationNow(ctx context.Context, org *worker.Organization, id string) (*happycolis.Location, int, error) {
	r := &journal.Reassignment{Identity: journal.Identity{Organization: org.ID, FromID: id}}
	loc, err := d.NewReader(org, r).ReadLocation(ctx, id, false)
	return loc, r.Admission.Requests, err
}
