package handover

import (
	"context"
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// runDecision reads the original again, asks whether it may be moved at all, asks the policy where to, and
// enters the first step. It comes back here for the next candidate whenever one is spent.
func (x *attempt) runDecision(ctx context.Context) error {
	r := x.r
	if r.State == journal.Holding {
		if err := x.holdStillNeeded(ctx); err != nil {
			return err
		}
		r.State = journal.Pending
	}
	if !r.Admitted && x.forecast == nil {
		if err := x.acquireCanarySlot(ctx); err != nil {
			return err
		}
		if err := x.admit(ctx); err != nil {
			return err
		}
	}
	err := x.handleRequestError(x.decideTarget(ctx))
	x.refundUnusedTokens(ctx, err)
	return err
}

func (x *attempt) decideTarget(ctx context.Context) error {
	r := x.r
	view, err := x.readOriginal(ctx)
	if err != nil {
		return err
	}
	if x.cancelTookEffect(view) {
		r.ReleaseIntendedAt, r.ReleasedAt = r.CancelSentAt, x.h.Now().UTC()
		r.Note(x.h.Now(), "the original is cancelled after all")
	}
	if x.isStillMoved(view.Location.ID) {
		return reassigned{}
	}
	x.snapshotOriginal(view)
	r.UnprovenDraftID = ""
	if !r.ReleaseBegan() {
		if err := x.findOrphanDraft(ctx, view); err != nil {
			return err
		}
		if err := x.screenOriginal(view); err != nil {
			return err
		}
		if err := x.checkIncidentFresh(ctx, view); err != nil {
			return err
		}
	}
	if r.Intent != nil && r.Intent.Step == stepPrepare && r.Replacement == "" && r.ToID != "" {
		return goToStep{name: stepPrepare, note: "looking first for what the create made whose reply was lost, at " + r.To}
	}
	if r.Hops >= x.h.Settings.MaxHops {
		return compensate{journal.NeedsPerson, journal.HopsExhausted}
	}
	x.unread = nil
	facts, err := x.gatherFacts(ctx, view)
	if err != nil {
		return err
	}
	x.forecast.subtractReserved(&facts)
	d := x.org.Policy().Decide(facts)
	r.Decision = &d
	if d.Reason == policy.ReasonNoCandidate && x.unread != nil {
		return x.unread
	}
	switch d.Outcome {
	case policy.Leave:
		if r.ReleaseBegan() { // there is nothing left to leave where it is
			return compensate{journal.NeedsPerson, journal.PolicyRule}
		}
		return compensate{journal.Left, journal.PolicyLeave}
	case policy.NeedsPerson:
		waits := append(d.Suspected(), d.Full()...)
		switch {
		case x.forecast != nil && (d.Suspects || d.Wait): // it would go there, later
			x.setTarget(facts.Candidates[waits[0]].ID, facts)
			return x.enterFirstStep(view)
		case d.Suspects:
			return x.awaitSuspects(ctx, d)
		case d.Wait:
			return x.waitForCapacity(ctx, d)
		}
		return compensate{journal.NeedsPerson, x.noCandidateReason(d)}
	case policy.Reassign:
	}
	to, err := x.chooseTarget(ctx, view, d)
	if err != nil {
		return err
	}
	x.setTarget(to.ID, facts)
	if err := x.reserveTarget(ctx, d, facts); err != nil {
		return err
	}
	r.Note(x.h.Now(), "decided by rule \""+d.Rule+"\": to "+to.String())
	if r.Replacement != "" && (view.Status != orders.StatusDraft || r.ReleaseBegan()) {
		return x.retargetDraft(ctx)
	}
	return x.enterFirstStep(view)
}

// enterFirstStep enters the first step towards the target.
func (x *attempt) enterFirstStep(view *happycolis.DeliveryOrder) error {
	if view.Status == orders.StatusDraft && !x.r.ReleaseBegan() {
		return goToStep{name: stepMove}
	}
	return goToStep{name: stepPrepare}
}

// noCandidateReason is the reason where the policy names no candidate: what happened to those before counts.
func (x *attempt) noCandidateReason(d policy.Decision) journal.Reason {
	switch {
	case d.Reason != policy.ReasonNoCandidate:
		return journal.Reason(d.Reason)
	case x.r.Hops > 0:
		return journal.FallbacksExhausted
	case x.r.LastRejection != "":
		return x.r.LastRejection
	}
	return journal.NoCandidate
}

// snapshotOriginal records what the read tells of the original. After its release it shows a cancelled one, of
// which only what was recorded before is of use.
func (x *attempt) snapshotOriginal(d *happycolis.DeliveryOrder) {
	r := x.r
	if r.ReleaseBegan() {
		return
	}
	r.OrderNumber, r.Status, r.Priority, r.Country = d.OrderNumber, d.Status, d.Priority, d.Country
	if d.Location.ID == r.FromID && d.Location.Slug != "" {
		r.From = d.Location.Slug
	}
	r.FulfilmentRequested = orders.HasEvent(d, orders.EventRequested) || d.Status == orders.StatusOpened
	r.Orders = r.Orders[:0]
	for _, o := range d.Orders {
		r.Orders = append(r.Orders, o.ID)
		r.Dispatch = o.DispatchingType
	}
}

// checkIncidentFresh is the promise that the event is a hint: the read on whose strength something is begun
// must be fresh and show the failed integration in ERROR. A single reading of ACTIVE may be stale, so it
// is read once more before the row is left.
func (x *attempt) checkIncidentFresh(ctx context.Context, d *happycolis.DeliveryOrder) error {
	if x.forecast != nil {
		return nil
	}
	reads := orders.IntegrationReads(d.Location.Integration, x.r.Integration)
	if reads == orders.Recovered {
		loc, err := x.getLocation(ctx, x.r.FromID, true)
		if err != nil {
			return err
		}
		reads = orders.IntegrationReads(loc.Integration, x.r.Integration)
		if reads == orders.Erring {
			return x.retryContradiction("two reads of the integration disagree; looking again", compensate{journal.NeedsPerson, journal.RetriesExhausted})
		}
	}
	switch reads {
	case orders.Recovered:
		return compensate{journal.Left, journal.Recovered}
	case orders.Different:
		return waitUntil(x.h.Now().Add(heldWait), "")
	}
	if !x.isFresh(d.SentAt) {
		return x.retryStaleRead()
	}
	return nil
}

// setTarget sets the target.
func (x *attempt) setTarget(id string, f policy.Facts) {
	x.r.ToID = id
	for _, c := range f.Candidates {
		if c.ID == id {
			x.r.To, x.r.ToType = c.Slug, c.Type.Value
		}
	}
}

// reselectTarget decides anew because a fence refuses the present target now; the DRAFT is then pointed elsewhere. The
// target is not marked as tried: it had nothing and refused nothing, and may be fit again before a retry.
func (x *attempt) reselectTarget() error {
	x.r.To, x.r.ToID, x.r.ToType = "", "", ""
	return decideAnew()
}

// rejectCandidate marks the present target as tried, for the reason given, and goes back to decide.
func (x *attempt) rejectCandidate(why journal.Reason) error {
	r := x.r
	if !slices.Contains(r.TriedLocations, r.ToID) {
		r.TriedLocations = append(r.TriedLocations, r.ToID)
	}
	r.LastRejection = why
	r.Note(x.h.Now(), r.To+" is spent: "+string(why))
	r.To, r.ToID, r.ToType = "", "", ""
	return decideAnew()
}
