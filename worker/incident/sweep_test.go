package incident_test

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

func (s *story) swept() journal.SweepStatus {
	s.t.Helper()
	did, err := s.Journal.LastSweepStatus(s.t.Context(), world.Org)
	if err != nil {
		s.t.Fatal(err)
	}
	return did
}

func (s *story) incidents() []string {
	s.t.Helper()
	ids, err := s.Journal.IncidentIDs(s.t.Context(), world.Org)
	if err != nil {
		s.t.Fatal(err)
	}
	return ids
}

// withoutEvents drops what tells of integrations and locations.
func (s *story) withoutEvents() {
	for _, kind := range []string{"errored", "accepted", "rejected", "created"} {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: "location/fulfillment_service_integration/" + kind})
	}
}

func TestAMissedEventIsMadeUpForWithinOneSweep(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.withoutEvents()
	s.Platform.Break(sandbox.Paris)
	s.pass(61 * time.Second)
	s.is(journal.Settling)
	s.pass(10 * time.Minute)
	s.is(journal.Watching)
	s.Platform.Recover(sandbox.Paris, true) // nobody hears of that either
	s.pass(61 * time.Second)
	s.is(journal.Closed)
	s.holds()
}

func TestALocationThatThePolicyNamesIsWatchedWithoutAnyDeliveryOrderThere(t *testing.T) {
	t.Parallel()
	s := tell(t, 0, world.Options{})
	if err := s.Index.PutLocation(t.Context(), world.Org, index.Location{ID: s.m.Locations[sandbox.Paris], Slug: sandbox.Paris}); err != nil {
		t.Fatal(err)
	}
	s.withoutEvents()
	s.Platform.Break(sandbox.Paris)
	s.pass(61 * time.Second)
	s.is(journal.Settling)
}

func TestASweepAsksABoundedNumberOfLocationsAndAllGetTheirTurn(t *testing.T) {
	t.Parallel()
	const many = 150
	s := tell(t, 0, world.Options{})
	for i := range many {
		id := fmt.Sprintf("loc_%03d", i)
		s.Platform.AddLocation(sandbox.Location{ID: id, Slug: "shop-" + id, Organization: world.Org, Active: true, Type: sandbox.Warehouse,
			Country: "FR", IntegrationID: "fsi_" + id, ServiceID: "svc"})
		s.Platform.AddOrder(sandbox.Order{ID: "o" + id, Organization: world.Org, Lines: []sandbox.OrderLine{{ID: "l" + id, SKU: "X", Quantity: 1}}})
		s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do" + id, Location: id, Orders: []string{"o" + id}, Status: sandbox.Pending,
			Lines: []sandbox.Line{{ID: "dl" + id, OrderLine: "l" + id, SKU: "X", Status: sandbox.LineNew, Quantity: 1}}})
	}
	s.pass(50 * time.Second)
	s.withoutEvents()
	s.Platform.Break("loc_149") // the last to be asked
	for minute := range 3 {
		before := s.requests()
		s.pass(time.Minute)
		if got := s.requests() - before; got > 60 {
			t.Errorf("%d requests in minute %d, want 60 at the most", got, minute+1)
		}
		if did := s.swept(); did.Locations < many || did.Read != 60 || did.Requests != 60 {
			t.Errorf("the sweep did %+v, want 60 of %d locations asked", did, many)
		}
	}
	s.is(journal.Settling)
}

func TestADeliveryOrderThatMovesToTheLocationJoins(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	s.Platform.AddOrder(sandbox.Order{ID: "late", Organization: world.Org, Lines: []sandbox.OrderLine{{ID: "l", SKU: "LATE", Quantity: 1}}})
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_late", Location: s.m.Locations[sandbox.Lyon], Orders: []string{"late"},
		Status: sandbox.Draft, Lines: []sandbox.Line{{ID: "dl", OrderLine: "l", SKU: "LATE", Status: sandbox.LineNew, Quantity: 1}}})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	s.is(journal.Watching)
	before := s.counts()[journal.Reassigned]
	if err := s.Platform.PersonMove("do_late", sandbox.Paris); err != nil {
		t.Fatal(err)
	}
	s.pass(2 * time.Minute)
	if got := s.counts()[journal.Reassigned]; got != before+1 {
		t.Errorf("%d reassigned two minutes later, want %d", got, before+1)
	}
	s.holds()
}

