package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/ledger"
	"happycolis-reassigner/worker/logtest"
	"happycolis-reassigner/worker/redistest"
)

// The organizations of these tests and what they sign with. The second and the third share an application.
const (
	org       = "org_1"
	secret    = "secret of one"
	previous  = "former secret of one"
	sharing   = "org_2"
	sharing2  = "org_3"
	shared    = "secret of two and three"
	signature = webhook.SignatureHeader
)

// arrival is when every webhook of these tests arrives.
var arrival = time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)

// How long a receiver waits for Redis: patient where Redis is there, so that a machine that stands still for a moment
// is no outage; impatient where it is away.
const (
	patient   = 30 * time.Second
	impatient = 300 * time.Millisecond
)

// options are what a test may change of its fixture.
type options struct {
	intake.Options
	intake.ReceiverOptions
}

// fixture is a receiver over an embedded Redis of its own, with everything that it reaches.
type fixture struct {
	http.Handler
	redis     *miniredis.Miniredis // index and parked
	tasks     *miniredis.Miniredis // the queue
	rdb       redis.UniversalClient
	index     *index.Index
	ledger    *ledger.Ledger
	inspector *asynq.Inspector
	options   intake.ReceiverOptions
	logs      *logtest.Buffer

	mu        sync.Mutex
	nudges    []string
	nudgeErr  error
	unwatched string // no reassignment waits for this delivery order
}

func newFixture(t *testing.T, change ...func(*options)) *fixture {
	t.Helper()
	b := &fixture{redis: redistest.StartEmbedded(t), tasks: redistest.StartEmbedded(t), logs: &logtest.Buffer{}}
	b.rdb = prompt(t, b.redis.Addr())
	queue := prompt(t, b.tasks.Addr())
	b.index, b.inspector = index.New(b.rdb), asynq.NewInspectorFromRedisClient(queue)
	b.ledger = ledger.New(b.rdb, b.index)
	log := slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o := options{Options: intake.Options{
		Index: b.index, Ledger: b.ledger, Redis: b.rdb, Queue: tasks.NewAsynq(asynq.NewClientFromRedisClient(queue), b.inspector), HasWatcher: b.watch, Signal: b.nudge,
		Now: func() time.Time { return arrival }, Log: log,
	}, ReceiverOptions: intake.ReceiverOptions{Secrets: []intake.Secret{{Organization: org, Key: secret}, {Organization: org, Key: previous},
		{Organization: sharing, Key: shared}, {Organization: sharing2, Key: shared}}, Log: log, Patience: patient}}
	for _, f := range change {
		f(&o)
	}
	o.Intake = intake.New(o.Options)
	b.options, b.Handler = o.ReceiverOptions, intake.NewReceiver(o.ReceiverOptions)
	return b
}

// wait changes how long the receiver waits for Redis.
func (b *fixture) wait(patience time.Duration) {
	b.options.Patience = patience
	b.Handler = intake.NewReceiver(b.options)
}

// prompt is a client that gives up at once, so that the receiver's own patience is what counts.
func prompt(t *testing.T, addr string) redis.UniversalClient {
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = client.Close() }) // nothing is unwritten
	return client
}

func (b *fixture) watch(_ context.Context, _ redis.Pipeliner, _, deliveryOrder string) func() bool {
	return func() bool { return deliveryOrder != b.unwatched }
}

func (b *fixture) nudge(_ context.Context, organization, deliveryOrder string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nudges = append(b.nudges, organization+" "+deliveryOrder)
	return b.nudgeErr
}

// answer is what the platform gets to see.
type answer struct {
	Status        int
	Result, Error string
}

// taken is the answer to a webhook that had its effect.
var taken = answer{Status: http.StatusOK, Result: "taken"}

// post sends a body signed with a secret.
func (b *fixture) post(t *testing.T, body []byte, key string) answer {
	t.Helper()
	return b.send(t, body, webhook.Sign(body, key))
}

func (b *fixture) send(t *testing.T, body []byte, sign string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, intake.Path, bytes.NewReader(body))
	if sign != "" {
		r.Header.Set(signature, sign)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	got := answer{Status: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Errorf("answer %q is not JSON: %v", w.Body, err)
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/json" {
		t.Errorf("the answer is %q", kind)
	}
	return got
}

func (b *fixture) want(t *testing.T, got, want answer) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// observations are the tasks that ask for a look at a location.
func (b *fixture) observations(t *testing.T) []tasks.Observe {
	t.Helper()
	waiting, err := b.inspector.ListPendingTasks(tasks.QueueIncident)
	if errors.Is(err, asynq.ErrQueueNotFound) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
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

// parked is what is parked for an organization, newest first, with every field that is kept.
func (b *fixture) parked(t *testing.T, organization string) []map[string]any {
	t.Helper()
	kept, err := b.rdb.LRange(t.Context(), intake.ParkedKey(organization), 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for _, text := range kept {
		var p map[string]any
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func (b *fixture) wantSeen(t *testing.T, message string, want bool) {
	t.Helper()
	got, err := b.index.IsSeen(t.Context(), org, message)
	if err != nil || got != want {
		t.Errorf("%s is seen: %t, %v, want %t", message, got, err, want)
	}
}
