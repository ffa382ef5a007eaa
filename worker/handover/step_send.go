package handover

import (
	"context"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// send brings the replacement as far as the original had got, no further: opened, and requested only if
// fulfilment of the original had been requested.
func (x *run) send(ctx context.Context) verdict {
	r := x.r
	if r.Doubt() {
		return x.afterSend(ctx, true)
	}
	view := x.summed
	if view == nil || x.locked == "" || x.h.Now().Sub(view.Asked) > Fresh {
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
	}
	return x.afterSend(ctx, became == unknown)
}

// sent records that the replacement was sent, at a moment of the platform's clock.
func (x *run) sent(ctx context.Context, at time.Time) verdict {
	x.count(ctx, at)
	x.seen()
	x.r.SentAt = x.h.Now()
	x.r.Hops++
	return verdict{kind: goTo, step: stepConfirm, note: "sent " + x.r.Replacement + " to " + x.r.To}
}

// afterSend reads how far the replacement got, after a refusal or a lost reply, and does what is missing.
func (x *run) afterSend(ctx context.Context, doubt bool) verdict {
	r := x.r
	d, stop := x.readReplacement(ctx, x.org.Urgent)
	if stop != nil {
		return *stop
	}
	opened := d.Status != statusDraft
	switch {
	case opened && (!r.Asked || hasEvent(d, eventRequested)):
		return x.sent(ctx, x.theirNow(d))
	case !live(*d):
		r.Intent = nil
		return needs(journal.SendRefused)
	}
	if doubt {
		if v := x.unseen(d.Asked); v != nil {
			return *v
		}
	}
	if !opened {
		if doubt {
			r.Intent = nil
			return jump(stepCheck)
		}
		r.Intent = nil
		return needs(journal.SendRefused)
	}
	became, v := x.mutate(ctx, true, time.Time{}, func(a *happycolis.Account) error { return a.Request(ctx, r.Replacement) })
	switch became {
	case unsent:
		return v
	case applied:
		return x.sent(ctx, x.theirNow(d))
	case unknown:
		return holdUntil(x.h.Now(), "")
	}
	d, stop = x.readReplacement(ctx, x.org.Urgent)
	if stop != nil {
		return *stop
	}
	if hasEvent(d, eventRequested) {
		return x.sent(ctx, x.theirNow(d))
	}
	r.Intent = nil
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
