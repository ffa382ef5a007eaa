package handover_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	action "happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/world"
)

// oneAnHour is a policy under which Lyon takes one delivery order an hour.
const oneAnHour = `version: 1
rules:
  - name: paris falls back to lyon
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse], must: [{capacity: {per_hour: 1}}]}}
default: needs_person
`

// rehearse plans what is in flight at Paris.
func (s *fixture) rehearse() (rows []*journal.Reassignment, o *journal.Forecast) {
	s.t.Helper()
	rehearsal := s.Incidents.NewForecast(world.Org, false)
	for r, err := range rehearsal.PredictLocation(s.ctx, index.Location{ID: "loc_paris", Slug: sandbox.Paris}) {
		if err != nil {
			s.t.Fatal(err)
		}
		rows = append(rows, r)
	}
	return rows, rehearsal.Result()
}

func TestTwoOrdersThatWantTheLastUnitAreOneShortfall(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: inStock})
	s.stock(sandbox.Lyon, 3, 2) // of one order's worth, and a mug
	s.stock(sandbox.Lille, 0, 5)
	s.order("1", sandbox.Pending)
	s.order("2", sandbox.Pending)
	for range 2 { // nothing stays promised from one forecast to the next
		_, o := s.rehearse()
		if diff := cmp.Diff(map[string]int{sandbox.Lyon: 1}, o.Targets); diff != "" {
			t.Errorf("moved (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[journal.Reason]int{journal.NoCandidate: 1}, o.Stranded); diff != "" {
			t.Errorf("stranded (-want +got):\n%s", diff)
		}
		want := []journal.TargetForecast{
			{Location: sandbox.Lille, NoStock: 1, PerHour: 50, Short: []journal.SKUShortage{{SKU: "MUG", Requested: 2}}, ShortSKUs: 1},
			{Location: sandbox.Lyon, Orders: 1, Units: 3, NoStock: 1, PerHour: 50, Short: []journal.SKUShortage{{SKU: "MUG", Requested: 4, Available: 3}}, ShortSKUs: 1},
		}
		if diff := cmp.Diff(want, o.Locations[0].Targets); diff != "" {
			t.Errorf("what the fallbacks are asked for (-want +got):\n%s", diff)
		}
	}
}

func TestAPlanPromisesNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: inStock})
	s.stock(sandbox.Lyon, 4, 4)
	s.stock(sandbox.Lille, 2, 2)
	for i, status := range []string{sandbox.Draft, sandbox.Pending, sandbox.Pending, sandbox.Pending, sandbox.Pending, sandbox.Opened} {
		s.order(fmt.Sprint(i), status, automaticIf(i == 1))
	}
	s.rehearse() // the first learns the names of locations
	for _, k := range s.Redis.Keys() {
		if strings.Contains(k, ":reservations") || strings.Contains(k, ":started:") {
			t.Errorf("the first plan promised: %s", k)
		}
	}
	before, entries := s.Redis.Dump(), len(s.Platform.Books().Entries)
	rows, o := s.rehearse()
	if len(rows) != 6 || o.Targets[sandbox.Lyon] != 2 || o.Targets[sandbox.Lille] != 1 {
		t.Errorf("%d rows, of which %v move; want 6, 2 to Lyon and 1 to Lille", len(rows), o.Targets)
	}
	if diff := cmp.Diff(strings.Split(before, "\n"), strings.Split(s.Redis.Dump(), "\n")); diff != "" {
		t.Errorf("a plan wrote (-before +after):\n%s", diff)
	}
	if more := s.Platform.Books().Entries[entries:]; len(more) > 0 {
		t.Errorf("a plan changed the platform: %+v", more)
	}
}

func TestAPlanKeepsNothingOfWhatItRead(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	for i := range 5 {
		s.order(fmt.Sprint(i), sandbox.Pending)
	}
	if rows, _ := s.rehearse(); len(rows) != 5 {
		t.Fatalf("%d rows, want 5", len(rows))
	}
	if n := s.Handover.KeptViews(); n != 0 {
		t.Errorf("%d views are kept: a plan of thousands would hold all that it reads within seconds", n)
	}
}

// TestAPlanDoesNotWaitForWhatVanished has nobody wait a request timeout for each delivery order that is not found: a
// plan does nothing, so one look is enough. The wait would be in real time.
func TestAPlanDoesNotWaitForWhatVanished(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "do_1"})
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	s.ctx = ctx
	rows, _ := s.rehearse()
	if len(rows) != 1 || rows[0].State != journal.Left || rows[0].Reason != journal.Gone {
		t.Errorf("planned %+v, want left: gone", rows)
	}
}

func automaticIf(is bool) func(*sandbox.Order, *sandbox.DeliveryOrder) {
	if is {
		return automatic
	}
	return func(*sandbox.Order, *sandbox.DeliveryOrder) {}
}

func TestWhatWaitsForCapacityIsPlannedApprovedAndMovedInItsHour(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: oneAnHour, Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	for i := range 3 {
		s.order(fmt.Sprint(i), sandbox.Pending)
	}
	_, o := s.rehearse()
	want := []journal.TargetForecast{{Location: sandbox.Lyon, Orders: 1, Units: 3, NoCapacity: 2, PerHour: 1}}
	if diff := cmp.Diff(want, o.Locations[0].Targets); diff != "" || o.Holding != 2 || len(o.Stranded) > 0 {
		t.Errorf("%d wait, stranded %v; want 2, none (-want +got):\n%s", o.Holding, o.Stranded, diff)
	}
	s.Platform.Break("loc_paris")
	s.pass(5 * time.Minute)
	inc, err := s.Incident(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if inc, err = s.Incidents.FreezePlan(s.ctx, inc); err != nil {
		t.Fatal(err)
	}
	if p := inc.Plan; p.Orders != 3 || p.Moves != 1 || p.Holding != 2 {
		t.Fatalf("the plan has %d orders, %d move, %d wait; want 3, 1, 2", p.Orders, p.Moves, p.Holding)
	}
	if err := s.Actions.Approve(s.ctx, inc, action.Approval{Hash: inc.Plan.Hash}, ops); err != nil {
		t.Fatal(err)
	}
	s.pass(30 * time.Minute)
	moved := func() int {
		rows, err := s.Rows(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, r := range rows {
			if r.State == journal.Reassigned {
				n++
			}
			if r.Plan.Deviation != "" {
				t.Errorf("%s is left out: %s", r.Identity.DeliveryOrder, r.Plan.Deviation)
			}
		}
		return n
	}
	if n := moved(); n != 1 {
		t.Errorf("%d are moved in the first hour, want 1\n%s", n, s.story())
	}
	s.pass(3 * time.Hour)
	if n := moved(); n != 3 {
		t.Errorf("%d are moved in four hours, want 3\n%s", n, s.story())
	}
	s.holds()
}
