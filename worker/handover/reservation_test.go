package handover_test

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// mutations counts what we changed on the platform.
func (s *fixture) mutations() int {
	n := 0
	for _, e := range s.Platform.Books().Entries {
		if strings.HasPrefix(e.Actor, "api:") {
			n++
		}
	}
	return n
}

func TestNothingBeginsWhileTheIntegrationReadsAnythingButError(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.order("2", sandbox.Draft)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: "deliveryOrder", Count: 6})
	s.Platform.Break(sandbox.Paris)
	s.pass(121 * time.Second) // draining, and the first reads fail
	s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationInactive, "", false)
	s.pass(10 * time.Minute)
	if n := s.mutations(); n != 0 {
		t.Fatalf("%d mutations while the integration was INACTIVE, want none\n%s", n, s.story())
	}
	s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationError, "", false)
	s.rest()
	s.ends("1", "reassigned")
	s.ends("2", "reassigned")
	s.holds()
}

func TestAnOrderThatIsCoveredTwiceAlreadyIsNotTouched(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_twin", Location: "loc_lille", Orders: []string{"ord_1"}, Status: sandbox.Pending,
		Lines: []sandbox.Line{{ID: "dl_twin", OrderLine: "ol_1_1", SKU: "MUG", Status: sandbox.LinePending, Quantity: 2}}})
	s.pass(time.Second)
	s.breaks()
	s.ends("1", "needs_person: over_allocated")
	if n := s.mutations(); n != 0 {
		t.Errorf("%d mutations, want none", n)
	}
}

func TestAReleaseTakenBackBehindAStaleReadIsNotSentFor(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, automatic)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", ShowCanceled: true, After: time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.pass(200 * time.Second)                                                                    // released, and taken back within the settle time
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "do_1", Count: 1}) // shows it cancelled still
	s.rest()
	s.ends("1", "needs_person: cancel_refused")
	s.holds()
}
