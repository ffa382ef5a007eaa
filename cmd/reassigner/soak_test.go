//go:build soak

package main

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
)

// The soak is a drain by real processes over a real Redis, disturbed. Its length is said by the environment:
//
//	SOAK_ORDERS  orders of the merchant, about 70 % of them in flight at the location that breaks
//	SOAK_SHORT   1: few orders, for every day
//	SOAK_SEED    which of the repeatable worlds, and which requests fail; what the processes make of it is never repeated
//	SOAK_RACE    1: the processes run under the race detector
const (
	soakOrders      = 200
	soakOrdersShort = 40
	soakLatency     = 100 * time.Millisecond // so that there is always something in the air to be killed
	soakRequest     = 2 * time.Second
	soakPerMinute   = 1000
)

// What is moved in a soak: everything that may be. The few orders for Germany have no candidate.
const (
	soakStatuses = "DRAFT, PENDING, OPENED"
	soakPolicy   = `version: 1
rules:
  - name: paris falls back to lyon, then lille
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse, lille-warehouse], must: [ships_to_country], prefer: [listed_order]}}
default: needs_person
`
)

// scenario is one drain and what goes wrong meanwhile.
type scenario struct {
	name      string
	processes int
	troubles  func(*soak) []trouble
}

var scenarios = []scenario{
	{"nothing goes wrong", 1, func(*soak) []trouble { return nil }},
	{"the worker is killed every 2 s", 1, func(s *soak) []trouble { return []trouble{s.kills()} }},
	{"Redis is restarted twice", 1, func(s *soak) []trouble { return []trouble{s.redisRestarts()} }},
	{"two workers", 2, func(*soak) []trouble { return nil }},
	{"requests fail and replies are lost", 1, func(s *soak) []trouble { return []trouble{s.faults()} }},
	{"the task queue is wiped", 1, func(s *soak) []trouble { return []trouble{s.wipes()} }},
	{"all together", 2, func(s *soak) []trouble { return []trouble{s.faults(), s.kills(), s.redisRestarts(), s.wipes()} }},
}

// soak is one scenario under way.
type soak struct {
	*loadFixture
	random *rand.Rand
	tally  tally
}

func TestSoak(t *testing.T) {
	t.Parallel()
	seed := soakSeed(t)
	orders := soakLength(t)
	t.Logf("SOAK_SEED=%d SOAK_ORDERS=%d", seed, orders)
	binary := buildBinary(t)
	for i, c := range scenarios {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &soak{random: rand.New(rand.NewPCG(uint64(seed), uint64(i)))}
			s.loadFixture = newRig(t, binary, rigOptions{seed: seed, processes: c.processes, request: soakRequest, latency: soakLatency,
				perMinute: soakPerMinute, policy: soakPolicy, statuses: soakStatuses})
			s.run(orders, c.troubles)
		})
	}
}

func (s *soak) run(orders int, troubles func(*soak) []trouble) {
	s.start()
	merchant := sandbox.Seed(s.platform, sandbox.SeedOptions{Organization: demo.Organization, Orders: orders, Seed: s.o.seed})
	s.inFlight = merchant.InFlight
	s.heard()
	took := s.drain(sandbox.Paris, append(troubles(s), s.unblocks())...)
	s.awaitReady()
	s.judge(took)
}

func soakSeed(t *testing.T) int64 {
	text := os.Getenv("SOAK_SEED")
	if text == "" {
		return time.Now().UnixNano() % 1_000_000
	}
	seed, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("SOAK_SEED: %v", err)
	}
	return seed
}

func soakShort() bool { return os.Getenv("SOAK_SHORT") == "1" }

func soakLength(t *testing.T) int {
	text := os.Getenv("SOAK_ORDERS")
	switch {
	case text == "" && soakShort():
		return soakOrdersShort
	case text == "":
		return soakOrders
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("SOAK_ORDERS: %q is not a number of orders", text)
	}
	return n
}
