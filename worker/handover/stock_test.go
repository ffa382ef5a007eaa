package handover_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
	"happycolis-reassigner/worker/world"
)

// inStock is a policy that moves only to where the goods are.
const inStock = `version: 1
rules:
  - name: paris falls back to where everything is
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse, lille-warehouse], must: [in_stock, {capacity: {per_hour: 50}}]}}
default: needs_person
`

func TestOrdersDoNotCountTheSameUnits(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: inStock})
	s.stock(sandbox.Lyon, 4, 4) // of two orders' worth
	s.stock(sandbox.Lille, 2, 2)
	for i := range 4 {
		s.order(fmt.Sprint(i), sandbox.Pending)
	}
	s.breaks()
	at := map[string]int{}
	person := ""
	for i := range 4 {
		id := fmt.Sprint(i)
		if r := s.row(id); r.State == journal.NeedsPerson {
			person = id
		} else {
			at[r.Decision.To]++
		}
	}
	if at[sandbox.Lyon] != 2 || at[sandbox.Lille] != 1 || person == "" {
		t.Fatalf("they went to %v, want 2 to Lyon, one to Lille, and one with a person\n%s", at, s.story())
	}
	s.ends(person, "needs_person: no_candidate")
	told := strings.Join(s.row(person).Decision.Policy.Explain(), "\n")
	for _, want := range []string{"Candidate lyon-warehouse is refused: in_stock wanted 2 of MUG, 1 of TRAY, saw 0 of MUG ("} {
		if !strings.Contains(told, want) {
			t.Errorf("the decision lacks %q:\n%s", want, told)
		}
	}
	s.holds()
	s.balances()
}

func TestUnknownStockIsSaidToBeUnknownWithItsAge(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: inStock})
	for sku, age := range map[string]time.Duration{"MUG": 9 * 24 * time.Hour, "TRAY": 2 * time.Hour} {
		units := 10
		if err := s.Ledger.PutStock(s.ctx, world.Org, ledger.Stock{Location: "loc_lyon", SKU: sku, Status: "VALID", Usable: &units, Reserved: new(int),
			Date: world.Start.Add(-age)}, ""); err != nil {
			t.Fatal(err)
		}
	}
	s.order("1", sandbox.Pending)
	s.breaks()
	s.ends("1", "needs_person: no_candidate")
	told := strings.Join(s.row("1").Decision.Policy.Explain(), "\n")
	for _, want := range []string{
		"Candidate lyon-warehouse is refused: in_stock wanted 2 of MUG, 1 of TRAY, saw unknown of MUG (9d old).",
		"Candidate lille-warehouse is refused: in_stock wanted 2 of MUG, 1 of TRAY, saw unknown of MUG, unknown of TRAY.",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("the decision lacks %q:\n%s", want, told)
		}
	}
	s.stock(sandbox.Lyon, 10, 10)
	if err := s.Handover.Retry(s.ctx, s.row("1"), ops); err != nil {
		t.Fatal(err)
	}
	s.rest()
	s.ends("1", "reassigned")
	told = strings.Join(s.row("1").Decision.Policy.Explain(), "\n")
	for _, want := range []string{"in_stock wanted 2 of MUG, 1 of TRAY, saw 10 of MUG (under 1m old), 10 of TRAY (under 1m old)", "capacity wanted under 50 in an hour, saw 0 in an hour"} {
		if !strings.Contains(told, want) {
			t.Errorf("the decision lacks %q:\n%s", want, told)
		}
	}
}

// TestATargetThatStillFitsIsNotLeft has the platform count our own DRAFT already.
func TestATargetThatStillFitsIsNotLeft(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: inStock})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
	s.stock(sandbox.Lyon, 2, 1)
	s.stock(sandbox.Lille, 9, 9)
	s.order("1", sandbox.Pending)
	s.Platform.Break("loc_paris")
	s.pass(150 * time.Second)
	for sku, units := range map[string]int{"MUG": 2, "TRAY": 1} {
		s.Platform.AddStock(sandbox.Stock{Location: sandbox.Lyon, SKU: sku, Physical: units, Usable: units, Reserved: units})
	}
	s.rest()
	s.ends("1", "reassigned")
	if to := s.row("1").Decision.To; to != sandbox.Lyon {
		t.Errorf("it went to %s, want it where it was prepared\n%s", to, s.story())
	}
}

// TestATargetThatIsNotFitAnyMoreIsLeft has the goods go, or the country, between the release and the sending.
func TestATargetThatIsNotFitAnyMoreIsLeft(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: inStock})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
	s.stock(sandbox.Lyon, 8, 8)
	s.stock(sandbox.Lille, 8, 8)
	s.order("1", sandbox.Pending)
	s.Platform.Break("loc_paris")
	s.pass(150 * time.Second)
	s.stock(sandbox.Lyon, 0, 8)
	s.rest()
	s.ends("1", "reassigned")
	if to := s.row("1").Decision.To; to != sandbox.Lille {
		t.Errorf("it went to %s, want Lille\n%s", to, s.story())
	}
	if want := "lyon-warehouse is not fit any more: in_stock wanted 2 of MUG, 1 of TRAY, saw 0 of MUG"; !strings.Contains(s.story(), want) {
		t.Errorf("the history lacks %q\n%s", want, s.story())
	}
	s.holds()
	s.balances()
}

