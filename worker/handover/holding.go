package handover

import (
	"context"
	"strings"
	"time"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/journal"
)

// This file is the wait of a delivery order for which every candidate is full. It asks the ledger, not the
// platform, until there is room, and those who wait do not come back all at once.

// How long a delivery order waits for capacity.
const (
	holdingMost = 24 * time.Hour         // in all, pauses left out; then an operator is told
	holdingLook = 5 * time.Minute        // between two looks at the ledger: a place may be given back, the policy reloaded
	holdingRead = 30 * time.Minute       // between two decisions on fresh reads: another candidate may have become fit
	holdingGap  = 250 * time.Millisecond // between two that wait
)

// waitForCapacity waits until one of the full candidates has room again.
func (x *attempt) waitForCapacity(ctx context.Context, d policy.Decision) error {
	r, now := x.r, x.h.Now()
	if err := x.h.Ledger.Release(ctx, r.Identity.Organization, r.Identity.ID); err != nil {
		return err
	}
	first := r.Wait.StartedAt.IsZero()
	if first {
		r.Wait.StartedAt = now
		r.Note(now, "decided by rule \""+d.Rule+"\": waits for capacity of "+strings.Join(d.Full(), ", "))
	}
	r.State, r.Admission.Admitted, r.Wait.PollAt = journal.Holding, false, now.Add(holdingRead)
	r.Decision.To, r.Decision.ToID, r.Decision.ToType = "", "", ""
	if first {
		x.h.logState(ctx, r)
	}
	if late, err := x.deadlineExceeded(ctx, now, holdingMost); err != nil {
		return err
	} else if late {
		return compensate{journal.NeedsPerson, decision.NoCandidateReason(x.r, d)}
	}
	frees, err := x.nextFreeSlot(ctx, d)
	if err != nil {
		return err
	}
	return x.waitForRoom(x.recheckCapacityAt(ctx, frees))
}

// waitForRoom says of an outcome that waits that it does so for capacity.
func (x *attempt) waitForRoom(err error) error {
	return waitingFor(api.WaitCapacity, x.r.Wait.StartedAt, holdingMost, err)
}

// checkHold looks whether a delivery order that waits has to wait on. nil: it does not, and is decided anew.
func (x *attempt) checkHold(ctx context.Context) error {
	r, now := x.r, x.h.Now()
	if !r.ReleaseBegan() {
		inc, err := x.loadIncident(ctx)
		if err != nil {
			return err
		}
		if !inc.MayBegin() {
			return x.handleIntentRefused(ctx, journal.ErrHeld)
		}
	}
	paused, err := x.h.Journal.IsPaused(ctx, r.Identity.Organization, r.Identity.FromID)
	if err != nil {
		return err
	}
	if paused {
		return waitingFor(api.WaitPause, time.Time{}, 0, x.recheckCapacityAt(ctx, heldWait))
	}
	d := r.Decision.Policy
	if d != nil && len(d.Suspected()) > 0 {
		return x.recheckSuspects(ctx, *d)
	}
	if d == nil || d.Revision != x.org.Policy().Revision() || !now.Before(r.Wait.PollAt) || !now.Before(r.Wait.StartedAt.Add(holdingMost)) {
		return nil
	}
	frees, err := x.nextFreeSlot(ctx, *d)
	if err != nil {
		return err
	}
	if frees > 0 {
		return x.waitForRoom(x.recheckCapacityAt(ctx, frees))
	}
	return nil
}

// recheckCapacityAt looks again after a wait, or sooner; the more wait, the further apart they come.
func (x *attempt) recheckCapacityAt(ctx context.Context, wait time.Duration) error {
	tally, err := x.h.Journal.Tally(ctx, x.r.Identity.Organization, x.r.Identity.Incident)
	if err != nil {
		return err
	}
	apart := decision.Jitter(x.r, min(holdingLook, time.Duration(tally.States[journal.Holding])*holdingGap))
	return waitUntil(x.h.Now().Add(min(wait, holdingLook)+apart), "")
}

// nextFreeSlot is how long it takes until one of the candidates that were full has room.
func (x *attempt) nextFreeSlot(ctx context.Context, d policy.Decision) (time.Duration, error) {
	soonest := holdingMost
	for _, name := range d.Full() {
		id, err := x.h.Index.LocationID(ctx, x.r.Identity.Organization, name)
		if err != nil {
			return 0, err
		}
		wait, err := x.h.Ledger.NextFree(ctx, x.r.Identity.Organization, id, d.Capacity.PerHour, d.Capacity.PerDay)
		if err != nil {
			return 0, err
		}
		soonest = min(soonest, wait)
	}
	return soonest, nil
}
