package handover_test

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/world"
)

// TestStarvedPollsDoNotEndInAFalseUnconfirmed lets every cancel hang for most of its deadline, without
// webhooks and with a rate that the polls cannot keep up with. No deadline is judged by anything but a
// read made after it, so every handover ends well; and the platform never has to refuse a request.
func TestStarvedPollsDoNotEndInAFalseUnconfirmed(t *testing.T) {
	t.Parallel()
	const orders = 16
	s := newShop(t, world.Options{Rate: happycolis.Rate{PerMinute: 60, PerSecond: 10}})
	for i := range orders {
		s.order(fmt.Sprint(i), sandbox.Pending)
	}
	for _, kind := range []string{"delivery_order/cancelled", "delivery_order/updated"} {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: kind})
	}
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 13 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	if err := s.RunUntilIdle(s.ctx, 6*time.Hour); err != nil {
		t.Fatal(err)
	}
	for i := range orders {
		s.ends(fmt.Sprint(i), "reassigned")
	}
	s.holds()
	b := s.Platform.Books()
	if b.Throttled != 0 {
		t.Errorf("%d requests were refused by the platform's limit, want none", b.Throttled)
	}
	t.Logf("%d requests for %d orders", b.Requests["http"], orders)
}

// TestHangingCancelsDoNotEatTheRate has many cancels that are never confirmed: their polls grow rarer, so
// that each costs a handful of reads until its deadline.
func TestHangingCancelsDoNotEatTheRate(t *testing.T) {
	t.Parallel()
	const orders, readsMost = 100, 9
	s := newShop(t, world.Options{Incident: func(i *incident.Settings) { i.Canary = orders + 1 }})
	for i := range orders {
		s.order(fmt.Sprint(i), sandbox.Pending)
	}
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
	s.breaks()
	s.ends("0", "needs_person: cancel_unconfirmed")
	s.holds()
	b := s.Platform.Books()
	if got := b.Requests["deliveryOrder"]; got > orders*readsMost {
		t.Errorf("%d reads for %d hanging cancels, want at most %d each", got, orders, readsMost)
	}
}

// TestAReleaseThatAnEventConfirmsIsNotReadAsAPoll confirms every cancel by webhook after its first poll, while other
// orders take the rate. What is released and not sent ships nowhere: it goes before what has not begun.
func TestAReleaseThatAnEventConfirmsIsNotReadAsAPoll(t *testing.T) {
	t.Parallel()
	const orders, unsentMost = 20, 10 * time.Second
	s := newShop(t, world.Options{Rate: happycolis.Rate{PerMinute: 300, PerSecond: 10}})
	for i := range orders {
		s.order(fmt.Sprint(i), sandbox.Pending)
	}
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 2 * time.Second})
	s.breaks()
	confirmed, worst := map[string]time.Time{}, time.Duration(0)
	for _, e := range s.Platform.Books().Entries {
		switch e.Operation {
		case "cancel_confirmed":
			confirmed[e.Orders[0]] = e.At
		case "deliveryOrderOpen":
			worst = max(worst, e.At.Sub(confirmed[e.Orders[0]]))
		}
	}
	if len(confirmed) != orders || worst > unsentMost {
		t.Errorf("%d releases were confirmed, and one waited %s to be sent; want %d and at most %s", len(confirmed), worst, orders, unsentMost)
	}
	s.holds()
}
