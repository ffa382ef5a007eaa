package tasks_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/tasks"
)

// fixture is a queue over an embedded Redis, with the library's own view of it.
type fixture struct {
	*tasks.Asynq
	rdb       redis.UniversalClient
	client    *asynq.Client
	inspector *asynq.Inspector
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr(), ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = rdb.Close() }) // a test may have closed it
	b := fixture{rdb: rdb, client: asynq.NewClientFromRedisClient(rdb), inspector: asynq.NewInspectorFromRedisClient(rdb)}
	b.Asynq = tasks.NewAsynq(b.client, b.inspector)
	return b
}

func (b fixture) submit(t *testing.T, m tasks.Message, at time.Time) {
	t.Helper()
	if err := b.Submit(t.Context(), m, at); err != nil {
		t.Fatal(err)
	}
}

// state is where the library has the task of m, "" where it has none.
func (b fixture) state(t *testing.T, queue, id string) string {
	t.Helper()
	info, err := b.inspector.GetTaskInfo(queue, id)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return info.State.String()
}

var reassign = tasks.Reassign{V: tasks.Version, Organization: "org_1", Reassignment: "inc_1/do_1", At: 3}

func TestSubmittingTwiceGivesOneTask(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{{}, time.Now().Add(time.Hour)} {
		b := newFixture(t)
		b.submit(t, reassign, at)
		b.submit(t, reassign, at)
		info, err := b.inspector.GetQueueInfo(tasks.QueueStart)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size != 1 {
			t.Errorf("at %s: %d tasks wait, want 1", at, info.Size)
		}
	}
}

func TestATaskIsSubmittedUnderItsTerms(t *testing.T) {
	t.Parallel()
	for _, g := range goldens() {
		t.Run(string(g.kind), func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			at := time.Now().Add(time.Hour).Truncate(time.Second)
			b.submit(t, g.today, at)
			terms, _ := tasks.PolicyOf(g.today)
			got, err := b.inspector.GetTaskInfo(terms.Queue, g.today.ID())
			if err != nil {
				t.Fatal(err)
			}
			want := &asynq.TaskInfo{ID: g.today.ID(), Queue: terms.Queue, Type: string(g.kind), Payload: file(t, "", g.kind),
				State: asynq.TaskStateScheduled, MaxRetry: terms.MaxRetry, Timeout: terms.Timeout, Retention: terms.Retention, NextProcessAt: at}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(asynq.TaskInfo{}), cmpopts.EquateApproxTime(time.Second)); diff != "" {
				t.Errorf("task (-want +got):\n%s", diff)
			}
		})
	}
}

func TestATaskThatCannotBeSubmittedIsAnError(t *testing.T) {
	t.Parallel()
	t.Run("since its kind is in no table", func(t *testing.T) {
		t.Parallel()
		if err := newFixture(t).Submit(t.Context(), stranger{}, time.Now()); err == nil {
			t.Error("it was submitted")
		}
	})
	t.Run("since Redis is away", func(t *testing.T) {
		t.Parallel()
		b := newFixture(t)
		_ = b.rdb.Close()
		if err := b.Submit(t.Context(), reassign, time.Now()); err == nil {
			t.Error("submitting gave no error")
		}
		if _, err := b.IsWaiting(t.Context(), reassign); err == nil {
			t.Error("looking gave no error")
		}
		if err := b.DeleteArchived(t.Context(), reassign); err == nil {
			t.Error("forgetting gave no error")
		}
	})
}

// TestATaskInEachState has the task of one message brought into each state, and asks for it.
func TestATaskInEachState(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		bring   func(*testing.T, fixture)
		state   string
		waiting bool
		after   string // its state after Forget
	}{
		{name: "never submitted", bring: func(*testing.T, fixture) {}},
		{name: "pending", bring: func(t *testing.T, b fixture) { b.submit(t, reassign, time.Now()) }, state: "pending", waiting: true, after: "pending"},
		{name: "scheduled", bring: func(t *testing.T, b fixture) { b.submit(t, reassign, time.Now().Add(time.Hour)) }, state: "scheduled", waiting: true, after: "scheduled"},
		{name: "active", bring: active, state: "active", after: "active"},
		{name: "to be retried", bring: ended(errors.New("the platform is away"), "retry"), state: "retry", waiting: true, after: "retry"},
		{name: "archived", bring: ended(asynq.SkipRetry, "archived"), state: "archived", after: ""},
		{name: "completed", bring: ended(nil, "completed"), state: "completed", after: "completed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			tt.bring(t, b)
			if got := b.state(t, tasks.QueueStart, reassign.ID()); got != tt.state {
				t.Fatalf("the task is %q, want it %q for this test", got, tt.state)
			}
			waiting, err := b.IsWaiting(t.Context(), reassign)
			if err != nil || waiting != tt.waiting {
				t.Errorf("waiting is %t, %v, want %t", waiting, err, tt.waiting)
			}
			if err := b.DeleteArchived(t.Context(), reassign); err != nil {
				t.Error(err)
			}
			if got := b.state(t, tasks.QueueStart, reassign.ID()); got != tt.after {
				t.Errorf("after Forget the task is %q, want %q", got, tt.after)
			}
		})
	}
}

// active leaves the task with a handler that does not end before the test.
func active(t *testing.T, b fixture) {
	release := make(chan struct{})
	started := make(chan struct{})
	serve(t, b, func(context.Context, *asynq.Task) error {
		close(started)
		<-release
		return nil
	})
	t.Cleanup(func() { close(release) }) // before the server's shutdown, which waits for the handler
	b.submit(t, reassign, time.Now())
	<-started
}

// ended has the task run to an end and waits for the queue to have noted it.
func ended(with error, state string) func(*testing.T, fixture) {
	return func(t *testing.T, b fixture) {
		serve(t, b, func(context.Context, *asynq.Task) error { return with })
		b.submit(t, reassign, time.Now())
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if b.state(t, tasks.QueueStart, reassign.ID()) == state {
				return
			}
		}
		t.Fatalf("the task did not become %q", state)
	}
}

func serve(t *testing.T, b fixture, handle asynq.HandlerFunc) {
	t.Helper()
	server := asynq.NewServerFromRedisClient(b.rdb, asynq.Config{Concurrency: 1, Queues: map[string]int{tasks.QueueStart: 1},
		TaskCheckInterval: 10 * time.Millisecond, LogLevel: asynq.FatalLevel, ShutdownTimeout: time.Second})
	if err := server.Start(handle); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
}
