package redistest_test

import (
	"context"
	"net"
	"runtime"
	"testing"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redistest"
)

func TestEachRedisIsEmptyAndAnswers(t *testing.T) {
	t.Parallel()
	redistest.OnEachRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		ctx := context.Background()
		n, err := rdb.DBSize(ctx).Result()
		if err != nil {
			t.Fatal(err)
		}
		if n != 0 {
			t.Errorf("a fresh Redis has %d keys, want none", n)
		}
		if err := rdb.Set(ctx, "key", "value", 0).Err(); err != nil {
			t.Error(err)
		}
	})
}

func TestARealRedisTakesOptionsAndEndsWithItsTest(t *testing.T) {
	t.Parallel()
	var addr string
	t.Run("while the test runs", func(t *testing.T) {
		addr = redistest.StartServerAddr(t, "--appendonly", "yes")
		got, err := redistest.NewClient(t, addr).ConfigGet(context.Background(), "appendonly").Result()
		if err != nil {
			t.Fatal(err)
		}
		if got["appendonly"] != "yes" {
			t.Errorf("appendonly is %q, want yes", got["appendonly"])
		}
	})
	if addr == "" {
		t.Skip("no redis-server in PATH")
	}
	if connection, err := net.Dial("tcp", addr); err == nil {
		_ = connection.Close()
		t.Errorf("the redis-server at %s outlives its test", addr)
	}
}

func TestARealRedisThatIsRestartedKeepsWhatItWrote(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t, "--appendonly", "yes")
	rdb := redistest.NewClient(t, server.Addr)
	if err := rdb.Set(t.Context(), "key", "kept", 0).Err(); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	if connection, err := net.Dial("tcp", server.Addr); err == nil {
		_ = connection.Close()
		t.Errorf("somebody answers at %s while it is stopped", server.Addr)
	}
	server.Start()
	if got, err := rdb.Get(t.Context(), "key").Result(); err != nil || got != "kept" {
		t.Errorf("after the restart the key holds %q, %v, want kept", got, err)
	}
}

// probe is a test that may fail: it ends its goroutine as a test does.
type probe struct {
	testing.TB
	failed bool
}

func (p *probe) Helper() {}

func (p *probe) Fatalf(string, ...any) {
	p.failed = true
	runtime.Goexit()
}

func TestAMissingRedisServerIsAFailureWhereItIsRequired(t *testing.T) {
	t.Setenv("PATH", "")
	t.Run("else the test is skipped", func(t *testing.T) {
		t.Setenv(redistest.Require, "")
		var skipped bool
		t.Run("probe", func(t *testing.T) {
			defer func() { skipped = t.Skipped() }()
			redistest.StartServerAddr(t)
		})
		if !skipped {
			t.Error("a test without a redis-server ran")
		}
	})
	t.Run("required", func(t *testing.T) {
		t.Setenv(redistest.Require, "1")
		probe := &probe{TB: t}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			redistest.StartServerAddr(probe)
		}()
		<-ended
		if !probe.failed {
			t.Error("a missing redis-server did not fail the test")
		}
	})
}
