package worker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/redistest"
)

// fixture is a queue whose tasks Servers run.
type fixture struct {
	*tasks.Asynq
	rdb       redis.UniversalClient
	inspector *asynq.Inspector
	servers   *worker.Servers
}

// newFixture makes servers of these handlers over an embedded Redis, for one organization; start starts them.
func newFixture(t *testing.T, handlers map[tasks.Kind]worker.Handler) *fixture {
	t.Helper()
	return newFixtureFor(t, 1, handlers)
}

func newFixtureFor(t *testing.T, organizations int, handlers map[tasks.Kind]worker.Handler) *fixture {
	t.Helper()
	b := &fixture{rdb: redistest.NewClient(t, redistest.StartEmbedded(t).Addr())}
	b.inspector = asynq.NewInspectorFromRedisClient(b.rdb)
	b.Asynq = tasks.NewAsynq(asynq.NewClientFromRedisClient(b.rdb), b.inspector)
	b.servers = worker.NewServers(b.rdb, b.Asynq, handlers, organizations, slog.New(slog.DiscardHandler))
	return b
}

func (b *fixture) start(t *testing.T) {
	t.Helper()
	if err := b.servers.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.servers.Stop)
}

func (b *fixture) submit(t *testing.T, m tasks.Message) {
	t.Helper()
	if err := b.Submit(t.Context(), m, time.Now()); err != nil {
		t.Fatal(err)
	}
}

// wait waits until the task of m is in a state, and returns it.
func (b *fixture) wait(t *testing.T, m tasks.Message, state asynq.TaskState) *asynq.TaskInfo {
	t.Helper()
	terms, _ := tasks.PolicyOf(m)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		info, err := b.inspector.GetTaskInfo(terms.Queue, m.ID())
		if err == nil && info.State == state {
			return info
		}
	}
	t.Fatalf("task %s did not come to be %s", m.ID(), state)
	return nil
}

var (
	observe  = tasks.Observe{V: tasks.Version, Organization: "org_1", Location: "loc_1", Message: "msg_1"}
	fanout   = tasks.Fanout{V: tasks.Version, Organization: "org_1", Incident: "inc_1", Pass: "first"}
	reassign = tasks.Reassign{V: tasks.Version, Organization: "org_1", Reassignment: "inc_1/do_1", At: 1}
	begun    = tasks.Reassign{V: tasks.Version, Organization: "org_1", Reassignment: "inc_1/do_2", At: 5, Begun: true}
	sweep    = tasks.Sweep{V: tasks.Version, Tick: 1}
)

// always is a handler with one outcome.
func always(out worker.Outcome) worker.Handler {
	return func(context.Context, []byte) worker.Outcome { return out }
}

func TestServersRunTheTasksOfEveryKind(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	got := map[tasks.Kind][]string{}
	note := func(kind tasks.Kind) worker.Handler {
		return func(_ context.Context, payload []byte) worker.Outcome {
			mu.Lock()
			defer mu.Unlock()
			got[kind] = append(got[kind], string(payload))
			return worker.Completed()
		}
	}
	handlers := map[tasks.Kind]worker.Handler{}
	for _, kind := range []tasks.Kind{tasks.LocationObserve, tasks.IncidentFanout, tasks.OrderReassign, tasks.SweepOrganization} {
		handlers[kind] = note(kind)
	}
	b := newFixture(t, handlers)
	b.start(t)
	for _, m := range []tasks.Message{observe, fanout, reassign, begun, sweep} {
		b.submit(t, m)
	}
	for _, m := range []tasks.Message{observe, fanout, reassign, begun, sweep} {
		b.wait(t, m, asynq.TaskStateCompleted)
		payload, err := tasks.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		ran := strings.Join(got[m.Kind()], "\n")
		mu.Unlock()
		if !strings.Contains(ran, string(payload)) {
			t.Errorf("%s was run with %s, want %s", m.Kind(), ran, payload)
		}
	}
}

func TestAnOutcomeBecomesTheStateOfItsTask(t *testing.T) {
	t.Parallel()
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	later := reassign
	later.At, later.Begun = 2, true
	tests := []struct {
		name  string
		out   worker.Outcome
		state asynq.TaskState
		last  string // error
	}{
		{"done", worker.Completed(), asynq.TaskStateCompleted, ""},
		{"obsolete", worker.Superseded("it moved on"), asynq.TaskStateCompleted, ""},
		{"a failure", worker.Retry(errors.New("the platform is away")), asynq.TaskStateRetry, "the platform is away"},
		{"a person's matter", worker.LeaveToOperator("cancel_refused"), asynq.TaskStateArchived, "needs a person: cancel_refused: skip retry for the task"},
		{"a payload of another release", worker.Retry(tasks.ErrVersion), asynq.TaskStateArchived, "task payload of an unknown version: skip retry for the task"},
		{"hold", worker.RequeueAt(later, until), asynq.TaskStateCompleted, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, map[tasks.Kind]worker.Handler{tasks.OrderReassign: always(tt.out)})
			b.start(t)
			b.submit(t, reassign)
			info := b.wait(t, reassign, tt.state)
			if info.LastErr != tt.last {
				t.Errorf("its error is %q, want %q", info.LastErr, tt.last)
			}
			if tt.out.Kind != worker.Requeue {
				return
			}
			if held := b.wait(t, later, asynq.TaskStateScheduled); !held.NextProcessAt.Equal(until) || held.Queue != tasks.QueueHandover {
				t.Errorf("the next is run at %s from %s, want at %s from %s", held.NextProcessAt, held.Queue, until, tasks.QueueHandover)
			}
		})
	}
}

