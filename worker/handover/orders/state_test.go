package orders

import (
	"testing"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// TestWhatIsNotUnderstoodIsAPersons covers words that the platform does not document, which the sandbox,
// strict as it is, cannot say.
func TestWhatIsNotUnderstoodIsAPersons(t *testing.T) {
	t.Parallel()
	line := happycolis.Line{ID: "l", SKU: "MUG", Status: "PENDING", Quantity: 1}
	odd := line
	odd.Status = "SHELVED"
	for name, c := range map[string]struct {
		d    happycolis.DeliveryOrder
		want journal.Reason
	}{
		"an unknown status":      {happycolis.DeliveryOrder{Status: "ARCHIVED", Lines: []happycolis.Line{line}}, journal.UnknownState},
		"an unknown line status": {happycolis.DeliveryOrder{Status: StatusPending, Lines: []happycolis.Line{line, odd}}, journal.UnknownState},
		"no lines":               {happycolis.DeliveryOrder{Status: StatusPending}, journal.UnknownState},
		"a known one":            {happycolis.DeliveryOrder{Status: StatusPending, Lines: []happycolis.Line{line}}, ""},
	} {
		if got, _ := CheckWorkBegun(&c.d); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for state, want := range map[string]journal.Reason{"OPENED": "", "ON_HOLD": journal.OrderOnHold, "COMPLETED": journal.OrderNotOpen, "DRAFT": journal.OrderNotOpen} {
		if got := CheckParentOrder(&happycolis.DeliveryOrder{Orders: []happycolis.Order{{State: state}}}); got != want {
			t.Errorf("an order in %s: %q, want %q", state, got, want)
		}
	}
}
