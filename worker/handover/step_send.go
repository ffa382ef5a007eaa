package handover

import (
	"context"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// sendReplacement brings the replacement as far as the original had got, no further: opened, and requested only if
// fulfilment of the original had been requested. Where it was opened already, what is missing is requested.
func (x *attempt) sendReplacement(ctx context.Context) verdict {
	r := x.r
	if r.MarkUncertain() {
		return x.verifySend(ctx, unknown)
	}
	view := x.summed
	if view == nil || x.locked == "" || !x.isFresh(view.SentAt) {
		return jump(stepCheck) // it is sent on the very read that was summed, under the order's lock, or not at all
	}
	at := x.platformNow(view)
	became, v := x.mutate(ctx, true, view.SentAt, func(a *happycolis.Account) error {
		if x.opened {
			return a.RequestFulfilment(ctx, r.Replacement)
		}
		if r.FulfilmentRequested {
			return a.OpenAndRequest(ctx, r.Replacement)
		}
		return a.OpenDeliveryOrder(ctx, r.Replacement)
	})
	switch became {
	case unsent:
		return v
	case applied:
		return x.recordSent(ctx, at)
	case refused, unknown:
	}
	return x.verifySend(ctx, became)
}

// recordSent records that the replacement was sent, at a moment of the platform's clock.
func (x *attempt) recordSent(ctx context.Context, at time.Time) verdict {
	x.commitReservation(ctx, at)
	x.clearIntent()
	x.r.SentAt = x.h.Now()
	x.r.Hops++
	return verdict{kind: goTo, step: stepConfirm, note: "sent " + x.r.Replacement + " to " + x.r.To}
}

// verifySend reads how far the replacement got, after a refusal or a lost reply. What is missing is sent like everything
// is: by way of the check, on what it reads and sums.
func (x *attempt) verifySend(ctx context.Context, became mutationResult) verdict {
	r := x.r
	d, stop := x.readReplacement(ctx, x.org.ForHandover)
	if stop != nil {
		return *stop
	}
	opened, half := d.Status != statusDraft, x.opened
	switch {
	case opened && x.classifyAnswer(IndexEntry(d)) != cancelledByOthers && (!r.FulfilmentRequested || hasEvent(d, eventRequested)):
		return x.recordSent(ctx, x.platformNow(d))
	case !isLive(*d):
		r.Intent = nil
		return jump(stepCheck) // somebody else cancelled it
	}
	if became == unknown {
		if v := x.confirmNotApplied(d.SentAt); v != nil {
			return *v
		}
	}
	again := became == unknown && !r.Intent.SameCodeTwice
	r.Intent = nil
	if again || opened && !half {
		return jump(stepCheck)
	}
	return needs(journal.SendRefused)
}

func (x *attempt) readReplacement(ctx context.Context, as *happycolis.Account) (*happycolis.DeliveryOrder, *verdict) {
	account, denied := x.acquireReadToken(ctx, as)
	if denied != nil {
		return nil, denied
	}
	d, err := account.DeliveryOrder(ctx, x.r.Replacement)
	if err != nil {
		v := x.handleRequestError(err)
		return nil, &v
	}
	if _, err := x.h.Index.Put(ctx, x.r.Organization, IndexEntry(d), ""); err != nil {
		v := broken(err)
		return nil, &v
	}
	return d, nil
}
