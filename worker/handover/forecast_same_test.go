package handover_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// decided is what is told of a decision by a forecast and by the record of an attempt.
type decided struct {
	State  journal.State
	Reason journal.Reason
	ToID   string
	Policy *policy.Decision // with its trace
}

// TestAForecastAndAnAttemptDecideAlike has a forecast look at a delivery order just before the attempt does, with nothing changed
// between: both have the same target, for the same reason, by the same trace.
func TestAForecastAndAnAttemptDecideAlike(t *testing.T) {
	t.Parallel()
	type change = func(*sandbox.Order, *sandbox.DeliveryOrder)
	line := func(status string) change {
		return func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[0].Status = status }
	}
	originals := map[string]struct {
		status string
		change change
	}{
		"a DRAFT":               {status: sandbox.Draft},
		"a PENDING one":         {status: sandbox.Pending},
		"an OPENED one":         {status: sandbox.Opened},
		"an accepted one":       {status: sandbox.Pending, change: line(sandbox.LineAccepted)},
		"one in progress":       {status: sandbox.Opened, change: line(sandbox.LineInProgress)},
		"one with a shipment":   {status: sandbox.Pending, change: func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Shipments = 1 }},
		"one without its order": {status: sandbox.Pending, change: func(o *sandbox.Order, _ *sandbox.DeliveryOrder) { o.State = "COMPLETED" }},
		"an automatic one":      {status: sandbox.Pending, change: automatic},
		"an ambiguous one":      {status: sandbox.Pending, change: func(o *sandbox.Order, d *sandbox.DeliveryOrder) { o.Lines[1].SKU, d.Lines[1].SKU = "MUG", "MUG" }},
	}
	places := map[string]struct {
		policy string
		before func(*fixture)
	}{
		"as usual":                  {},
		"the first place is closed": {before: func(s *fixture) { s.Platform.SetActive(sandbox.Lyon, false) }},
		"all places are closed": {before: func(s *fixture) {
			s.Platform.SetActive(sandbox.Lyon, false)
			s.Platform.SetActive(sandbox.Lille, false)
		}},
		"the first place has no stock":   {policy: inStock, before: func(s *fixture) { s.stock(sandbox.Lyon, 0, 0); s.stock(sandbox.Lille, 9, 9) }},
		"the only place may have failed": {policy: onlyLyon, before: func(s *fixture) { s.rumour(sandbox.Lyon) }},
		"the policy leaves all":          {policy: "version: 1\nrules: []\ndefault: leave\n"},
	}
	for at, place := range places {
		for name, original := range originals {
			t.Run(name+", "+at, func(t *testing.T) {
				t.Parallel()
				s := newShop(t, world.Options{Policy: place.policy, Incident: anyShare})
				if original.change == nil {
					original.change = func(*sandbox.Order, *sandbox.DeliveryOrder) {}
				}
				s.order("1", original.status, original.change)
				s.Platform.Break(sandbox.Paris)
				decides := s.Now().Add(2 * time.Minute)
				s.pass(40 * time.Second)
				if place.before != nil {
					place.before(s)
				}
				s.pass(decides.Sub(s.Now()) - time.Second)
				rows, _ := s.rehearse()
				if len(rows) != 1 {
					t.Fatalf("%d rows, want 1", len(rows))
				}
				s.pass(2 * time.Second)
				r := s.row("1")
				want := decided{rows[0].State, rows[0].Reason, rows[0].Decision.ToID, rows[0].Decision.Policy}
				got := decided{r.State, r.Reason, r.Decision.ToID, r.Decision.Policy}
				if want.State == journal.Reassigned && !r.State.IsAtRest() {
					got.State = journal.Reassigned // it is on its way
				}
				if want.State == journal.NeedsPerson && want.Reason == journal.AmbiguousOrderLine {
					want.ToID = got.ToID // what the attempt finds when it prepares is foreseen; it decided, and may wait, before
					if got.State == journal.Holding {
						want.State, want.Reason = got.State, got.Reason
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("forecast (-) and attempt (+):\n%s\n%s", diff, s.story())
				}
			})
		}
	}
}
