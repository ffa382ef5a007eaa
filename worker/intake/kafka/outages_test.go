package kafka_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"happycolis-reassigner/worker/intake"
)

// writeOrders writes one event of each of n delivery orders, over three partitions.
func (w writer) writeOrders(t *testing.T, from, n int) {
	t.Helper()
	var all []*kgo.Record
	for i := from; i < from+n; i++ {
		r := record(created, order("org_1", fmt.Sprint("do_", i), "PENDING"))
		r.Partition = int32(i % 3)
		all = append(all, r)
	}
	w.write(t, all...)
}

// wantOrders wants the index to know n delivery orders.
func (f *fixture) wantOrders(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		if _, known, err := f.index.Get(t.Context(), "org_1", fmt.Sprint("do_", i)); err != nil || !known {
			t.Errorf("do_%d is known: %t, %v", i, known, err)
		}
	}
}

func TestWhileRedisIsAwayNothingIsPassedOverOrCommitted(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	var tries atomic.Int32
	f.applied = func(intake.Arrival) error { tries.Add(1); return nil }
	f.redis.SetError("LOADING the dataset")
	f.start(t)
	w.writeOrders(t, 0, 30)
	eventually(t, "a record is tried", func() bool { return tries.Load() >= 2 })
	w.writeOrders(t, 30, 30)
	time.Sleep(100 * time.Millisecond)
	if n := tries.Load(); n > 10 {
		t.Errorf("%d tries in a moment: the consumer does not wait in between", n)
	}
	if n := committed(t, cluster, "reassigner"); n != 0 || f.total() != 0 {
		t.Errorf("%d are committed and %d have a result before Redis is back", n, f.total())
	}
	if !strings.Contains(f.logs.String(), "its partitions are paused") {
		t.Errorf("the log does not say that partitions are paused:\n%s", f.logs)
	}
	f.redis.SetError("")
	f.await(t, 60)
	f.wantOrders(t, 60)
	eventually(t, "all are committed", func() bool { return committed(t, cluster, "reassigner") == 60 })
	if n := f.count(intake.Taken); n != 60 {
		t.Errorf("%d are taken, want 60: %v", n, f.results)
	}
	if !strings.Contains(f.logs.String(), "can be kept again") {
		t.Error("the log does not say that it goes on")
	}
}

func TestAStopDuringAnOutageOfRedisLosesNothing(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	w.writeOrders(t, 0, 9)
	f.redis.SetError("LOADING the dataset")
	stop := f.start(t)
	eventually(t, "a record is tried", func() bool { return strings.Contains(f.logs.String(), "paused") })
	stop()
	f.redis.SetError("")
	f.start(t)
	f.await(t, 9)
	f.wantOrders(t, 9)
}

func TestARestartGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	w.writeOrders(t, 0, 20)
	stop := f.start(t)
	f.await(t, 20)
	stop()
	w.writeOrders(t, 20, 20)
	f.start(t)
	f.await(t, 40)
	f.wantOrders(t, 40)
	if n := f.count(intake.Taken); n != 40 || f.total() != 40 {
		t.Errorf("results are %v, want 40 taken and none again", f.results)
	}
}

// TestACrashBetweenEffectAndCommitRepeatsNothing has the same record read again by another group, which has no offsets:
// as after a crash before the commit.
func TestACrashBetweenEffectAndCommitRepeatsNothing(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	w.write(t, record(errored, broken, "organizationId", "org_1"))
	w.writeOrders(t, 0, 3)
	f.start(t)()
	stop := f.start(t)
	f.await(t, 4)
	stop()
	f.settings.Group = "another"
	f.start(t)
	f.await(t, 8)
	if got := f.observations(t); len(got) != 1 {
		t.Errorf("observations are %+v, want one", got)
	}
	if f.count(intake.Taken) != 4 || f.count(intake.Repeated) != 4 {
		t.Errorf("results are %v, want each taken once and seen again once", f.results)
	}
}

func TestTwoGroupsReadTheSameRecords(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	one, two, w := newFixture(t, cluster), newFixture(t, cluster), newWriter(t, cluster)
	two.settings.Group = "staging"
	one.start(t)
	two.start(t)
	w.writeOrders(t, 0, 12)
	one.await(t, 12)
	two.await(t, 12)
	one.wantOrders(t, 12)
	two.wantOrders(t, 12)
}

