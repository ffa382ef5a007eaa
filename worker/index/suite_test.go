package index_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/redistest"
)

// story is one thing that the index bears out on every Redis.
type story struct {
	name string
	tell func(*testing.T, *store)
}

// TestIndex is the conformance suite: every story on every Redis, each in an organization of its own.
func TestIndex(t *testing.T) {
	t.Parallel()
	redistest.OnEachRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		for i, s := range slices.Concat(dating, arriving, waiting, telling, thin, flying, seeing, gaps, placing, importing, expiring, disputing) {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				s.tell(t, &store{Index: index.New(rdb), rdb: rdb, org: fmt.Sprint("org_", i)})
			})
		}
	})
}

// noon is when what these stories tell of happened.
var noon = time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)

// store is an index with the means to tell a story in it.
type store struct {
	*index.Index
	rdb redis.UniversalClient
	org string
}

// order is a delivery order in flight at Paris, dated the given number of seconds after noon.
func order(id string, second int) index.Entry {
	return index.Entry{ID: id, Number: "SO-" + id, Location: "loc_paris", Orders: []string{"ord_" + id}, Status: "PENDING", Priority: "NORMAL",
		Lines: []index.Line{{ID: "dl_" + id, SKU: "MUG", Status: "PENDING", Quantity: 2}}, Events: []string{"FULFILLMENT_REQUESTED"},
		Date: noon.Add(time.Duration(second) * time.Second)}
}

// put stores an entry, of a webhook if message is not "", and wants it to be news or not.
func (s *store) put(t *testing.T, e index.Entry, message string, news bool) {
	t.Helper()
	got, err := s.Put(t.Context(), s.org, e, message)
	must(t, err)
	if got != news {
		t.Errorf("%s of %s is news: %t, want %t", e.ID, e.Date, got, news)
	}
}

func (s *store) want(t *testing.T, want index.Entry) {
	t.Helper()
	got, known, err := s.Get(t.Context(), s.org, want.ID)
	must(t, err)
	if !known {
		t.Fatalf("%s is not known", want.ID)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

// flight wants the delivery orders in flight at a location to be these, in this order.
func (s *store) flight(t *testing.T, location string, want ...string) {
	t.Helper()
	var got []string
	cursor := ""
	for {
		ids, next, err := s.InFlight(t.Context(), s.org, location, cursor, 3)
		must(t, err)
		got = append(got, ids...)
		if cursor = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("in flight at %s (-want +got):\n%s", location, diff)
	}
	n, err := s.CountInFlight(t.Context(), s.org, location)
	must(t, err)
	if n != len(want) {
		t.Errorf("%d are counted at %s, want %d", n, location, len(want))
	}
}

// redisClock is what the time is for the index.
func redisClock(t *testing.T, s *store) time.Time {
	t.Helper()
	now, err := s.rdb.Time(t.Context()).Result()
	must(t, err)
	return now.UTC().Truncate(time.Millisecond)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
