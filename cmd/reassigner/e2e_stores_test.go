package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/redistest"
)

// store is a Redis of a test's own that can be away for a while.
type store struct {
	url        happycolis.Secret
	away, back func()
	midway     func() // happens in the middle of a drain; nil: nothing does
	split      bool   // each role is a process of its own
	embedded   bool
}

type namedStore struct {
	name string
	open func(*testing.T) store
}

// stores are the Redises of one machine.
var stores = []namedStore{{"embedded", embeddedStore}, {"redis-server", realStore}}

// deployments are what every scenario is run on.
var deployments = append(stores[:len(stores):len(stores)],
	namedStore{"redis-server by three processes", splitStore},
	namedStore{"Sentinel with a failover in the middle", sentinelStore},
	namedStore{"a Cluster of three nodes", clusterStore})

// embeddedStore is the Redis of "redis: embedded"; while it is away it refuses connections.
func embeddedStore(t *testing.T) store {
	t.Helper()
	embedded, err := app.StartEmbeddedRedis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(embedded.Close)
	return store{url: embedded.URL(), embedded: true, away: embedded.Server.Close, back: func() {
		if err := embedded.Server.Restart(); err != nil {
			t.Error(err)
		}
	}}
}

// realStore is a redis-server; while it is away it takes connections and does not answer.
func realStore(t *testing.T) store {
	t.Helper()
	return standing(redistest.StartServer(t))
}

// standing is a Redis of one or several servers that stand still while it is away.
func standing(servers ...*redistest.Server) store {
	send := func(signal os.Signal) func() {
		return func() {
			for _, s := range servers {
				s.Signal(signal)
			}
		}
	}
	return store{url: happycolis.Secret("redis://" + servers[0].Addr + "/0"), away: send(syscall.SIGSTOP), back: send(syscall.SIGCONT)}
}

// splitStore is a redis-server that a process for each role shares.
func splitStore(t *testing.T) store {
	t.Helper()
	s := realStore(t)
	s.split = true
	return s
}

// sentinelStore is a Redis whose master dies when it is away, and once more in the middle of each drain.
func sentinelStore(t *testing.T) store {
	t.Helper()
	g := redistest.StartSentinel(t)
	return store{url: groupURL("redis-sentinel", g.Sentinels, "/0", "master_name="+redistest.MasterName), away: g.Fail, back: g.Heal, midway: g.Fail}
}

// clusterStore is a Cluster whose nodes stand still while it is away.
func clusterStore(t *testing.T) store {
	t.Helper()
	nodes := redistest.StartCluster(t)
	s := standing(nodes...)
	var addresses []string
	for _, n := range nodes {
		addresses = append(addresses, n.Addr)
	}
	s.url = groupURL("redis-cluster", addresses, "", "")
	return s
}

// groupURL names several servers, as a user writes it.
func groupURL(scheme string, addresses []string, path, query string) happycolis.Secret {
	u := url.URL{Scheme: scheme, Host: addresses[0], Path: path}
	for _, a := range addresses[1:] {
		query = strings.TrimPrefix(query+"&addr="+a, "&")
	}
	u.RawQuery = query
	return happycolis.Secret(u.String())
}

func serverPID(t *testing.T, address string) int {
	t.Helper()
	var pid int
	told := redistest.NewClient(t, address).InfoMap(t.Context(), "server").Item("Server", "process_id")
	if _, err := fmt.Sscan(told, &pid); err != nil {
		t.Fatalf("the process id of the redis-server: %v", err)
	}
	return pid
}
