package orders_test

import (
	"testing"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

func TestOnlyErrorOfTheIntegrationThatFailedLetsGo(t *testing.T) {
	t.Parallel()
	inc := &journal.Incident{Integration: "int_1", State: journal.Draining}
	for name, c := range map[string]struct {
		reads *happycolis.Integration
		want  bool
	}{
		"ERROR":                        {&happycolis.Integration{ID: "int_1", State: "ERROR"}, true},
		"ACTIVE":                       {&happycolis.Integration{ID: "int_1", State: "ACTIVE"}, false},
		"INACTIVE":                     {&happycolis.Integration{ID: "int_1", State: "INACTIVE"}, false},
		"ERROR of another integration": {&happycolis.Integration{ID: "int_2", State: "ERROR"}, false},
		"no integration":               {nil, false},
	} {
		if got := orders.MayRelease(inc, c.reads); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}
