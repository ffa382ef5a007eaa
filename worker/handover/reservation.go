package handover

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
)

// This file is what a handover takes of its target in the ledger, and when that ends. Facts are what
// the ledger knows; the ledger says whether nobody was faster. It is taken when the target is chosen, before
// the intent of the first mutation there, once for each reassignment; so a crash in between costs nothing. It
// only ever restricts where an order goes.

// loadCandidateStock completes what is known of a candidate with its stock and the handovers that began there.
func (x *attempt) loadCandidateStock(ctx context.Context, c *policy.Candidate, lines []policy.Line) error {
	q := ledger.Query{Location: c.ID, Owner: x.r.ID, At: x.h.Now(), Prepared: x.r.Replacement != "" && c.ID == x.r.ToID}
	for sku := range unitsBySKU(lines) {
		q.SKUs = append(q.SKUs, sku)
	}
	shelf, err := x.h.Ledger.Availability(ctx, x.r.Organization, q)
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

// reserveTarget takes what the decision needs of its first candidate. nil: taken. Where somebody was faster it is
// decided again, by what is left.
func (x *attempt) reserveTarget(ctx context.Context, d policy.Decision, f policy.Facts) error {
	if x.forecast != nil {
		return nil
	}
	c := ledger.Reservation{Owner: x.r.ID, Location: x.r.ToID, Units: unitsBySKU(f.Lines.Value), InStock: d.InStock}
	if d.Capacity != nil {
		c.PerHour, c.PerDay = d.Capacity.PerHour, d.Capacity.PerDay
	}
	took, err := x.h.Ledger.Reserve(ctx, x.r.Organization, c, x.h.Now())
	if err != nil {
		return err
	}
	if took {
		return nil
	}
	x.r.To, x.r.ToID, x.r.ToType = "", "", ""
	return decideAnew()
}

// recheckFences reports whether what the rule asks of its candidates is known not to hold any more at the target, and
// notes it. The rule is asked as it was: where the policy was reloaded since, the decision stands.
func (x *attempt) recheckFences(ctx context.Context, to *happycolis.Location, view *happycolis.DeliveryOrder) (bool, error) {
	d, rules := x.r.Decision, x.org.Policy()
	if d == nil || d.Revision != rules.Revision() {
		return false, nil
	}
	f, err := x.gatherOrderFacts(ctx, view)
	if err != nil {
		return false, err
	}
	c := candidateFacts(to, nil, nil)
	if err := x.loadCandidateStock(ctx, &c, f.Lines.Value); err != nil {
		return false, err
	}
	check, refuses := rules.Refuses(d.Rule, f, c)
	if refuses {
		x.r.Note(x.h.Now(), x.r.To+" is not fit any more: "+check.Word+" wanted "+check.Wanted+", saw "+check.Seen)
	}
	return refuses, nil
}

// platformNow is the platform's clock, by a read of ours.
func (x *attempt) platformNow(read *happycolis.DeliveryOrder) time.Time {
	return platformNow(read.Read, x.h.Now())
}

// platformNow is the platform's clock by a read of ours and by our clock. It dates whole seconds, so this is up to one
// behind. A date that is ahead of ours by more than clocksApart is no date: then ours is taken.
func platformNow(read happycolis.Read, now time.Time) time.Time {
	if read.Date.IsZero() || read.Date.Sub(read.SentAt) > clocksApart {
		return now
	}
	return read.Date.Add(now.Sub(read.SentAt))
}

// clocksApart is how far the platform's clock may be ahead of ours and be believed; the index takes as much.
const clocksApart = time.Minute

// commitReservation tells the ledger that what was promised is sent: from then on the platform's figures count it.
func (x *attempt) commitReservation(ctx context.Context, at time.Time) {
	if err := x.h.Ledger.Commit(ctx, x.r.Organization, x.r.ID, at); err != nil { // at the end it is told again
		x.h.Log.WarnContext(ctx, "reservation commit failed; will retry", "organization", x.r.Organization, "incident", x.r.Incident,
			"delivery_order", x.r.DeliveryOrder, "error", err)
	}
}

// reconcileReservation holds what a reassignment at rest was promised against how it rests. A failure is mended by the
// review: nothing hangs on it but who may be promised what is left.
func (h *Handover) reconcileReservation(ctx context.Context, r *journal.Reassignment) {
	if err := h.tryReconcileReservation(ctx, r); err != nil {
		h.Log.WarnContext(ctx, "reservation review failed; will retry", "organization", r.Organization, "incident", r.Incident,
			"delivery_order", r.DeliveryOrder, "error", err)
	}
}

func (h *Handover) tryReconcileReservation(ctx context.Context, r *journal.Reassignment) error {
	stands := r.Replacement != "" && !r.Adopted // what the platform dispatched by itself its figure counts
	moved := r.State == journal.Reassigned && r.Replacement == ""
	switch {
	case !r.State.IsAtRest():
		return nil
	case r.State.IsOver() && (stands || moved):
		return h.Ledger.Commit(ctx, r.Organization, r.ID, h.Now())
	case r.State == journal.NeedsPerson && (stands || r.Intent != nil):
		return nil // what stands there, or may, is still promised
	}
	return h.Ledger.Release(ctx, r.Organization, r.ID)
}

// reviewBatch is how many promises are looked at in one go.
const reviewBatch = 200

// ReviewReservations ends what a crash, or a journal that was lost, left promised to nobody.
func (h *Handover) ReviewReservations(ctx context.Context, organization string) error {
	for {
		owners, err := h.Ledger.ListStale(ctx, organization, reviewBatch)
		if err != nil || len(owners) == 0 {
			return err
		}
		for _, id := range owners {
			r, err := h.Journal.Get(ctx, organization, id)
			switch {
			case errors.Is(err, journal.ErrNotFound):
				err = h.Ledger.Release(ctx, organization, id)
			case errors.Is(err, journal.ErrNewer), errors.Is(err, journal.ErrCorrupt):
				err = nil
			case err == nil:
				err = h.tryReconcileReservation(ctx, r)
			}
			if err != nil {
				return err
			}
		}
	}
}
