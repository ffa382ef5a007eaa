package handover_test

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// TestAMixedDrainUsesTheRate has delivery orders of which most take one read only, since their location began
// with them. They take their turn for as many requests as a handover, so what they do not need has to be
// given back at once.
func TestAMixedDrainUsesTheRate(t *testing.T) {
	t.Parallel()
	const stay, drafts, move, settle = 60, 10, 10, 2 * time.Minute
	s := newShop(t, world.Options{Rate: happycolis.Rate{PerMinute: 60, PerSecond: 10}})
	for i := range stay {
		s.order(fmt.Sprint("stay_", i), sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) {
			for l := range d.Lines {
				d.Lines[l].Status = sandbox.LineInProgress
			}
		})
	}
	for i := range drafts {
		s.order(fmt.Sprint("draft_", i), sandbox.Draft)
	}
	for i := range move {
		s.order(fmt.Sprint("move_", i), sandbox.Pending)
	}
	begun := s.Now()
	s.breaks()
	s.ends("stay_0", "needs_person: already_preparing")
	s.ends("draft_0", "reassigned")
	s.ends("move_0", "reassigned")
	s.holds()
	b := s.Platform.Books()
	least := time.Duration(b.Requests["http"]) * time.Second
	took := s.Now().Sub(begun) - settle
	if took > least*3/2 {
		t.Errorf("%d requests took %s, want at most half more than %s at the full rate", b.Requests["http"], took, least)
	}
	if b.Throttled != 0 {
		t.Errorf("%d requests were refused by the platform's limit, want none", b.Throttled)
	}
	t.Logf("%d requests in %s", b.Requests["http"], took)
}
