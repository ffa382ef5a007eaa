package handover

import (
	"context"
	"errors"
	"fmt"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// ErrMovedOn tells that the world is not as the person who acts believes; its text says what changed.
var ErrMovedOn = errors.New("the world moved on")

// Proceed goes on although the release is not confirmed: a person answers for it that the location will not
// ship the original. It applies to cancel_unconfirmed only, and is refused with ErrMovedOn unless a fresh
// read shows the location in ERROR and nothing of the original begun. If the release turns out to be
// confirmed, the handover just goes on.
func (h *Handover) Proceed(ctx context.Context, r *journal.Reassignment, by By) error {
	org := h.Organizations[r.Organization]
	if r.State != journal.NeedsPerson || r.Reason != journal.CancelUnconfirmed || org == nil {
		return fmt.Errorf("proceeding with %s, which is %s %s: %w", r.DeliveryOrder, r.State, r.Reason, ErrNotApplicable)
	}
	x := &run{h: h, org: org, r: r}
	view, err := x.readNow(ctx)
	if err != nil {
		return err
	}
	parked := r.Parked
	if !released(view) {
		if reason, begun := workBegun(view); begun {
			return fmt.Errorf("proceeding with %s: %s: %w", r.DeliveryOrder, reason, ErrMovedOn)
		}
		if IntegrationReads(view.Location.Integration, r.Integration) != Erring {
			return fmt.Errorf("proceeding with %s: its location does not read ERROR any more: %w", r.DeliveryOrder, ErrMovedOn)
		}
		r.Proceeded, r.ReleasedAt = true, h.Now().UTC()
	}
	h.resume(r, "proceed: "+by.Reason, by.User)
	if err := h.setGoing(ctx, r); err != nil {
		return err
	}
	return h.forget(ctx, r, parked)
}

// readNow reads the original for a person who waits; a short wait for the rate limit is waited out.
func (x *run) readNow(ctx context.Context) (*happycolis.DeliveryOrder, error) {
	for {
		view, stop := x.lookAgain(ctx, x.org.Urgent)
		switch {
		case stop == nil:
			return view, nil
		case stop.kind == failed:
			return nil, stop.err
		case stop.kind != hold || stop.note != "":
			return nil, fmt.Errorf("reading %s: %s: %w", x.r.DeliveryOrder, stop.note+string(stop.reason), ErrMovedOn)
		}
		if err := x.h.until(ctx, stop.until); err != nil {
			return nil, fmt.Errorf("reading %s: %w", x.r.DeliveryOrder, err)
		}
	}
}
