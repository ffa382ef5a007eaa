package handover

import (
	"context"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/journal"
)

// This file is the wait for a candidate that may have failed: it has an incident that settles, so an event says so and
// nothing confirmed it yet. It is waited for only if no other candidate is admitted, and one settle window at the most;
// then what its location reads decides. An event alone, which may be old news, so turns nothing into work for a person.

// suspectsLook is the distance between two looks at the incident of a candidate.
const suspectsLook = 10 * time.Second

// candidate is a location as the policy may look at it: as it was read, and as webhooks told. open are the open incidents,
// by location id.
func (x *run) candidate(ctx context.Context, l *happycolis.Location, open map[string]string) (policy.Candidate, error) {
	c := candidate(l, nil, x.r.Tried)
	place, _, err := x.h.Index.Place(ctx, x.org.ID, l.ID)
	if err != nil {
		return c, err
	}
	takesOrders(&c, place.Accept, platformNow(l.Read, x.h.Now()))
	how, err := x.suspicion(ctx, l.ID, open)
	if err != nil {
		return c, err
	}
	waited := false
	if how == settles {
		if waited, err = x.waitedForSuspects(ctx); err != nil {
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
		c.UnderIncident = l.Integration != nil && l.Integration.State == IntegrationError
	}
	return c, nil
}

// suspicion is what the incident of a location says of it.
type suspicion int

const (
	works       suspicion = iota // it has none
	settles                      // an event says that it failed; the second observation is to come
	unconfirmed                  // the second observation read something else than ERROR
	erred                        // an observation read ERROR
)

// suspicion tells how a location stands. An incident that cannot be read counts as confirmed.
func (x *run) suspicion(ctx context.Context, location string, open map[string]string) (suspicion, error) {
	id := open[location]
	if id == "" {
		return works, nil
	}
	inc, err := x.h.Journal.Incident(ctx, x.r.Organization, id)
	switch {
	case unreadable(err):
		return erred, nil
	case err != nil:
		return works, err
	case !inc.State.Open():
		return works, nil
	case inc.Confirmed():
		return erred, nil
	case inc.State == journal.Settling:
		return settles, nil
	}
	return unconfirmed, nil
}

// waitedForSuspects reports whether it was waited long enough for candidates that may have failed. Time in pause does
// not count.
func (x *run) waitedForSuspects(ctx context.Context) (bool, error) {
	if x.r.AwaitedAt.IsZero() {
		return x.h.Settings.Settle <= 0, nil
	}
	return x.past(ctx, x.r.AwaitedAt, x.h.Now(), x.h.Settings.Settle)
}

// awaitSuspects waits until it is clear whether candidates failed.
func (x *run) awaitSuspects(ctx context.Context, d policy.Decision) verdict {
	r := x.r
	names := d.Suspected()
	if r.State != journal.Holding {
		r.Note(x.h.Now(), "decided by rule \""+d.Rule+"\": waits until it is clear whether "+strings.Join(names, ", ")+" failed too")
	}
	x.beginToAwait()
	r.State, r.Begun = journal.Holding, r.ReleaseBegan() // what is released has had its turn
	r.To, r.ToID, r.ToType = "", "", ""
	return x.lookAtSuspects(ctx)
}

func (x *run) beginToAwait() {
	if x.r.AwaitedAt.IsZero() {
		x.r.AwaitedAt = x.h.Now().UTC().Truncate(time.Millisecond)
	}
}

// lookAtSuspects comes back for another look, at the end of the wait at the latest.
func (x *run) lookAtSuspects(ctx context.Context) verdict {
	end := x.r.AwaitedAt.Add(x.h.Settings.Settle)
	return x.comeBack(ctx, max(min(suspectsLook, end.Sub(x.h.Now())), time.Second))
}

// stillSuspected looks whether the candidates for which a delivery order waits may have failed yet. nil: it is clear, or
// was waited for long enough, and is decided anew.
func (x *run) stillSuspected(ctx context.Context, d policy.Decision) *verdict {
	give := func(v verdict) *verdict { return &v }
	waited, err := x.waitedForSuspects(ctx)
	if err != nil {
		return give(broken(err))
	}
	if waited || d.Revision != x.org.Policy().Revision() {
		return nil
	}
	open, err := x.h.Journal.Failing(ctx, x.r.Organization)
	if err != nil {
		return give(broken(err))
	}
	for _, name := range d.Suspected() {
		id, err := x.h.Index.PlaceID(ctx, x.r.Organization, name)
		if err != nil {
			return give(broken(err))
		}
		how, err := x.suspicion(ctx, id, open)
		if err != nil {
			return give(broken(err))
		}
		if how != settles {
			return nil
		}
	}
	return give(x.lookAtSuspects(ctx))
}

// awaitSuspect waits until it is clear whether the one location in question failed. nil: it is clear, or it was waited for
// long enough.
func (x *run) awaitSuspect(ctx context.Context, location string) *verdict {
	give := func(v verdict) *verdict { return &v }
	open, err := x.h.Journal.Failing(ctx, x.r.Organization)
	if err != nil {
		return give(broken(err))
	}
	how, err := x.suspicion(ctx, location, open)
	if err != nil {
		return give(broken(err))
	}
	waited, err := x.waitedForSuspects(ctx)
	if err != nil {
		return give(broken(err))
	}
	if waited || how != settles {
		return nil
	}
	x.beginToAwait()
	return give(x.lookAtSuspects(ctx))
}

// plannedSuspect reports whether the place that a delivery order was planned for is one that may have failed.
func (x *run) plannedSuspect(ctx context.Context, d policy.Decision, row *journal.Planned) (bool, error) {
	for _, name := range d.Suspected() {
		id, err := x.h.Index.PlaceID(ctx, x.r.Organization, name)
		if err != nil {
			return false, err
		}
		if id != "" && (id == row.ToID || slices.Contains(row.May, id)) {
			return true, nil
		}
	}
	return false, nil
}

// ReadLocation returns a location as read at most Fresh ago, and how many requests it took.
func (h *Handover) ReadLocation(ctx context.Context, org *worker.Organization, id string) (*happycolis.Location, int, error) {
	x := &run{h: h, org: org, r: &journal.Reassignment{Organization: org.ID, FromID: id}}
	loc, err := x.location(ctx, id, false)
	return loc, x.r.Requests, err
}
