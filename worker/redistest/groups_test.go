package redistest_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redistest"
)

func TestAGuardedRedisGoesOnAfterItsMasterDied(t *testing.T) {
	t.Parallel()
	g := redistest.StartSentinel(t)
	client := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: redistest.MasterName, SentinelAddrs: g.Sentinels, MaxRetries: 60, MaxRetryBackoff: time.Second})
	t.Cleanup(func() { _ = client.Close() }) // nothing is unwritten
	if err := client.Set(t.Context(), "kept", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := client.Wait(t.Context(), 1, time.Second).Result(); err != nil || n < 1 {
		t.Fatalf("no replica has it: %d, %v", n, err)
	}
	for range 2 {
		g.Fail()
		if got, err := client.Get(t.Context(), "kept").Result(); err != nil || got != "yes" {
			t.Errorf("after the master died: got %q, %v", got, err)
		}
		g.Heal()
	}
}

func TestAClusterAnswersForEverySlot(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() }) // nothing is unwritten
	for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
		if err := client.Set(t.Context(), key, key, 0).Err(); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	for _, n := range nodes {
		n.Signal(syscall.SIGSTOP)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := client.Get(ctx, "a").Err(); err == nil {
		t.Error("a cluster that stands still answered")
	}
	for _, n := range nodes {
		n.Signal(syscall.SIGCONT)
	}
	if err := client.Get(t.Context(), "a").Err(); err != nil {
		t.Errorf("after it stood still: %v", err)
	}
}
