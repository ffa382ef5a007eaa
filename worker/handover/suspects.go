package handover

import (
	"context"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// This file is the wait for a candidate that may have failed: it has an incident that settles, so an event says so and
// nothing confirmed it yet. It is waited for only if no other candidate is admitted, and one settle window at the most;
// then what its location reads decides. An event alone, which may be old news, so turns nothing into work for an operator.

// suspectRecheckGap is the distance between two looks at the incident of a candidate.
const suspectRecheckGap = 10 * time.Second

// buildCandidate is a location as the policy may look at it: as it was read, and as webhooks told. open are the open incidents,
// by location id.
func (x *attempt) buildCandidate(ctx context.Context, l *happycolis.Location, open map[string]string) (policy.Candidate, error) {
	c := candidateFacts(l, nil, x.r.TriedLocations)
	place, _, err := x.h.Index.Location(ctx, x.org.ID, l.ID)
	if err != nil {
		return c, err
	}
	noteAcceptingOrders(&c, place.AcceptsFrom, platformNow(l.Read, x.h.Now()))
	how, err := x.assessLocation(ctx, l.ID, open)
	if err != nil {
		return c, err
	}
	waited := false
	if how == settles {
		if waited, err = x.hasWaitedForSuspects(ctx); err != nil {
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

// suspicion is what the incident of a location says of it.
type suspicion int

const (
	works       suspicion = iota // it has none
	settles                      // an event says that it failed; the second observation is to come
	unconfirmed                  // the second observation read something else than ERROR
	erred                        // an observation read ERROR
)

// assessLocation tells how a location stands. An incident that cannot be read counts as confirmed.
func (x *attempt) assessLocation(ctx context.Context, location string, open map[string]string) (suspicion, error) {
	id := open[location]
	if id == "" {
		return works, nil
	}
	inc, err := x.h.Journal.Incident(ctx, x.r.Organization, id)
	switch {
	case isUnreadable(err):
		return erred, nil
	case err != nil:
		return works, err
	case !inc.State.IsOpen():
		return works, nil
	case inc.Confirmed():
		return erred, nil
	case inc.State == journal.Settling:
		return settles, nil
	}
	return unconfirmed, nil
}

// hasWaitedForSuspects reports whether it was waited long enough for candidates that may have failed. Time in pause does
// not count.
func (x *attempt) hasWaitedForSuspects(ctx context.Context) (bool, error) {
	if x.r.AwaitedAt.IsZero() {
		return x.h.Settings.Settle <= 0, nil
	}
	return x.hasElapsed(ctx, x.r.AwaitedAt, x.h.Now(), x.h.Settings.Settle)
}

// awaitSuspects waits until it is clear whether candidates failed.
func (x *attempt) awaitSuspects(ctx context.Context, d policy.Decision) error {
	r := x.r
	names := d.Suspected()
	if r.State != journal.Holding {
		r.Note(x.h.Now(), "decided by rule \""+d.Rule+"\": waits until it is clear whether "+strings.Join(names, ", ")+" failed too")
	}
	x.startSuspectWait()
	r.State, r.Admitted = journal.Holding, r.ReleaseBegan() // what is released has had its turn
	r.To, r.ToID, r.ToType = "", "", ""
	return x.recheckSuspectsLater(ctx)
}

func (x *attempt) startSuspectWait() {
	if x.r.AwaitedAt.IsZero() {
		x.r.AwaitedAt = x.h.Now().UTC().Truncate(time.Millisecond)
	}
}

// recheckSuspectsLater comes back for another look, at the end of the wait at the latest.
func (x *attempt) recheckSuspectsLater(ctx context.Context) error {
	end := x.r.AwaitedAt.Add(x.h.Settings.Settle)
	return x.recheckCapacityAt(ctx, max(min(suspectRecheckGap, end.Sub(x.h.Now())), time.Second))
}

// recheckSuspects looks whether the candidates for which a delivery order waits may have failed yet. nil: it is clear, or
// was waited for long enough, and is decided anew.
func (x *attempt) recheckSuspects(ctx context.Context, d policy.Decision) error {
	waited, err := x.hasWaitedForSuspects(ctx)
	if err != nil {
		return err
	}
	if waited || d.Revision != x.org.Policy().Revision() {
		return nil
	}
	open, err := x.h.Journal.OpenIncidents(ctx, x.r.Organization)
	if err != nil {
		return err
	}
	for _, name := range d.Suspected() {
		id, err := x.h.Index.LocationID(ctx, x.r.Organization, name)
		if err != nil {
			return err
		}
		how, err := x.assessLocation(ctx, id, open)
		if err != nil {
			return err
		}
		if how != settles {
			return nil
		}
	}
	return x.recheckSuspectsLater(ctx)
}

// awaitSuspect waits until it is clear whether the one location in question failed. nil: it is clear, or it was waited for
// long enough.
func (x *attempt) awaitSuspect(ctx context.Context, location string) error {
	open, err := x.h.Journal.OpenIncidents(ctx, x.r.Organization)
	if err != nil {
		return err
	}
	how, err := x.assessLocation(ctx, location, open)
	if err != nil {
		return err
	}
	waited, err := x.hasWaitedForSuspects(ctx)
	if err != nil {
		return err
	}
	if waited || how != settles {
		return nil
	}
	x.startSuspectWait()
	return x.recheckSuspectsLater(ctx)
}

// isPlannedSuspect reports whether the place that a delivery order was planned for is one that may have failed.
func (x *attempt) isPlannedSuspect(ctx context.Context, d policy.Decision, row *journal.PlanRow) (bool, error) {
	for _, name := range d.Suspected() {
		id, err := x.h.Index.LocationID(ctx, x.r.Organization, name)
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
	x := &attempt{h: h, org: org, r: &journal.Reassignment{Organization: org.ID, FromID: id}}
	loc, err := x.getLocation(ctx, id, false)
	return loc, x.r.Requests, err
}