// TestARebalanceInTheMiddleDoublesNothing has a second consumer join, and the first one leave, while records are applied.
// What was applied is committed before its partition is given away, so nobody reads it again.
func TestARebalanceInTheMiddleDoublesNothing(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	first, second, w := newFixture(t, cluster), newFixture(t, cluster), newWriter(t, cluster)
	second.redis, second.rdb, second.index, second.inspector = first.redis, first.rdb, first.index, first.inspector
	const n = 200
	slow := func(intake.Arrival) error { time.Sleep(30 * time.Millisecond); return nil }
	for _, f := range []*fixture{first, second} {
		f.applied, f.settings.TopicPrefix = slow, "many."
	}
	createTopics(t, cluster, 12, "many."+created)
	for i := range n {
		r := record("many."+created, order("org_1", fmt.Sprint("do_", i), "PENDING"))
		r.Partition = int32(6 + i%6) // of twelve: those that the second one gets
		w.write(t, r)
	}
	first.start(t)
	first.await(t, 10)
	second.start(t)
	second.await(t, 20) // the first one has got to hear of the second, and lost partitions
	if first.total()+second.total() >= n {
		t.Fatal("everything was applied before the rebalance")
	}
	eventually(t, "all are committed", func() bool { return committed(t, cluster, "reassigner") == n })
	first.wantOrders(t, n)
	if taken := first.count(intake.Taken) + second.count(intake.Taken); taken != n {
		t.Errorf("%d effects, want %d: %v and %v", taken, n, first.results, second.results)
	}
	if again := first.count(intake.Repeated) + second.count(intake.Repeated); again > 0 {
		t.Errorf("%d records were read again", again)
	}
}

func TestAClusterThatIsAwayAtTheStartIsWaitedFor(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	f := newFixture(t, nil)
	f.settings.Brokers = []string{fmt.Sprint("127.0.0.1:", port)}
	f.start(t)
	eventually(t, "the log says that the broker is away", func() bool {
		return strings.Contains(f.logs.String(), "a Kafka broker cannot be reached") && strings.Contains(f.logs.String(), "connection refused")
	})
	time.Sleep(100 * time.Millisecond)
	if lines := strings.Count(f.logs.String(), "\n"); lines > 2 {
		t.Errorf("the log has %d lines:\n%s", lines, f.logs)
	}
	cluster := startCluster(t, kfake.Ports(port))
	newWriter(t, cluster).writeOrders(t, 0, 3)
	f.await(t, 3)
	f.wantOrders(t, 3)
}

func TestAStopWhileTheClusterIsAwayTakesAMoment(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	w.writeOrders(t, 0, 3)
	stop := f.start(t)
	f.await(t, 3)
	cluster.Close()
	time.Sleep(50 * time.Millisecond)
	began := time.Now()
	stop()
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestATopicThatIsMadeAnewIsReadFromItsBeginning(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	w.writeOrders(t, 0, 9)
	f.start(t)
	f.await(t, 9)
	eventually(t, "all are committed", func() bool { return committed(t, cluster, "reassigner") == 9 })
	if _, err := admin(t, cluster).DeleteTopics(t.Context(), created); err != nil {
		t.Fatal(err)
	}
	createTopics(t, cluster, 3, created)
	newWriter(t, cluster).writeOrders(t, 9, 3)
	f.await(t, 12)
	f.wantOrders(t, 12)
}

func TestMissingTopicsAreNotCreated(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t, kfake.AllowAutoTopicCreation())
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	f.settings.Topics = []string{"missing.here", created}
	f.start(t)
	w.writeOrders(t, 0, 3)
	f.await(t, 3)
	topics, err := admin(t, cluster).ListTopics(t.Context())
	if err != nil || topics.Has("missing.here") {
		t.Errorf("the missing topic was created, %v", err)
	}
}

func TestTheLagIsReported(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	f.applied = func(intake.Arrival) error { return errors.New("away") }
	w.writeOrders(t, 0, 7)
	f.start(t)
	eventually(t, "the lag is reported", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.lagErr == nil && f.lag == 7 })
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