// TestHandoversAtOnceNeverBeginMoreThanMay drives many at the same time, as a process does.
func TestHandoversAtOnceNeverBeginMoreThanMay(t *testing.T) {
	t.Parallel()
	const orders, units, places = 24, 14, 5
	s := newShop(t, world.Options{Incident: func(i *incident.Settings) { i.Canary = 0 }, Policy: `version: 1
rules:
  - name: a few to lyon, the rest to lille
    when: {}
    then: {reassign: {candidates: [lyon-warehouse, lille-warehouse], must: [in_stock, {capacity: {per_hour: 5}}]}}
default: needs_person
`})
	s.stock(sandbox.Lyon, units, units)
	s.stock(sandbox.Lille, 6, 6)
	inc := &journal.Incident{ID: "inc-1", Organization: world.Org, LocationID: "loc_paris", Location: sandbox.Paris, State: journal.Draining, OpenedAt: world.Start}
	if _, err := s.Journal.Open(s.ctx, inc); err != nil {
		t.Fatal(err)
	}
	s.Platform.SetIntegration("loc_paris", sandbox.IntegrationError, "", false)
	var payloads [][]byte
	for i := range orders {
		s.order(fmt.Sprint(i), sandbox.Pending)
		r := &journal.Reassignment{Identity: journal.Identity{Organization: world.Org, Incident: inc.ID, DeliveryOrder: fmt.Sprint("do_", i), FromID: "loc_paris", From: sandbox.Paris, OpenedAt: world.Start}}
		if _, _, err := s.Journal.Enroll(s.ctx, r); err != nil {
			t.Fatal(err)
		}
		payload, err := tasks.Encode(tasks.Reassign{V: tasks.Version, Organization: world.Org, Reassignment: r.Identity.ID, At: 1})
		if err != nil {
			t.Fatal(err)
		}
		payloads = append(payloads, payload)
	}
	var all sync.WaitGroup
	for _, payload := range payloads {
		all.Go(func() { s.Handover.Handle(s.ctx, payload) })
	}
	all.Wait()
	made := map[string]int{}
	for _, d := range s.Platform.Books().DeliveryOrders {
		if d.Location != "loc_paris" {
			made[d.Location]++
		}
	}
	if made["loc_lyon"] != places || made["loc_lille"] != 3 {
		t.Errorf("replacements were made at %v, want %d at Lyon by its capacity and 3 at Lille by its stock\n%s", made, places, s.story())
	}
	if got := s.states(); got[journal.Holding] == 0 {
		t.Errorf("states are %v, want some holding for Lyon", got)
	}
}

// TestGoodsThatAreSoldEverywhereLeaveItWithAPerson has them go between the release and the sending, and come again.
func TestGoodsThatAreSoldEverywhereLeaveItWithAPerson(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: inStock})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
	s.stock(sandbox.Lyon, 8, 8)
	s.order("1", sandbox.Pending)
	s.Platform.Break("loc_paris")
	s.pass(150 * time.Second)
	s.stock(sandbox.Lyon, 1, 8)
	s.rest()
	s.ends("1", "needs_person: no_candidate")
	told := strings.Join(s.row("1").Decision.Policy.Explain(), "\n")
	if want := "Candidate lyon-warehouse is refused: in_stock wanted 2 of MUG, 1 of TRAY, saw 1 of MUG (2m old)."; !strings.Contains(told, want) {
		t.Errorf("the decision lacks %q:\n%s", want, told)
	}
	s.holds()
	s.balances()
	s.stock(sandbox.Lille, 0, 0)
	if err := s.Handover.Retry(s.ctx, s.row("1"), ops); err != nil {
		t.Fatal(err)
	}
	s.rest()
	s.ends("1", "reassigned")
	if to := s.row("1").Decision.To; to != sandbox.Lyon {
		t.Errorf("it went to %s, want Lyon, which has the goods again\n%s", to, s.story())
	}
	s.holds()
	s.balances()
}

// TestWhatARecordOfBeforeDoesNotPromiseIsFinished drives a record that an earlier release left: nothing was promised.
func TestWhatARecordOfBeforeDoesNotPromiseIsFinished(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]time.Duration{"before the release is confirmed": 150 * time.Second, "after it was sent": 6 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Policy: inStock})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon, After: 10 * time.Minute})
			s.stock(sandbox.Lyon, 8, 8)
			s.order("1", sandbox.Pending)
			s.Platform.Break("loc_paris")
			s.pass(at)
			if s.row("1").State.IsAtRest() {
				t.Fatalf("it rests already\n%s", s.story())
			}
			for _, key := range s.Redis.Keys() {
				for _, kind := range []string{"reservations", "reservations:due", "started:loc_lyon", "committed:loc_lyon|MUG", "committed:loc_lyon|TRAY"} {
					if key == keyPrefix+kind {
						s.Redis.Del(key)
					}
				}
				if strings.HasPrefix(key, keyPrefix+"stock:") {
					s.Redis.HDel(key, "reserved_by_us")
				}
			}
			s.rest()
			if got := s.promised(); len(got) != 0 {
				t.Errorf("promised are %v, want none", got)
			}
			s.holds()
		})
	}
}
