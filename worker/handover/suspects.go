package handover

import (
	"context"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// This file is the wait for a candidate that may have failed: it has an incident that settles, so an event says so and
// nothing confirmed it yet. It is waited for only if no other candidate is admitted, and one settle window at the most;
// then what its location reads decides. An event alone, which may be old news, so turns nothing into work for an operator.

// suspectRecheckGap is the distance between two looks at the incident of a candidate.
const suspectRecheckGap = 10 * time.Second

// awaitSuspects waits until it is clear whether candidates failed.
func (x *attempt) awaitSuspects(ctx context.Context, d policy.Decision) error {
	r := x.r
	names := d.Suspected()
	if r.State != journal.Holding {
		r.Note(x.h.Now(), "decided by rule \""+d.Rule+"\": waits until it is clear whether "+strings.Join(names, ", ")+" failed too")
	}
	x.startSuspectWait()
	r.State, r.Admission.Admitted = journal.Holding, r.ReleaseBegan() // what is released has had its turn
	r.Decision.To, r.Decision.ToID, r.Decision.ToType = "", "", ""
	return x.recheckSuspectsLater(ctx)
}

func (x *attempt) startSuspectWait() {
	if x.r.Wait.CandidateSince.IsZero() {
		x.r.Wait.CandidateSince = x.h.Now().UTC().Truncate(time.Millisecond)
	}
}

// recheckSuspectsLater comes back for another look, at the end of the wait at the latest.
func (x *attempt) recheckSuspectsLater(ctx context.Context) error {
	end := x.r.Wait.CandidateSince.Add(x.h.Settings.Settle)
	return waitingFor(api.WaitSettle, x.r.Wait.CandidateSince, x.h.Settings.Settle,
		x.recheckCapacityAt(ctx, max(min(suspectRecheckGap, end.Sub(x.h.Now())), time.Second)))
}

// recheckSuspects looks whether the candidates for which a delivery order waits may have failed yet. nil: it is clear, or
// was waited for long enough, and is decided anew.
func (x *attempt) recheckSuspects(ctx context.Context, d policy.Decision) error {
	waited, err := x.reader.HasWaitedForSuspects(ctx)
	if err != nil || waited || d.Revision != x.org.Policy().Revision() {
		return err
	}
	open, err := x.h.Journal.OpenIncidents(ctx, x.r.Identity.Organization)
	if err != nil {
		return err
	}
	for _, name := range d.Suspected() {
		id, err := x.h.Index.LocationID(ctx, x.r.Identity.Organization, name)
		if err != nil {
			return err
		}
		if suspect, err := x.reader.IsSuspect(ctx, id, open); err != nil || !suspect {
			return err
		}
	}
	return x.recheckSuspectsLater(ctx)
}

// awaitSuspect waits until it is clear whether the one location in question failed. nil: it is clear, or it was waited for
// long enough.
func (x *attempt) awaitSuspect(ctx context.Context, location string) error {
	open, err := x.h.Journal.OpenIncidents(ctx, x.r.Identity.Organization)
	if err != nil {
		return err
	}
	if suspect, err := x.reader.IsSuspect(ctx, location, open); err != nil || !suspect {
		return err
	}
	if waited, err := x.reader.HasWaitedForSuspects(ctx); err != nil || waited {
		return err
	}
	x.startSuspectWait()
	return x.recheckSuspectsLater(ctx)
}

// isPlannedSuspect reports whether the place that a delivery order was planned for is one that may have failed.
func (x *attempt) isPlannedSuspect(ctx context.Context, d policy.Decision, row *journal.PlanRow) (bool, error) {
	for _, name := range d.Suspected() {
		id, err := x.h.Index.LocationID(ctx, x.r.Identity.Organization, name)
		if err != nil {
			return false, err
		}
		if id != "" && (id == row.ToID || slices.Contains(row.May, id)) {
			return true, nil
		}
	}
	return false, nil
}
