package handover

import (
	"context"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// send brings the replacement as far as the original had got, no further: opened, and requested only if
// fulfilment of the original had been requested. Where it was opened already, what is missing is requested.
func (x *run) send(ctx context.Context) verdict {
	r := x.r
	if r.Doubt() {
		return x.afterSend(ctx, unknown)
	}
	view := x.summed
	if view == nil || x.locked == "" || !x.fresh(view.Asked) {
		return jump(stepCheck) // it is sent on the very read that was summed, under the order's lock, or not at all
	}
	at := x.theirNow(view)
	became, v := x.mutate(ctx, true, view.Asked, func(a *happycolis.Account) error {
		if x.opened {
			return a.Request(ctx, r.Replacement)
		}
		if r.Asked {
			return a.OpenAndRequest(ctx, r.Replacement)
		}
		return a.Open(ctx, r.Replacement)
	})
	switch became {
	case unsent:
		return v
	case applied:
		return x.sent(ctx, at)
	case refused, unknown:
	}
	return x.afterSend(ctx, became)
}

// sent records that the replacement was sent, at a moment of the platform's clock.
func (x *run) sent(ctx context.Context, at time.Time) verdict {
	x.count(ctx, at)
	x.seen()
	x.r.SentAt = x.h.Now()
	x.r.Hops++
	return verdict{kind: goTo, step: stepConfirm, note: "sent " + x.r.Replacement + " to " + x.r.To}
}

// afterSend reads how far the replacement got, after a refusal or a lost reply. What is missing is sent like everything
// is: by way of the check, on what it reads and sums.
func (x *run) afterSend(ctx context.Context, became result) verdict {
	r := x.r
	d, stop := x.readReplacement(ctx, x.org.Urgent)
	if stop != nil {
		return *stop
	}
	opened, half := d.Status != statusDraft, x.opened
	switch {
	case opened && x.answerOf(EntryOf(d)) != cancelledByOthers && (!r.Asked || hasEvent(d, eventRequested)):
		return x.sent(ctx, x.theirNow(d))
	case !live(*d):
		r.Intent = nil
		return jump(stepCheck) // somebody else cancelled it
	}
	if became == unknown {
		if v := x.unseen(d.Asked); v != nil {
			return *v
		}
	}
	again := became == unknown && !r.Intent.Refused
	r.Intent = nil
	if again || opened && !half {
		return jump(stepCheck)
	}
	return needs(journal.SendRefused)
}

func (x *run) readReplacement(ctx context.Context, as *happycolis.Account) (*happycolis.DeliveryOrder, *verdict) {
	account, denied := x.asked(ctx, as)
	if denied != nil {
		return nil, denied
	}
	d, err := account.DeliveryOrder(ctx, x.r.Replacement)
	if err != nil {
		v := x.stumble(err)
		return nil, &v
	}
	if _, err := x.h.Index.Put(ctx, x.r.Organization, EntryOf(d), ""); err != nil {
		v := broken(err)
		return nil, &v
	}
	return d, nil
}
