package handover

import (
	"context"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// sendReplacement brings the replacement as far as the original had got, no further: opened, and requested only if
// fulfilment of the original had been requested. Where it was opened already, what is missing is requested.
func (x *attempt) sendReplacement(ctx context.Context) error {
	r := x.r
	if r.MarkUncertain() {
		return x.verifySend(ctx, unknown)
	}
	view := x.summed
	if view == nil || x.locked == "" || !x.isFresh(view.SentAt) {
		return goToStep{name: stepCheck} // it is sent on the very read that was summed, under the order's lock, or not at all
	}
	at := decision.PlatformNow(view.Read, x.h.Now())
	became, err := x.mutate(ctx, true, view.SentAt, func(a *happycolis.Account) error {
		if x.opened {
			return a.RequestFulfilment(ctx, r.Replacement.ID)
		}
		if r.Original.FulfilmentRequested {
			return a.OpenAndRequest(ctx, r.Replacement.ID)
		}
		return a.OpenDeliveryOrder(ctx, r.Replacement.ID)
	})
	switch became {
	case unsent:
		return err
	case applied:
		return x.recordSent(ctx, at)
	case refused, unknown:
	}
	return x.verifySend(ctx, became)
}

// recordSent records that the replacement was sent, at a moment of the platform's clock.
func (x *attempt) recordSent(ctx context.Context, at time.Time) error {
	x.commitReservation(ctx, at)
	x.clearIntent()
	x.r.Replacement.SentAt = x.h.Now()
	x.r.Decision.Hops++
	return goToStep{name: stepConfirm, note: "sent " + x.r.Replacement.ID + " to " + x.r.Decision.To}
}

// verifySend reads how far the replacement got, after a refusal or a lost reply. What is missing is sent like everything
// is: by way of the check, on what it reads and sums.
func (x *attempt) verifySend(ctx context.Context, became mutationResult) error {
	r := x.r
	d, err := x.readReplacement(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	opened, half := d.Status != orders.StatusDraft, x.opened
	switch {
	case opened && orders.ClassifyAnswer(x.r, orders.IndexEntry(d)) != orders.CancelledByOthers && (!r.Original.FulfilmentRequested || orders.HasEvent(d, orders.EventRequested)):
		return x.recordSent(ctx, decision.PlatformNow(d.Read, x.h.Now()))
	case !orders.IsLive(*d):
		r.Intent = nil
		return goToStep{name: stepCheck} // somebody else cancelled it
	}
	if became == unknown {
		if err := x.confirmNotApplied(d.SentAt); err != nil {
			return err
		}
	}
	again := became == unknown && !r.Intent.SameCodeTwice
	r.Intent = nil
	if again || opened && !half {
		return goToStep{name: stepCheck}
	}
	return needsPerson(journal.SendRefused)
}

func (x *attempt) readReplacement(ctx context.Context, as *happycolis.Account) (*happycolis.DeliveryOrder, error) {
	account, err := x.reader.AcquireReadToken(ctx, as)
	if err != nil {
		return nil, err
	}
	d, err := account.DeliveryOrder(ctx, x.r.Replacement.ID)
	if err != nil {
		return nil, err
	}
	if _, err := x.h.Index.Put(ctx, x.r.Identity.Organization, orders.IndexEntry(d), ""); err != nil {
		return nil, err
	}
	return d, nil
}