func TestWhatIsLoggedOfAnArchivedTask(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		out  worker.Outcome
		want string // all of the log; "" nothing
	}{
		"nothing of a person's matter: its state is":  {worker.LeaveToOperator("cancel_refused"), ""},
		"one that failed for the last time, with why": {worker.Retry(errors.New("the platform is away")), `level=WARN msg="task is given up after its last retry" task=order:reassign error="the platform is away"` + "\n"},
		"one of another release":                      {worker.Retry(tasks.ErrVersion), `level=WARN msg="task of another release is not run" task=order:reassign` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handlers := map[tasks.Kind]worker.Handler{tasks.OrderReassign: always(tt.out)}
			b := newFixture(t, handlers)
			var log bytes.Buffer
			noTime := func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}
			b.servers = worker.NewServers(b.rdb, b.Asynq, handlers, 1, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: noTime})))
			if err := b.servers.Start(); err != nil {
				t.Fatal(err)
			}
			payload, err := json.Marshal(reassign)
			if err != nil {
				t.Fatal(err)
			}
			terms, _ := tasks.PolicyOf(reassign)
			task := asynq.NewTask(string(tasks.OrderReassign), payload, asynq.MaxRetry(0), asynq.TaskID(reassign.ID()), asynq.Queue(terms.Queue))
			if _, err := asynq.NewClientFromRedisClient(b.rdb).Enqueue(task); err != nil {
				t.Fatal(err)
			}
			b.wait(t, reassign, asynq.TaskStateArchived)
			b.servers.Stop()
			if got := log.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhatHasBegunIsRunFirst(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var order []string
	b := newFixture(t, map[tasks.Kind]worker.Handler{tasks.OrderReassign: func(_ context.Context, payload []byte) worker.Outcome {
		mu.Lock()
		defer mu.Unlock()
		m, err := tasks.Decode[tasks.Reassign](payload)
		if err != nil {
			t.Error(err)
		}
		order = append(order, m.Reassignment)
		return worker.Completed()
	}})
	const fresh = 100 // far more than the 24 that are run at once
	for i := range fresh {
		m := reassign
		m.At = int64(i)
		b.submit(t, m)
	}
	b.submit(t, begun)
	b.start(t)
	b.wait(t, begun, asynq.TaskStateCompleted)
	mu.Lock()
	defer mu.Unlock()
	for i, id := range order {
		if id == begun.Reassignment && i >= fresh/2 {
			t.Errorf("it was run as number %d, want it among the first", i+1)
		}
	}
}

// TestStopGivesBackWhatDoesNotEnd has a handler that heeds nobody, as one behind a hanging connection: Stop
// returns all the same, within the time that the process has, and the task is run by whoever comes next.
func TestStopGivesBackWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	const processHas = 10 * time.Second
	started, release := make(chan struct{}), make(chan struct{})
	b := newFixture(t, map[tasks.Kind]worker.Handler{tasks.OrderReassign: func(context.Context, []byte) worker.Outcome {
		close(started)
		<-release
		return worker.Completed()
	}})
	defer close(release)
	if err := b.servers.Start(); err != nil {
		t.Fatal(err)
	}
	b.submit(t, reassign)
	<-started
	began := time.Now()
	b.servers.Stop()
	if took := time.Since(began); took >= processHas {
		t.Errorf("stopping took %s, the process has %s", took, processHas)
	}
	info := b.wait(t, reassign, asynq.TaskStatePending)
	if info.Retried != 0 {
		t.Errorf("%d retries are used up, want none", info.Retried)
	}
}

func TestStopLetsATaskEnd(t *testing.T) {
	t.Parallel()
	started, release := make(chan struct{}), make(chan struct{})
	b := newFixture(t, map[tasks.Kind]worker.Handler{tasks.OrderReassign: func(ctx context.Context, _ []byte) worker.Outcome {
		close(started)
		<-release
		if ctx.Err() != nil {
			return worker.Retry(ctx.Err())
		}
		return worker.Completed()
	}})
	if err := b.servers.Start(); err != nil {
		t.Fatal(err)
	}
	b.submit(t, reassign)
	<-started
	stopped := make(chan struct{})
	go func() {
		b.servers.Stop()
		close(stopped)
	}()
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	<-stopped
	b.wait(t, reassign, asynq.TaskStateCompleted)
}
