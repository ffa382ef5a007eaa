package handover

import (
	"errors"
	"testing"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/journal"
)

func TestWhoWaitsForAnAnswerWaitsForTheLimitAndForNothingElse(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	for kind, want := range map[happycolis.Kind]bool{
		happycolis.KindWaiting: true, happycolis.KindThrottled: true, happycolis.KindWithheld: true, happycolis.KindUnauthorized: true,
		happycolis.KindServer: false, happycolis.KindTransport: false, happycolis.KindResponse: false, happycolis.KindUnclear: false,
	} {
		x := (&Handover{Now: clock, Decider: &decision.Decider{Now: clock}}).newAttempt(nil, &journal.Reassignment{}, tasks.Reassign{})
		w, waits := errors.AsType[wait](x.handleRequestError(&happycolis.Error{Kind: kind, RetryAfter: time.Second}))
		if !waits || w.throttled != want {
			t.Errorf("%s: waits %t, for the limit %t, want %t", kind, waits, w.throttled, want)
		}
	}
}
