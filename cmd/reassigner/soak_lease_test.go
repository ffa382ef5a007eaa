//go:build soak

package main

import (
	"slices"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
)

// The wait after a worker's death, with the request timeout that the product has by default: the lease, one
// more request timeout so that nothing late is in the air, and the distance of two scans.
const (
	movesAgainMost = 45 * time.Second
	killAt         = 0.5             // of what was in flight is at rest
	slowCancel     = 1 * time.Second // so that the kill surely meets orders at work
	lastRequest    = 500 * time.Millisecond
)

func TestSoakAKilledWorkersOrdersMoveAgain(t *testing.T) {
	t.Parallel()
	seed := soakSeed(t)
	t.Logf("SOAK_SEED=%d", seed)
	r := newRig(t, buildBinary(t), rigOptions{seed: seed, processes: 1, request: happycolis.DefaultTimeout, latency: soakLatency,
		perMinute: soakPerMinute, policy: soakPolicy, statuses: soakStatuses})
	r.start()
	r.inFlight = sandbox.Seed(r.platform, sandbox.SeedOptions{Organization: demo.Organization, Orders: soakOrdersShort, Seed: seed}).InFlight
	r.heard()
	r.platform.AddFault(sandbox.Fault{Kind: sandbox.Latency, Operation: "deliveryOrderCancel", After: slowCancel})
	var orphans []*orphan
	var killed time.Time
	r.drain(sandbox.Paris, func(p progress) {
		switch {
		case orphans == nil && p.share >= killAt:
			orphans, killed = r.orphaned()
		case orphans != nil:
			r.follow(orphans)
		}
		if blocked, _ := r.platform.Blocked(demo.Organization); blocked {
			r.platform.Unblock(demo.Organization, true)
		}
	})
	if len(orphans) == 0 {
		t.Fatal("the kill met no order at work: nothing was measured")
	}
	var waits []time.Duration
	for _, o := range orphans {
		if o.movedAt.IsZero() {
			t.Errorf("%s was at work when the worker was killed, and never moved again", o.record.Identity.DeliveryOrder)
			continue
		}
		waits = append(waits, o.movedAt.Sub(killed).Round(100*time.Millisecond))
	}
	slices.Sort(waits)
	t.Logf("of %d orders at work when the worker was killed, the first moved again after %s, the last after %s; at most %s is promised",
		len(orphans), waits[0], waits[len(waits)-1], movesAgainMost)
	if last := waits[len(waits)-1]; last > movesAgainMost {
		t.Errorf("the last order moved again after %s, want at most %s", last, movesAgainMost)
	}
}

// orphan is an order whose worker died.
type orphan struct {
	record  *journal.Reassignment
	touched int // requests that named it until then
	movedAt time.Time
}

// orphaned kills the worker while orders are at work, and starts it again. nil: there were none; it lives.
func (r *loadFixture) orphaned() (orphans []*orphan, killed time.Time) {
	r.t.Helper()
	working := func(record *journal.Reassignment) bool { return record.Leased && !record.State.IsAtRest() }
	if len(r.records(working)) == 0 {
		return nil, killed
	}
	killed = time.Now()
	r.processes[0].kill()
	left := r.records(working)
	for time.Since(killed) < lastRequest { // what it had sent arrives
		time.Sleep(lookEvery)
	}
	books := r.platform.Books()
	for _, record := range left {
		orphans = append(orphans, &orphan{record: record, touched: touched(books, record)})
	}
	r.processes[0].start()
	return orphans, killed
}

// follow notes which orphans the platform heard of again.
func (r *loadFixture) follow(orphans []*orphan) {
	books := r.platform.Books()
	for _, o := range orphans {
		if o.movedAt.IsZero() && touched(books, o.record) > o.touched {
			o.movedAt = time.Now()
		}
	}
}

// touched counts the requests that named a delivery order, its replacement or its orders.
func touched(books sandbox.Books, record *journal.Reassignment) int {
	n := books.Touched[record.Identity.DeliveryOrder]
	for _, id := range append([]string{record.Replacement.ID}, record.Identity.Orders...) {
		n += books.Touched[id]
	}
	return n
}
