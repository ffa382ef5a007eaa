package handover_test

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// stock sets what a location has of both things that are ordered.
func (s *fixture) stock(location string, mugs, trays int) {
	s.t.Helper()
	for sku, units := range map[string]int{"MUG": mugs, "TRAY": trays} {
		s.Platform.AddStock(sandbox.Stock{Location: location, SKU: sku, Physical: units, Usable: units})
	}
	s.pass(time.Second)
}

// reviewed is the time after which what a crash left promised to nobody was found.
const reviewed = 11 * time.Minute

// balances holds the ledger against the platform's books. Promised is what prepared delivery orders of rows that
// an operator has would take, and besides, at most, what was sent and no figure told of since; once a new figure
// is told, nothing but the former. Places are taken by those, and by nobody else.
func (s *fixture) balances() {
	s.t.Helper()
	s.Redis.SetTime(s.Now().Add(reviewed)) // nothing else is due: only what the sweep would review by then
	if err := s.Handover.ReviewReservations(s.ctx, world.Org); err != nil {
		s.t.Fatal(err)
	}
	s.Redis.SetTime(s.Now())
	sent, unsent, began := s.justified()
	for key, n := range s.promised() {
		if n < unsent[key] || n > unsent[key]+sent[key] {
			s.t.Errorf("%d of %s are promised, want %d, and %d of what was sent at most\n%s", n, key, unsent[key], sent[key], s.story())
		}
	}
	if diff := cmp.Diff(began, s.began()); diff != "" {
		s.t.Errorf("places taken (-books +ledger):\n%s%s", diff, s.story())
	}
	for _, location := range []string{sandbox.Lyon, sandbox.Lille} {
		s.stock(location, 100, 100)
	}
	if diff := cmp.Diff(unsent, s.promised()); diff != "" {
		s.t.Errorf("still promised after a new figure (-books +ledger):\n%s%s", diff, s.story())
	}
}

// justified is what the books justify, by location and SKU: units of rows that are over or sent, units of prepared
// ones; and the handovers that began at each location.
func (s *fixture) justified() (over, open map[string]int, began map[string]bool) {
	s.t.Helper()
	rows, err := s.Rows(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	books := s.Platform.Books()
	over, open, began = map[string]int{}, map[string]int{}, map[string]bool{}
	for _, r := range rows {
		ours := r.Replacement.ID
		if ours == "" && r.State == journal.Reassigned {
			ours = r.Identity.DeliveryOrder
		}
		for _, d := range books.DeliveryOrders {
			if d.ID != ours || r.Replacement.Adopted {
				continue
			}
			units := map[bool]map[string]int{true: over, false: open}[r.State.IsOver() || r.Sent()]
			for _, l := range d.Lines {
				if l.Status != sandbox.LineCanceled && l.Status != sandbox.LineRejected {
					units[d.Location+"|"+l.SKU] += l.Quantity
					began[d.Location+" "+r.Identity.ID] = true
				}
			}
		}
	}
	return over, open, began
}

const keyPrefix = "reassigner:{" + world.Org + "}:"

// promised is what the ledger says is promised, by location and SKU.
func (s *fixture) promised() map[string]int {
	s.t.Helper()
	found := map[string]int{}
	for _, key := range s.Redis.Keys() {
		name, is := strings.CutPrefix(key, keyPrefix+"stock:")
		if n := s.Redis.HGet(key, "reserved_by_us"); is && n != "" {
			units, err := strconv.Atoi(n)
			if err != nil {
				s.t.Fatal(err)
			}
			found[name] = units
		}
	}
	return found
}

// began is who began where, by the ledger.
func (s *fixture) began() map[string]bool {
	s.t.Helper()
	found := map[string]bool{}
	for _, key := range s.Redis.Keys() {
		if location, is := strings.CutPrefix(key, keyPrefix+"started:"); is {
			owners, err := s.Redis.ZMembers(key)
			if err != nil {
				s.t.Fatal(err)
			}
			for _, owner := range owners {
				found[location+" "+owner] = true
			}
		}
	}
	return maps.Clone(found)
}
