package worker

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/redistest"
)

// TestAnswer is the table from outcome to queue: each verdict, and what the queue gets.
func TestAnswer(t *testing.T) {
	t.Parallel()
	next := tasks.Reassign{V: tasks.Version, Organization: "org_1", Reassignment: "inc_1/do_1", At: 7, Begun: true}
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	flaky := errors.New("the platform is away")
	version := fmt.Errorf("decoding sweep: version 9: %w", tasks.ErrVersion)
	tests := []struct {
		name      string
		out       Outcome
		away      bool          // Redis is
		submitted tasks.Message // and scheduled for until
		is        error         // what the answer is, as errors.Is sees it; nil: nil
		text      string        // of the answer
		archived  bool          // at once
	}{
		{name: "done completes the task", out: Completed()},
		{name: "hold submits the next message at its time and completes the task", out: RequeueAt(next, until), submitted: next},
		{name: "a hold that could not be submitted is tried again", out: RequeueAt(next, until), away: true, is: redis.ErrClosed},
		{name: "a failure is tried again", out: Retry(flaky), is: flaky, text: "the platform is away"},
		{name: "a payload of another version is archived, since trying does not change it", out: Retry(version), is: tasks.ErrVersion,
			text: "decoding sweep: version 9: task payload of an unknown version: skip retry for the task", archived: true},
		{name: "obsolete completes the task", out: Superseded("somebody else drives it")},
		{name: "a person's matter is archived under its reason", out: LeaveToOperator("cancel_refused"), is: asynq.SkipRetry,
			text: "needs a person: cancel_refused: skip retry for the task", archived: true},
	}
	told := map[OutcomeKind]bool{}
	for _, tt := range tests {
		told[tt.out.Kind] = true
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rdb := redistest.NewClient(t, redistest.StartEmbedded(t).Addr())
			inspector := asynq.NewInspectorFromRedisClient(rdb)
			if tt.away {
				_ = rdb.Close() // that is what away means here
			}
			got := queueError(t.Context(), tasks.NewAsynq(asynq.NewClientFromRedisClient(rdb), inspector), slog.New(slog.DiscardHandler), "order:reassign", tt.out)
			if !errors.Is(got, tt.is) || (got == nil) != (tt.is == nil) {
				t.Errorf("the queue gets %v, want %v", got, tt.is)
			}
			if tt.text != "" && got != nil && got.Error() != tt.text {
				t.Errorf("it reads %q, want %q", got, tt.text)
			}
			if archived := errors.Is(got, asynq.SkipRetry); archived != tt.archived {
				t.Errorf("it is archived at once: %t, want %t", archived, tt.archived)
			}
			if tt.submitted == nil {
				return
			}
			if held, err := inspector.GetTaskInfo(tasks.QueueHandover, tt.submitted.ID()); err != nil || !held.NextProcessAt.Equal(until) {
				t.Errorf("submitted is %+v, %v, want %s at %s", held, err, tt.submitted.ID(), until)
			}
		})
	}
	for name, v := range verdicts(t) {
		if !told[v] {
			t.Errorf("the table of this test lacks %s", name)
		}
	}
}

// verdicts are the verdicts as outcome.go declares them, in their order.
func verdicts(t *testing.T) map[string]OutcomeKind {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), "outcome.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]OutcomeKind{}
	for _, d := range source.Decls {
		block, ok := d.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST {
			continue
		}
		for i, spec := range block.Specs {
			all[spec.(*ast.ValueSpec).Names[0].Name] = OutcomeKind(i)
		}
	}
	if all["NeedsPerson"] != NeedsPerson || len(all) < 5 {
		t.Fatalf("read %v; is this test still reading outcome.go right?", all)
	}
	return all
}

func TestRetriesAreDelayedTwiceAsLongEachTimeUpToAMost(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]time.Duration{0: 2 * time.Second, 1: 4 * time.Second, 5: 64 * time.Second, 6: 2 * time.Minute,
		19: 2 * time.Minute, 1000: 2 * time.Minute} {
		for range 50 {
			if got := retryDelay(n); got < want || got >= want+want/4 {
				t.Errorf("try %d comes after %s, want %s and up to a quarter more", n, got, want)
			}
		}
	}
}