func TestWhatNeededAPersonAndSettledByItselfIsClosedAsGone(t *testing.T) {
	t.Parallel()
	s := tell(t, 40, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	var waiting []*journal.Reassignment
	for _, r := range s.rows() {
		if r.State == journal.NeedsPerson && r.Reason == journal.OpenedNotEnabled {
			waiting = append(waiting, r)
		}
	}
	if len(waiting) < 3 {
		t.Fatalf("%d need a person, want some", len(waiting))
	}
	if err := s.Platform.PersonCancel(waiting[0].Identity.DeliveryOrder); err != nil {
		t.Fatal(err)
	}
	before := s.requests()
	s.pass(3 * time.Minute)
	after := map[string]*journal.Reassignment{}
	for _, r := range s.rows() {
		after[r.Identity.ID] = r
	}
	if got := after[waiting[0].Identity.ID]; got.State != journal.Left || got.Reason != journal.Gone {
		t.Errorf("the one that somebody cancelled is %s %s, want left: gone", got.State, got.Reason)
	}
	for _, r := range waiting[1:] {
		if got := after[r.Identity.ID]; got.Version != r.Version {
			t.Errorf("%s was touched: %s %s", r.Identity.DeliveryOrder, got.State, got.Reason)
		}
	}
	// Three sweeps ask three locations each, and the one is read.
	if got := s.requests() - before; got > 12 {
		t.Errorf("%d requests, want 12 at the most", got)
	}
	s.holds()
}

func TestOtherEventsOfALocationAreLookedIntoAndOpenNothingByThemselves(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"location/fulfillment_service_integration/rejected", "location/fulfillment_service_integration/created",
		"location/fulfillment_service_integration/accepted", "location/deactivated", "location/type_changed"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := tell(t, 10, world.Options{Incident: func(i *incident.Settings) { i.Sweep = time.Hour }})
			s.Platform.Announce(kind, sandbox.Paris)
			s.pass(5 * time.Minute)
			if got := s.incidents(); len(got) != 0 {
				t.Fatalf("incidents %v of a location that works, want none", got)
			}
			// It reads ERROR, and only this event tells.
			s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationError, "", false)
			s.Platform.Announce(kind, sandbox.Paris)
			s.pass(5 * time.Second)
			s.is(journal.Settling)
			s.pass(10 * time.Minute)
			if got := s.incident().State; got != journal.Draining && got != journal.Watching {
				t.Errorf("the incident is %s, want draining: its second observation reads ERROR", got)
			}
		})
	}
}

func TestAcceptedEndsAnIncidentAtOnce(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{Incident: func(i *incident.Settings) { i.Sweep = time.Hour }})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(5 * time.Second)
	s.is(journal.Closed)
}

func TestManyEventsOfALocationCostOneLookEveryTenSeconds(t *testing.T) {
	t.Parallel()
	s := tell(t, 10, world.Options{Incident: func(i *incident.Settings) { i.Sweep = time.Hour }})
	before := s.requests()
	for range 60 {
		s.Platform.Announce("location/fulfillment_service_integration/rejected", sandbox.Paris)
		s.pass(time.Second)
	}
	if got := s.requests() - before; got > 8 {
		t.Errorf("%d requests for 60 events in a minute, want one every ten seconds", got)
	}
}

// refused tells of one delivery order whose cancel the platform refused: it needs an operator.
func refused(t *testing.T) (*story, *journal.Reassignment) {
	t.Helper()
	s := tell(t, 40, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, Count: 1})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	for _, r := range s.rows() {
		if r.State == journal.NeedsPerson && r.Reason == journal.CancelRefused {
			return s, r
		}
	}
	t.Fatal("no cancel was refused")
	return nil, nil
}

func TestWhatWasShippedAfterItsCancelWasRefusedIsClosedAsGone(t *testing.T) {
	t.Parallel()
	s, r := refused(t)
	if err := s.Platform.WarehouseShip(r.Identity.DeliveryOrder); err != nil {
		t.Fatal(err)
	}
	s.pass(3 * time.Minute)
	if got := s.row(r.Identity.DeliveryOrder); got.State != journal.Left || got.Reason != journal.Gone {
		t.Errorf("it is %s %s, want left: gone", got.State, got.Reason)
	}
	s.holds()
}

func TestWhatMayBeCancelledByUsIsNotClosedAsGone(t *testing.T) {
	t.Parallel()
	s, r := refused(t)
	if err := s.Platform.PersonCancel(r.Identity.DeliveryOrder); err != nil { // who can tell this from ours, taking effect late?
		t.Fatal(err)
	}
	s.pass(30 * time.Minute)
	if got := s.row(r.Identity.DeliveryOrder); got.State != journal.NeedsPerson {
		t.Errorf("it is %s %s, want that it still needs a person", got.State, got.Reason)
	}
	s.holds()
}

func TestWhatAClosedIncidentLeftToAPersonIsClosedAsGoneToo(t *testing.T) {
	t.Parallel()
	s := tell(t, 40, world.Options{})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	s.stop()
	s.pass(time.Minute)
	if err := s.unblock(s.incident().ID); err != nil {
		t.Fatal(err)
	}
	s.is(journal.Closed)
	for _, r := range s.rows() {
		if r.State != journal.NeedsPerson || r.Reason != journal.OpenedNotEnabled {
			continue
		}
		if err := s.Platform.PersonCancel(r.Identity.DeliveryOrder); err != nil {
			t.Fatal(err)
		}
		s.pass(11 * time.Minute)
		got, err := s.Journal.Get(t.Context(), world.Org, r.Identity.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.State != journal.Left || got.Reason != journal.Gone {
			t.Errorf("it is %s %s, want left: gone", got.State, got.Reason)
		}
		return
	}
	t.Fatal("nothing needs a person")
}

func TestWhatADRAFTElsewhereMayReplaceIsNotTouched(t *testing.T) {
	t.Parallel()
	s := tell(t, 10, world.Options{})
	s.add("order", "do_first")
	s.pass(time.Second)
	if err := s.Platform.PersonCancel("do_first"); err != nil {
		t.Fatal(err)
	}
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_second", Location: s.m.Locations[sandbox.Lyon], Orders: []string{"order"},
		Status: sandbox.Draft, Lines: []sandbox.Line{{ID: "second_l", OrderLine: "order_l", SKU: "LATE", Status: sandbox.LineNew, Quantity: 1}}})
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	before := s.row("do_first")
	if before.Reason != journal.UnprovenDraft {
		t.Fatalf("it is %s %s, want unproven_draft", before.State, before.Reason)
	}
	s.pass(15 * time.Minute)
	if after := s.row("do_first"); after.Version != before.Version {
		t.Errorf("it was touched: %s %s", after.State, after.Reason)
	}
	s.holds()
}
