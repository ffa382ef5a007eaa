package handover_test

import (
	"strings"
	"testing"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

func TestACountryThatDoesNotExistIsNotKnown(t *testing.T) {
	t.Parallel()
	for country, want := range map[string]string{"XX": "needs_person: no_candidate", "UK": "needs_person: no_candidate", "XK": "reassigned", "be": "reassigned"} {
		t.Run(country, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending, func(o *sandbox.Order, _ *sandbox.DeliveryOrder) { o.Country = country })
			s.breaks()
			s.ends("1", want)
			got := strings.Join(s.row("1").Decision.Policy.Explain(), "\n")
			if unknown := strings.Contains(got, "ships_to_country wanted a known country, saw unknown"); unknown != (want != "reassigned") {
				t.Errorf("the decision says:\n%s", got)
			}
		})
	}
}
