package handover

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
)

// This file is what a handover takes of its target in the ledger, and when that ends. Facts are what
// the ledger knows; the ledger says whether nobody was faster. It is taken when the target is chosen, before
// the intent of the first mutation there, once for each reassignment; so a crash in between costs nothing. It
// only ever restricts where an order goes.

// reserveTarget takes what the decision needs of its first candidate. nil: taken. Where somebody was faster it is
// decided again, by what is left.
func (x *attempt) reserveTarget(ctx context.Context, d decision.Decision) error {
	c := ledger.Reservation{Owner: x.r.Identity.ID, Location: x.r.Decision.ToID, Units: d.Units(), InStock: d.Policy.InStock}
	if limits := d.Policy.Capacity; limits != nil {
		c.PerHour, c.PerDay = limits.PerHour, limits.PerDay
	}
	took, err := x.h.Ledger.Reserve(ctx, x.r.Identity.Organization, c, x.h.Now())
	if err != nil {
		return err
	}
	if took {
		return nil
	}
	x.r.Decision.To, x.r.Decision.ToID, x.r.Decision.ToType = "", "", ""
	return decideAnew()
}

// commitReservation tells the ledger that what was promised is sent: from then on the platform's figures count it.
func (x *attempt) commitReservation(ctx context.Context, at time.Time) {
	if err := x.h.Ledger.Commit(ctx, x.r.Identity.Organization, x.r.Identity.ID, at); err != nil { // at the end it is told again
		x.h.Log.WarnContext(ctx, "reservation commit failed; will retry", "organization", x.r.Identity.Organization, "incident", x.r.Identity.Incident,
			"delivery_order", x.r.Identity.DeliveryOrder, "order_number", x.r.Identity.OrderNumber, "error", err)
	}
}

// reconcileReservation holds what a reassignment at rest was promised against how it rests. A failure is mended by the
// review: nothing hangs on it but who may be promised what is left.
func (h *Handover) reconcileReservation(ctx context.Context, r *journal.Reassignment) {
	if err := h.tryReconcileReservation(ctx, r); err != nil {
		h.Log.WarnContext(ctx, "reservation review failed; will retry", "organization", r.Identity.Organization, "incident", r.Identity.Incident,
			"delivery_order", r.Identity.DeliveryOrder, "order_number", r.Identity.OrderNumber, "error", err)
	}
}

func (h *Handover) tryReconcileReservation(ctx context.Context, r *journal.Reassignment) error {
	stands := r.Replacement.ID != "" && !r.Replacement.Adopted // what the platform dispatched by itself its figure counts
	moved := r.State == journal.Reassigned && r.Replacement.ID == ""
	switch {
	case !r.State.IsAtRest():
		return nil
	case r.State.IsOver() && (stands || moved):
		return h.Ledger.Commit(ctx, r.Identity.Organization, r.Identity.ID, h.Now())
	case r.State == journal.NeedsPerson && (stands || r.Intent != nil):
		return nil // what stands there, or may, is still promised
	}
	return h.Ledger.Release(ctx, r.Identity.Organization, r.Identity.ID)
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
