package handover_test

import (
	"net/http"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// TestTheOrderIsLockedForAsLongAsACreateMayBeInTheAir has the first candidate refuse the replacement, slowly, and the
// second take its time to make one: meanwhile nobody else may look for a DRAFT of his among those of the order.
func TestTheOrderIsLockedForAsLongAsACreateMayBeInTheAir(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.ResultError, Operation: "deliveryOrderCreate", Count: 1})
	created := 0
	s.OnWire = func(r *http.Request) {
		switch {
		case world.CallsField(r, "deliveryOrderCreate"):
			created++
			s.ElapseInRequest(14 * time.Second)
		case world.CallsField(r, "deliveryOrderCancel"): // the second create was answered just now
			if got, err := s.Journal.LockOrder(s.ctx, world.Org, "ord_1", "somebody else"); err != nil || got {
				t.Errorf("somebody else locks the order: %t, %v", got, err)
			}
		}
	}
	s.breaks()
	s.ends("1", "reassigned")
	if created != 2 {
		t.Errorf("%d creates, want 2", created)
	}
}
