package redistest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// How a guarded Redis is set up. Its sentinels decide faster than one would have it decided in operation.
const (
	MasterName      = "orders" // of every guarded Redis
	replicas        = 2
	sentinels       = 3
	downAfter       = time.Second // a machine that stands still for less is no reason
	maxFailoverWait = time.Minute
	guardLook       = 50 * time.Millisecond
	sentinelQuota   = 2
)

// SentinelGroup is a redis-server with replicas, and the sentinels that watch over them.
type SentinelGroup struct {
	Sentinels []string // addresses

	t       testing.TB
	servers map[string]*Server // by address
	guards  []*Server
	dead    *Server
}

// StartSentinel starts one that has a replica ready to take over. It ends with the test.
func StartSentinel(t testing.TB) *SentinelGroup {
	t.Helper()
	g := &SentinelGroup{t: t, servers: map[string]*Server{}}
	// As docs/operations.md asks for: a master that is back and does not know yet that it is none takes no writes.
	options := []string{"--appendonly", "yes", "--min-replicas-to-write", "1", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"}
	master := StartServer(t, options...)
	g.servers[master.Addr] = master
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	for range replicas {
		s := StartServer(t, append(options, "--replicaof", host+" "+port)...)
		g.servers[s.Addr] = s
	}
	for range sentinels {
		s := launchServer(t, func(s *Server, own string) []string {
			file := filepath.Join(s.Dir, "sentinel.conf")
			text := fmt.Sprintf("bind 127.0.0.1\nport %s\ndir %s\nsentinel monitor %s %s %s %d\nsentinel down-after-milliseconds %s %d\n"+
				"sentinel failover-timeout %s 3000\n", own, s.Dir, MasterName, host, port, sentinelQuota, MasterName, downAfter.Milliseconds(), MasterName)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return []string{file, "--sentinel"}
		})
		g.guards = append(g.guards, s)
		g.Sentinels = append(g.Sentinels, s.Addr)
	}
	g.awaitSentinels("the replicas are in sync and the sentinels know each other", func(s *redis.SentinelClient) bool {
		told, err := s.Master(t.Context(), MasterName).Result()
		return err == nil && told["num-slaves"] == fmt.Sprint(replicas) && told["num-other-sentinels"] == fmt.Sprint(sentinels-1)
	})
	for addr := range g.servers {
		if addr != master.Addr {
			g.waitUntil("a replica is in sync", func() bool {
				return NewClient(t, addr).InfoMap(t.Context(), "replication").Item("Replication", "master_link_status") == "up"
			})
		}
	}
	return g
}

// Fail kills the master, and returns at once: a replica takes over soon. What the master had not passed on
// is lost.
func (g *SentinelGroup) Fail() {
	g.t.Helper()
	g.dead = g.servers[g.masterAddr()]
	g.dead.Kill()
}

// Heal starts the killed one again, which becomes a replica, after another took over.
func (g *SentinelGroup) Heal() {
	g.t.Helper()
	was := g.dead.Addr
	g.waitUntil("another Redis took over", func() bool { return g.masterAddr() != was })
	g.dead.Start()
}

// masterAddr is the address of the present master.
func (g *SentinelGroup) masterAddr() string {
	client := redis.NewSentinelClient(&redis.Options{Addr: g.Sentinels[0]})
	defer func() { _ = client.Close() }()
	at, err := client.GetMasterAddrByName(g.t.Context(), MasterName).Result()
	if err != nil {
		g.t.Fatalf("asking for the master: %v", err)
	}
	return net.JoinHostPort(at[0], at[1])
}

// awaitSentinels waits until every sentinel tells something.
func (g *SentinelGroup) awaitSentinels(what string, told func(*redis.SentinelClient) bool) {
	g.t.Helper()
	for _, addr := range g.Sentinels {
		client := redis.NewSentinelClient(&redis.Options{Addr: addr})
		g.waitUntil(what, func() bool { return told(client) })
		_ = client.Close()
	}
}

func (g *SentinelGroup) waitUntil(what string, is func() bool) {
	g.t.Helper()
	for end := time.Now().Add(maxFailoverWait); !is(); time.Sleep(guardLook) {
		if time.Now().After(end) {
			g.t.Fatalf("did not happen within %s: %s", maxFailoverWait, what)
		}
	}
}
