package handover

import (
	"context"
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// runDecision reads the original again, asks whether it may be moved at all, asks the policy where to, and
// enters the first step. It comes back here for the next candidate whenever one is spent.
func (x *attempt) runDecision(ctx context.Context) error {
	r := x.r
	if r.State == journal.Holding {
		if err := x.checkHold(ctx); err != nil {
			return err
		}
		r.State = journal.Pending
	}
	if !r.Admission.Admitted {
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
		r.Release.IntendedAt, r.Release.ConfirmedAt = r.Release.CancelSentAt, x.h.Now().UTC()
		r.Note(x.h.Now(), "the original is cancelled after all")
	}
	if x.isStillMoved(view.Location.ID) {
		return reassigned{}
	}
	decision.TakeSnapshot(r, view)
	r.Replacement.UnprovenDraftID = ""
	if r.Decision.Moment.IsZero() { // a plan that was approved holds as of when it was made
		row, _, err := x.loadApprovedRow(ctx)
		if err != nil {
			return err
		}
		if row != nil {
			r.Decision.Moment = row.Moment
		}
	}
	d, err := x.reader.Decide(ctx, view, func() error { return x.checkBeforeChoosing(ctx, view) })
	x.recordDecision(d)
	if err != nil {
		return err
	}
	return x.carryOut(ctx, view, d)
}

// checkBeforeChoosing asks, of an original that may be moved, whether the incident still wants it, and whether a create in doubt
// has to be looked for first.
func (x *attempt) checkBeforeChoosing(ctx context.Context, view *happycolis.DeliveryOrder) error {
	r := x.r
	if !r.ReleaseBegan() {
		if err := x.checkIncidentFresh(ctx, view); err != nil {
			return err
		}
	}
	if r.Intent != nil && r.Intent.Step == stepPrepare && r.Replacement.ID == "" && r.Decision.ToID != "" {
		return goToStep{name: stepPrepare, note: "looking first for what the create made whose reply was lost, at " + r.Decision.To}
	}
	return nil
}

// recordDecision notes the decision, and what it was made by, on the record.
func (x *attempt) recordDecision(d decision.Decision) {
	r := x.r
	if d.Policy != nil {
		r.Decision.Policy, r.Decision.Moment, r.Original.OrderType = d.Policy, d.Facts.Moment.Value, d.Facts.OrderType.Value
		if d.Facts.PickupPoint.Known {
			r.Original.Pickup = &d.Facts.PickupPoint.Value
		}
	}
	if d.Draft != "" {
		r.Replacement.UnprovenDraftID = d.Draft
		r.Note(x.h.Now(), "DRAFT "+d.Draft+" has the lines of this cancelled delivery order, and no record says who made it")
	}
}

// carryOut takes the first step that the decision asks for.
func (x *attempt) carryOut(ctx context.Context, view *happycolis.DeliveryOrder, d decision.Decision) error {
	r := x.r
	if err := x.refuseMove(d, view); err != nil {
		return err
	}
	if d.State == journal.Holding {
		if d.Policy.Suspects {
			return x.awaitSuspects(ctx, *d.Policy)
		}
		return x.waitForCapacity(ctx, *d.Policy)
	}
	to, err := x.chooseTarget(ctx, view, d)
	if err != nil {
		return err
	}
	x.setTarget(to.ID, d.Facts)
	if err := x.reserveTarget(ctx, d); err != nil {
		return err
	}
	r.Note(x.h.Now(), "decided by rule \""+d.Policy.Rule+"\": to "+to.String())
	if r.Replacement.ID != "" && (view.Status != orders.StatusDraft || r.ReleaseBegan()) {
		return x.retargetDraft(ctx)
	}
	if view.Status == orders.StatusDraft && !r.ReleaseBegan() {
		return goToStep{name: stepMove}
	}
	return goToStep{name: stepPrepare}
}

// checkIncidentFresh is the promise that the event is a hint: the read on whose strength something is begun
// must be fresh, and show the failed integration in ERROR unless an operator opened the incident. A single reading of ACTIVE may be stale, so it
// is read once more before the row is left.
func (x *attempt) checkIncidentFresh(ctx context.Context, d *happycolis.DeliveryOrder) error {
	inc, err := x.readIncident(ctx)
	if err != nil {
		return err
	}
	if orders.MayRelease(inc, d.Location.Integration) {
		if !x.isFresh(d.SentAt) {
			return x.retryStaleRead()
		}
		return nil
	}
	if inc.IsOfOperator() { // it was closed or stopped, whatever is read
		return x.handleIntentRefused(ctx, journal.ErrHeld)
	}
	reads := orders.IntegrationReads(d.Location.Integration, inc.Integration)
	if reads == orders.Recovered {
		loc, err := x.reader.ReadLocation(ctx, x.r.Identity.FromID, true)
		if err != nil {
			return err
		}
		if orders.MayRelease(inc, loc.Integration) {
			return x.retryContradiction("two reads of the integration disagree; looking again", compensate{journal.NeedsPerson, journal.RetriesExhausted})
		}
		reads = orders.IntegrationReads(loc.Integration, inc.Integration)
	}
	if reads == orders.Recovered {
		return compensate{journal.Left, journal.Recovered}
	}
	return waitUntil(x.h.Now().Add(heldWait), "")
}

// readIncident returns the incident of the record as it is stored now. One that cannot be read lets an original go only
// where its location reads ERROR.
func (x *attempt) readIncident(ctx context.Context) (*journal.Incident, error) {
	inc, err := x.h.Journal.Incident(ctx, x.r.Identity.Organization, x.r.Identity.Incident)
	if journal.IsUnreadable(err) {
		return &journal.Incident{Integration: x.r.Identity.Integration}, nil
	}
	return inc, err
}

// setTarget sets the target.
func (x *attempt) setTarget(id string, f policy.Facts) {
	x.r.Decision.ToID = id
	for _, c := range f.Candidates {
		if c.ID == id {
			x.r.Decision.To, x.r.Decision.ToType = c.Slug, c.Type.Value
		}
	}
}

// reselectTarget decides anew because a fence refuses the present target now; the DRAFT is then pointed elsewhere. The
// target is not marked as tried: it had nothing and refused nothing, and may be fit again before a retry.
func (x *attempt) reselectTarget() error {
	x.r.Decision.To, x.r.Decision.ToID, x.r.Decision.ToType = "", "", ""
	return decideAnew()
}

// rejectCandidate marks the present target as tried, for the reason given, and goes back to decide.
func (x *attempt) rejectCandidate(why journal.Reason) error {
	r := x.r
	if !slices.Contains(r.Decision.TriedLocations, r.Decision.ToID) {
		r.Decision.TriedLocations = append(r.Decision.TriedLocations, r.Decision.ToID)
	}
	r.Decision.LastRejection = why
	r.Note(x.h.Now(), r.Decision.To+" is spent: "+string(why))
	r.Decision.To, r.Decision.ToID, r.Decision.ToType = "", "", ""
	return decideAnew()
}
