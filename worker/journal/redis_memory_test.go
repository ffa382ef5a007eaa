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
		got := space(t, redistest.NewClient(t, redistest.StartServerAddr(t, "--maxmemory", "64mb")))
		if got.Limit != 64<<20 || got.Used <= 0 || got.UsedShare() <= 0 || got.UsedShare() >= 1 {
			t.Errorf("got %+v, share %v", got, got.UsedShare())
		}
	})
	t.Run("a redis-server without a limit: how full it is is not known", func(t *testing.T) {
		t.Parallel()
		if got := space(t, redistest.NewClient(t, redistest.StartServerAddr(t))); got.Limit != 0 || got.Used <= 0 || got.UsedShare() != 0 || got.EvictionPolicy != "" {
			t.Errorf("got %+v, share %v", got, got.UsedShare())
		}
	})
	t.Run("a redis-server that evicts", func(t *testing.T) {
		t.Parallel()
		if got := space(t, redistest.NewClient(t, redistest.StartServerAddr(t, "--maxmemory-policy", "allkeys-lru"))); got.EvictionPolicy != "allkeys-lru" {
			t.Errorf("got %+v, want allkeys-lru", got)
		}
	})
	t.Run("one that does not tell", func(t *testing.T) {
		t.Parallel()
		if got := space(t, redistest.NewClient(t, redistest.StartEmbedded(t).Addr())); got.UsedShare() != 0 || got.EvictionPolicy != "" {
			t.Errorf("got %+v, share %v", got, got.UsedShare())
		}
	})
}

func space(t *testing.T, rdb redis.UniversalClient) journal.RedisMemory {
	t.Helper()
	got, err := journal.New(rdb, request, 0).RedisMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}
