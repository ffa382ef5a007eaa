package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/ledger"
	"happycolis-reassigner/worker/redistest"
)

// story is one thing that the ledger holds to on every Redis.
type story struct {
	name string
	tell func(*testing.T, *store)
}

// TestLedger is the conformance suite: every story on every Redis, each in an organization of its own.
func TestLedger(t *testing.T) {
	t.Parallel()
	redistest.OnEachRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		for i, s := range slices.Concat(stories, arriving, waiting) {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				s.tell(t, newStore(rdb, fmt.Sprint("org_", i)))
			})
		}
	})
}

// store is a ledger with the means to tell a story in it.
type store struct {
	*ledger.Ledger
	index *index.Index
	rdb   redis.UniversalClient
	org   string
}

func newStore(rdb redis.UniversalClient, org string) *store {
	x := index.New(rdb)
	return &store{Ledger: ledger.New(rdb, x), index: x, rdb: rdb, org: org}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatRedisRefusesIsAnError refuses each request of each question and of each change.
func TestWhatRedisRefusesIsAnError(t *testing.T) {
	t.Parallel()
	const org = "org_1"
	claimed := claim("inc_1.do_1", 1)
	claimed.PerHour, claimed.PerDay = 9, 9
	for name, ask := range map[string]func(context.Context, *ledger.Ledger) error{
		"Reserve": func(ctx context.Context, l *ledger.Ledger) error { return second(l.Reserve(ctx, org, claimed, today)) },
		"Release": func(ctx context.Context, l *ledger.Ledger) error { return l.Release(ctx, org, claimed.Owner) },
		"Commit":  func(ctx context.Context, l *ledger.Ledger) error { return l.Commit(ctx, org, claimed.Owner, today) },
		"NextFree": func(ctx context.Context, l *ledger.Ledger) error {
			return second(l.NextFree(ctx, org, "loc_lyon", 1, 1))
		},
		"ListStale": func(ctx context.Context, l *ledger.Ledger) error { return second(l.ListStale(ctx, org, 9)) },
		"PutStock":  func(ctx context.Context, l *ledger.Ledger) error { return l.PutStock(ctx, org, mugs(5, 5, 0), "msg_2") },
		"Availability": func(ctx context.Context, l *ledger.Ledger) error {
			return second(l.Availability(ctx, org, ledger.Query{Location: "loc_lyon", Owner: claimed.Owner, SKUs: []string{"MUG"}, At: today}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := int64(1); ; n++ {
				s := newStore(redistest.NewClient(t, redistest.StartEmbedded(t).Addr()), org)
				must(t, errors.Join(s.PutStock(t.Context(), org, mugs(5, 4, 0), ""), second(s.Reserve(t.Context(), org, claimed, today))))
				gone := &redistest.RefusingHook{From: n, To: math.MaxInt64}
				s.rdb.(*redis.Client).AddHook(gone)
				err := ask(t.Context(), s.Ledger)
				if !gone.HasRefused() {
					if n == 1 || err != nil {
						t.Errorf("with Redis there: %v after %d requests", err, n-1)
					}
					break
				}
				if !errors.Is(err, redistest.ErrRefused) {
					t.Errorf("without Redis from its request %d on: got %v, want its error", n, err)
				}
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }
