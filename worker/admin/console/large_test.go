package console

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
)

// TestThePagesOfALargeIncidentStaySmall: what they cost does not follow the number of delivery orders. It is
// told by round trips to Redis and bytes first; the best of three looks takes less than a second besides.
func TestThePagesOfALargeIncidentStaySmall(t *testing.T) {
	t.Parallel()
	few, many := newFixture(t), newFixture(t)
	few.fill(1_000)
	many.fill(100_000)
	const bytesMost = 64 << 10
	for _, path := range []string{"/", "/incidents", "/incidents/inc-1", "/orders?incident=inc-1", "/orders?incident=inc-1&state=needs_person&reason=cancel_refused", "/orders?incident=inc-1&state=pending"} {
		bytes, trips := many.cost(path)
		took := time.Hour
		for range 3 {
			begun := time.Now()
			many.cost(path)
			took = min(took, time.Since(begun))
		}
		if took > time.Second {
			t.Errorf("%s: it took %s, want at most a second", path, took)
		}
		_, before := few.cost(path)
		if trips != before || trips > 30 {
			t.Errorf("%s: %d round trips with 100,000 delivery orders, %d with 1,000; want the same, at most 30", path, trips, before)
		}
		if bytes > bytesMost {
			t.Errorf("%s: %d bytes, want at most %d", path, bytes, bytesMost)
		}
		t.Logf("%s: %d bytes, %d round trips, %s", path, bytes, trips, took)
	}
}

// cost loads a page and tells its size and its round trips to Redis.
func (b *fixture) cost(path string) (bytes int, trips int64) {
	b.t.Helper()
	before := b.commands.trips.Load()
	status, page := b.get(path)
	if status != http.StatusOK {
		b.t.Fatalf("%s: got %d", path, status)
	}
	return len(page), b.commands.trips.Load() - before
}

// fill makes an incident of n delivery orders: a tenth waits, a tenth needs an operator, the others are
// reassigned. Ten are written by the journal; the others are copies of them, put straight into Redis.
func (b *fixture) fill(n int) {
	b.t.Helper()
	ctx := b.t.Context()
	inc := b.incident(journal.Draining)
	inc.DrainedAt = time.Now().Add(-time.Minute)
	must(b.t, b.desk.Journal.SaveIncident(ctx, inc, time.Now()))
	var samples []string
	for i := range 10 {
		r := &journal.Reassignment{Identity: journal.Identity{Organization: organization, Incident: inc.ID, DeliveryOrder: fmt.Sprintf("do_%06d", i), OrderNumber: fmt.Sprintf("SO-%06d", i), FromID: "loc_1", From: "paris-warehouse", OpenedAt: time.Now()},
			Original: journal.Original{Status: "PENDING"}}
		_, _, err := b.desk.Journal.Enroll(ctx, r)
		must(b.t, err)
		samples = append(samples, r.Identity.ID)
		switch i {
		case 0:
			continue
		case 1:
			r.State, r.Reason = journal.NeedsPerson, journal.CancelRefused
		default:
			r.State, r.Decision.To = journal.Reassigned, fmt.Sprintf("fallback-%d", i)
		}
		_, err = b.desk.Journal.Finish(ctx, r, time.Now())
		must(b.t, err)
	}
	for i, sample := range samples {
		var names []string
		for k := len(samples) + i; k < n; k += len(samples) {
			names = append(names, strings.Replace(sample, fmt.Sprintf("do_%06d", i), fmt.Sprintf("do_%06d", k), 1))
		}
		b.clone(sample, names)
	}
	for _, key := range b.redis.Keys() {
		if strings.HasSuffix(key, ":counts") {
			counts, err := b.rdb.HGetAll(ctx, key).Result()
			must(b.t, err)
			for field, text := range counts {
				count, err := strconv.Atoi(text)
				must(b.t, err)
				must(b.t, b.rdb.HSet(ctx, key, field, count*n/len(samples)).Err())
			}
		}
	}
	tally, err := b.desk.Journal.Tally(ctx, organization, inc.ID)
	must(b.t, err)
	if tally.Sum() != n || tally.States[journal.NeedsPerson] != n/10 {
		b.t.Fatalf("the incident has %d delivery orders, %d of which need a person; want %d", tally.Sum(), tally.States[journal.NeedsPerson], n)
	}
}

// clone puts copies of a record into Redis, and into every sorted set that the record is in.
func (b *fixture) clone(record string, names []string) {
	b.t.Helper()
	ctx := b.t.Context()
	for _, key := range b.redis.Keys() {
		switch b.redis.Type(key) {
		case "zset":
			score, err := b.rdb.ZScore(ctx, key, record).Result()
			if err != nil {
				continue // it is not in that one
			}
			members := make([]redis.Z, len(names))
			for i, name := range names {
				members[i] = redis.Z{Score: score, Member: name}
			}
			must(b.t, b.rdb.ZAdd(ctx, key, members...).Err())
		case "hash":
			if !strings.HasSuffix(key, ":"+record) {
				continue
			}
			fields, err := b.rdb.HGetAll(ctx, key).Result()
			must(b.t, err)
			_, err = b.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
				for _, name := range names {
					_, id, _ := strings.Cut(name, "/")
					_, old, _ := strings.Cut(record, "/")
					p.HSet(ctx, strings.TrimSuffix(key, record)+name, "version", fields["version"], "body", strings.ReplaceAll(fields["body"], old, id))
				}
				return nil
			})
			must(b.t, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestHowLongADrainTakesIsGuessedFromItsBeginningAndNotFromWhatTheHistorySays(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tally := journal.Tally{States: map[journal.State]int{journal.Reassigned: 1, journal.Pending: 2}}
	inc := &journal.Incident{State: journal.Draining, DrainedAt: now.Add(-10 * time.Minute)}
	inc.Note(now.Add(-time.Second), "draining", "")
	if got, want := progressOf(inc, tally, now).Left, formatDuration(20*time.Minute); got != want {
		t.Errorf("two of three are left after 10 min: got %q, want %q", got, want)
	}
	inc.DrainedAt = time.Time{}
	if got := progressOf(inc, tally, now).Left; got != "" {
		t.Errorf("nothing moved yet: got %q, want no guess", got)
	}
}
