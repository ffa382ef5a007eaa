// Package redistest gives a test a Redis of its own: one embedded in the process, and a real
// redis-server where the machine has it. What is built on scripts, scores and the server's clock is
// tested on both, since the embedded one is a re-creation.
//
// Every Redis is empty at its start and ends with the test that asked for it.
package redistest

import (
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// Require is the environment variable that, set to 1, makes a missing redis-server a failure. Without it
// the tests that need one are skipped.
const Require = "REASSIGNER_REQUIRE_REDIS"

// OnEachRedis runs f as the sub-tests "embedded" and "redis-server", in parallel, each over its own Redis. The
// second is skipped where there is no redis-server (see Require).
func OnEachRedis(t *testing.T, f func(t *testing.T, rdb redis.UniversalClient)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		f(t, NewClient(t, StartEmbedded(t).Addr()))
	})
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		f(t, NewClient(t, StartServerAddr(t)))
	})
}

// NewClient returns a client of the Redis at addr that honours the deadlines of contexts.
func NewClient(t testing.TB, addr string) redis.UniversalClient {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() }) // a test may have closed it
	return client
}

// StartEmbedded starts an embedded Redis. Its keys expire, and its clock stands, only as the test says
// (FastForward, SetTime).
func StartEmbedded(t testing.TB) *miniredis.Miniredis {
	t.Helper()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatalf("starting embedded Redis: %v", err)
	}
	t.Cleanup(server.Close)
	return server
}
