package kafka_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/kafka"
	"happycolis-reassigner/worker/ledger"
	"happycolis-reassigner/worker/logtest"
	"happycolis-reassigner/worker/redistest"
)

// Topics of these tests.
const (
	errored = "location.fulfillment-service-integration.errored"
	created = "delivery-order.created"
	updated = "delivery-order.updated"
)

// eventuallyMost is how long a test waits for what has to happen: long enough for a busy machine.
const eventuallyMost = 30 * time.Second

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(eventuallyMost); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
	}
}

// startCluster starts a cluster within the process, with all default topics of 3 partitions each.
func startCluster(t *testing.T, more ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(3, kafka.DefaultTopics("")...),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": "16777216"}), kfake.GroupMinSessionTimeout(time.Second)}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// writer writes records, as the platform does.
type writer struct{ *kgo.Client }

func newWriter(t *testing.T, cluster *kfake.Cluster, more ...kgo.Opt) writer {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ProducerBatchMaxBytes(12 << 20),
		kgo.RecordPartitioner(kgo.ManualPartitioner())}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return writer{client}
}

func (w writer) write(t *testing.T, records ...*kgo.Record) {
	t.Helper()
	if err := w.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func record(topic, value string, headers ...string) *kgo.Record {
	r := &kgo.Record{Topic: topic, Value: []byte(value)}
	for i := 0; i < len(headers); i += 2 {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: headers[i], Value: []byte(headers[i+1])})
	}
	return r
}

// order is the payload of an event of a delivery order.
func order(organization, id, status string) string {
	return fmt.Sprintf(`{"id":%q,"organizationId":%q,"orderNumber":"SO-1","orderIds":["ord_1"],"locationId":"loc_paris","status":%q,"priority":"NORMAL",`+
		`"issuedAt":"2026-05-18T08:00:00Z","lines":[{"id":"dl_1","sku":"MUG","quantity":1,"status":"PENDING"}],"events":[{"type":"FULFILLMENT_REQUESTED"}]}`, id, organization, status)
}

const broken = `{"id":"fsi_1","locationId":"loc_paris","accessToken":"t0ken-canary","state":"ERROR"}`

// fixture is a Redis with all that an intake reaches, and counts of what became of records.
type fixture struct {
	redis     *miniredis.Miniredis
	rdb       redis.UniversalClient
	index     *index.Index
	inspector *asynq.Inspector
	settings  kafka.Settings
	owners    []string
	logs      *logtest.Buffer
	log       *slog.Logger

	mu      sync.Mutex
	results map[string]int
	lag     int64
	lagErr  error
	applied func(intake.Arrival) error // called before each effect; nil: not called
}

func newFixture(t *testing.T, cluster *kfake.Cluster) *fixture {
	t.Helper()
	f := &fixture{redis: redistest.StartEmbedded(t), logs: &logtest.Buffer{}, results: map[string]int{}, owners: []string{"org_1"},
		settings: kafka.Settings{Group: "reassigner", Brokers: []string{"127.0.0.1:1"}}}
	if cluster != nil {
		f.settings.Brokers = cluster.ListenAddrs()
	}
	f.log = slog.New(slog.NewTextHandler(io.MultiWriter(f.logs), &slog.HandlerOptions{Level: slog.LevelInfo}))
	client := redis.NewClient(&redis.Options{Addr: f.redis.Addr(), ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = client.Close() })
	f.rdb, f.index, f.inspector = client, index.New(client), asynq.NewInspectorFromRedisClient(client)
	return f
}

// Apply implements kafka.Intake together with DecodeParsed of the embedded one.
type intakeOf struct {
	*intake.Intake
	f *fixture
}

func (i intakeOf) Apply(ctx context.Context, a intake.Arrival) (intake.Result, error) {
	i.f.mu.Lock()
	applied := i.f.applied
	i.f.mu.Unlock()
	if applied != nil {
		if err := applied(a); err != nil {
			return "", err
		}
	}
	return i.Intake.Apply(ctx, a)
}

// start starts a consumer; stop ends it, and may be called twice.
func (f *fixture) start(t *testing.T) (stop func()) {
	t.Helper()
	in := intake.New(intake.Options{Index: f.index, Ledger: ledger.New(f.rdb, f.index), Redis: f.rdb,
		Queue: tasks.NewAsynq(asynq.NewClientFromRedisClient(f.rdb), f.inspector),
		HasWatcher: func(context.Context, redis.Pipeliner, string, string) func() bool {
			return func() bool { return false }
		},
		Now: time.Now, Log: f.log})
	c, err := kafka.New(kafka.Options{Settings: f.settings, Intake: intakeOf{in, f}, Index: f.index, Organizations: f.owners, Log: f.log,
		Observe: func(result string) { f.mu.Lock(); f.results[result]++; f.mu.Unlock() },
		Report:  func(lag int64, err error) { f.mu.Lock(); f.lag, f.lagErr = lag, err; f.mu.Unlock() }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); c.Run(ctx) }()
	stop = func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Error("the consumer does not stop within 10 s")
		}
	}
	t.Cleanup(stop)
	return stop
}

func (f *fixture) count(result intake.Result) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.results[string(result)]
}

func (f *fixture) total() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, each := range f.results {
		n += each
	}
	return n
}

// await waits until so many records had a result.
func (f *fixture) await(t *testing.T, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d records have a result", n), func() bool { return f.total() >= n })
}

// observations are the tasks that ask for a read of a location.
func (f *fixture) observations(t *testing.T) []tasks.Observe {
	t.Helper()
	waiting, err := f.inspector.ListPendingTasks(tasks.QueueIncident)
	if err != nil {
		return nil // no queue yet
	}
	var all []tasks.Observe
	for _, task := range waiting {
		m, err := tasks.Decode[tasks.Observe](task.Payload)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func (f *fixture) parked(t *testing.T, organization string) []intake.Parked {
	t.Helper()
	all, err := intake.ListParked(t.Context(), f.rdb, organization, 100)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// committed is the sum of the offsets that a group committed.
func committed(t *testing.T, cluster *kfake.Cluster, group string) (sum int64) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	offsets, err := kadm.NewClient(client).FetchOffsets(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	offsets.Each(func(o kadm.OffsetResponse) { sum += o.At })
	return sum
}
