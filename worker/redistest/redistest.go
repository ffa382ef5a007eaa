// Package redistest gives a test a Redis of its own: one embedded in the process, and a real
// redis-server where the machine has it. What is built on scripts, scores and the server's clock is
// tested on both, since the embedded one is a re-creation.
//
// Every Redis is empty at its start and ends with the test that asked for it.
package redistest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// Require is the environment variable that, set to 1, makes a missing redis-server a failure. Without it
// the tests that need one are skipped.
const Require = "REASSIGNER_REQUIRE_REDIS"

// How a redis-server is started.
const (
	startTries = 3 // another process may take the free port first
	startMost  = 5 * time.Second
	startLook  = 10 * time.Millisecond
)

// Each runs f as the sub-tests "embedded" and "redis-server", in parallel, each over its own Redis. The
// second is skipped where there is no redis-server (see Require).
func Each(t *testing.T, f func(t *testing.T, rdb redis.UniversalClient)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		f(t, Client(t, Mini(t).Addr()))
	})
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		f(t, Client(t, Real(t)))
	})
}

// Client returns a client of the Redis at addr that honours the deadlines of contexts.
func Client(t testing.TB, addr string) redis.UniversalClient {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() }) // a test may have closed it
	return client
}

// Mini starts an embedded Redis. Its keys expire, and its clock stands, only as the test says
// (FastForward, SetTime).
func Mini(t testing.TB) *miniredis.Miniredis {
	t.Helper()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatalf("starting embedded Redis: %v", err)
	}
	t.Cleanup(server.Close)
	return server
}

// Real starts a redis-server on a free port of 127.0.0.1, in a directory of its own, and returns its
// address. It keeps nothing on disk unless options say so, which are options of its command line:
// "--appendonly", "yes".
func Real(t testing.TB, options ...string) string {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil && os.Getenv(Require) == "1" {
		t.Fatalf("%s is 1 and there is no redis-server in PATH", Require)
	}
	if err != nil {
		t.Skipf("no redis-server in PATH; %s=1 makes this a failure", Require)
	}
	for range startTries {
		if addr, ok := start(t, binary, options); ok {
			return addr
		}
	}
	t.Fatalf("redis-server did not start in %d tries", startTries)
	return ""
}

// start starts one redis-server; false if it ended by itself or does not answer.
func start(t testing.TB, binary string, options []string) (addr string, ok bool) {
	t.Helper()
	port := freePort(t)
	arguments := append([]string{"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", t.TempDir(), "--save", ""}, options...)
	server := exec.Command(binary, arguments...)
	if err := server.Start(); err != nil {
		t.Fatalf("starting redis-server: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait() // killed by stop, or the port was taken: both are told by ended
		close(ended)
	}()
	stop := func() {
		_ = server.Process.Kill() // that it ended already is fine
		<-ended
	}
	addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if !answers(addr, server.Process.Pid, ended) {
		stop()
		return "", false
	}
	t.Cleanup(stop)
	return addr, true
}

// answers waits until the server of that process id answers at addr. Another one at the same port is not
// taken for it.
func answers(addr string, pid int, ended <-chan struct{}) bool {
	client := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	for end := time.Now().Add(startMost); time.Now().Before(end); {
		info := client.InfoMap(context.Background(), "server")
		if info.Err() == nil {
			return info.Item("Server", "process_id") == strconv.Itoa(pid)
		}
		select {
		case <-ended:
			return false
		case <-time.After(startLook):
		}
	}
	return false
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("looking for a free port: %v", err)
	}
	defer func() { _ = listener.Close() }() // only its number was wanted
	return listener.Addr().(*net.TCPAddr).Port
}
