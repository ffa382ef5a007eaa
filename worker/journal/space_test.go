package journal_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/redistest"
)

func TestRedisTellsItsMemory(t *testing.T) {
	t.Parallel()
	t.Run("a redis-server with a limit", func(t *testing.T) {
		t.Parallel()
		got := space(t, redistest.Client(t, redistest.Real(t, "--maxmemory", "64mb")))
		if got.Limit != 64<<20 || got.Used <= 0 || got.Share() <= 0 || got.Share() >= 1 {
			t.Errorf("got %+v, share %v", got, got.Share())
		}
	})
	t.Run("a redis-server without a limit: how full it is is not known", func(t *testing.T) {
		t.Parallel()
		if got := space(t, redistest.Client(t, redistest.Real(t))); got.Limit != 0 || got.Used <= 0 || got.Share() != 0 || got.Evict != "" {
			t.Errorf("got %+v, share %v", got, got.Share())
		}
	})
	t.Run("a redis-server that evicts", func(t *testing.T) {
		t.Parallel()
		if got := space(t, redistest.Client(t, redistest.Real(t, "--maxmemory-policy", "allkeys-lru"))); got.Evict != "allkeys-lru" {
			t.Errorf("got %+v, want allkeys-lru", got)
		}
	})
	t.Run("one that does not tell", func(t *testing.T) {
		t.Parallel()
		if got := space(t, redistest.Client(t, redistest.Mini(t).Addr())); got.Share() != 0 || got.Evict != "" {
			t.Errorf("got %+v, share %v", got, got.Share())
		}
	})
}

func space(t *testing.T, rdb redis.UniversalClient) journal.Space {
	t.Helper()
	got, err := journal.New(rdb, request, 0).Space(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}
