package journal_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/redistest"
)

// story is one thing that the journal bears out on every Redis.
type story struct {
	name string
	tell func(*testing.T, *store)
}

// TestJournal is the conformance suite: every story on every Redis, each in an organization of its own.
func TestJournal(t *testing.T) {
	t.Parallel()
	redistest.OnEachRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		for i, s := range slices.Concat(enrolling, writing, racing, working, due, locking, pausing, listing, tallying, incidents, approving, auditing, canarying, expiring, reopening, serving, overtaken, waking, replacing, dangerous) {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				s.tell(t, &store{Journal: journal.New(rdb, request, 0), rdb: rdb, org: fmt.Sprint("org_", i)})
			})
		}
	})
}

const (
	request = 15 * time.Second // deadline of one request to the platform
	lease   = 2*request + journal.LeaseSlack
)

// then is the worker's clock in these stories. It is years off the clock of any Redis, on which alone
// leases and due times are measured.
var then = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)

// store is a journal with the means to tell a story in it.
type store struct {
	*journal.Journal
	rdb redis.UniversalClient
	org string
}

// enroll makes the record of a delivery order under inc_1.
func (s *store) enroll(t *testing.T, deliveryOrder string) *journal.Reassignment {
	t.Helper()
	r := s.draft("inc_1", deliveryOrder)
	if _, fresh, err := s.Enroll(t.Context(), r); err != nil || !fresh {
		t.Fatalf("enrolling %s: fresh %t, %v", deliveryOrder, fresh, err)
	}
	return r
}

func (s *store) draft(incident, deliveryOrder string) *journal.Reassignment {
	return &journal.Reassignment{Identity: journal.Identity{Organization: s.org, Incident: incident, DeliveryOrder: deliveryOrder, FromID: "loc_paris", OrderNumber: "SO-" + deliveryOrder, Orders: []string{"ord_" + deliveryOrder}, OpenedAt: then}}
}

// stored is the record as the journal has it now.
func (s *store) stored(t *testing.T, id string) *journal.Reassignment {
	t.Helper()
	r, err := s.Get(t.Context(), s.org, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *store) rest(t *testing.T, r *journal.Reassignment, state journal.State) {
	t.Helper()
	r.State = state
	must(t, s.toRest(t, r))
}

// toRest is Rest where no event is in play.
func (s *store) toRest(t *testing.T, r *journal.Reassignment) error {
	t.Helper()
	_, err := s.Finish(t.Context(), r, then)
	return err
}

// open makes inc_1 in a state.
func (s *store) open(t *testing.T, state journal.IncidentState) *journal.Incident {
	t.Helper()
	inc, err := s.Open(t.Context(), &journal.Incident{ID: "inc_1", Organization: s.org, LocationID: "loc_paris", State: state, OpenedAt: then})
	must(t, err)
	return inc
}

// clock is Redis's time.
func (s *store) clock(t *testing.T) time.Time {
	t.Helper()
	now, err := s.rdb.Time(t.Context()).Result()
	must(t, err)
	return now
}

// dueIn is how far off the due time of a record is on Redis's clock; false if it has none.
func (s *store) dueIn(t *testing.T, id string) (time.Duration, bool) {
	t.Helper()
	score, err := s.rdb.ZScore(t.Context(), journal.DueKey(s.org), id).Result()
	if errors.Is(err, redis.Nil) {
		return 0, false
	}
	must(t, err)
	return time.UnixMilli(int64(score)).Sub(s.clock(t)), true
}

// elapse lets time pass, by moving every due time and lock of the organization back.
func (s *store) elapse(t *testing.T, d time.Duration) {
	t.Helper()
	ids, err := s.rdb.ZRange(t.Context(), journal.DueKey(s.org), 0, -1).Result()
	must(t, err)
	for _, id := range ids {
		must(t, s.rdb.ZIncrBy(t.Context(), journal.DueKey(s.org), float64(-d.Milliseconds()), id).Err())
	}
	locks, err := s.rdb.HGetAll(t.Context(), journal.LocksKey(s.org)).Result()
	must(t, err)
	for order, held := range locks {
		owner, end, _ := strings.Cut(held, " ")
		var ms int64
		if _, err := fmt.Sscan(end, &ms); err != nil {
			t.Fatal(err)
		}
		must(t, s.rdb.HSet(t.Context(), journal.LocksKey(s.org), order, fmt.Sprint(owner, " ", ms-d.Milliseconds())).Err())
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error is %v, want %v", got, want)
	}
}

// wantNear compares a time on Redis's clock, which moves while we look.
func wantNear(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if got > want || got < want-5*time.Second {
		t.Errorf("%s is %s, want %s", what, got, want)
	}
}
