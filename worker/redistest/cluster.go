package redistest

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	clusterNodes   = 3
	clusterSlots   = 16384
	maxClusterWait = time.Minute // until every node knows the others
	clusterLook    = 50 * time.Millisecond
)

// StartCluster starts three redis-servers that share the slots among them. They end with the test.
func StartCluster(t testing.TB) []*Server {
	t.Helper()
	nodes := make([]*Server, clusterNodes)
	buses := make([]string, clusterNodes)
	for i := range nodes {
		nodes[i] = launchServer(t, func(s *Server, port string) []string {
			buses[i] = strconv.Itoa(freePort(t))
			return []string{"--bind", "127.0.0.1", "--port", port, "--dir", s.Dir, "--save", "", "--cluster-enabled", "yes", "--cluster-port", buses[i]}
		})
	}
	for i, node := range nodes {
		client := NewClient(t, node.Addr)
		first, last := i*clusterSlots/clusterNodes, (i+1)*clusterSlots/clusterNodes-1
		failOnError(t, client.ClusterAddSlotsRange(t.Context(), first, last).Err())
		host, port, err := net.SplitHostPort(node.Addr)
		failOnError(t, err)
		failOnError(t, client.Do(t.Context(), "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err())
		failOnError(t, NewClient(t, nodes[0].Addr).Do(t.Context(), "CLUSTER", "MEET", host, port, buses[i]).Err())
	}
	for _, node := range nodes {
		awaitNode(t, NewClient(t, node.Addr))
	}
	return nodes
}

func awaitNode(t testing.TB, node redis.UniversalClient) {
	t.Helper()
	for end := time.Now().Add(maxClusterWait); ; time.Sleep(clusterLook) {
		told, err := node.ClusterInfo(t.Context()).Result()
		if err == nil && strings.Contains(told, "cluster_state:ok") && strings.Contains(told, "cluster_slots_ok:"+strconv.Itoa(clusterSlots)) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the cluster is not ready after %s: %v %s", maxClusterWait, err, told)
		}
	}
}

func failOnError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
