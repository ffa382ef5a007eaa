package admin

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
)

// deaf is Redis that takes no more lines of an audit log than it should, as one that goes away between two
// writes.
type deaf struct{ takes int }

func (d *deaf) DialHook(next redis.DialHook) redis.DialHook { return next }

func (d *deaf) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (d *deaf) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if args := cmd.Args(); cmd.Name() == "xadd" && strings.Contains(args[1].(string), "audit") {
			if d.takes--; d.takes < 0 {
				return redis.ErrClosed
			}
		}
		return next(ctx, cmd)
	}
}

// TestWhatCannotBeRecordedIsNotDone takes the audit log away before each line of each action.
func TestWhatCannotBeRecordedIsNotDone(t *testing.T) {
	t.Parallel()
	for _, a := range actions() {
		if a.audited == "import" {
			continue // it changes only what is known
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, ops)
			body := a.prepare(b)
			_, err := b.desk.resolveLocation(t.Context(), organization, "paris-warehouse") // heard of once, it is known
			b.must(err)
			before := b.redis.Dump()
			log := &deaf{}
			b.desk.Redis.AddHook(log)
			b.wants(a.path, body, http.StatusServiceUnavailable, "Redis does not answer")
			if after := b.redis.Dump(); after != before {
				t.Errorf("with no line in the audit log it was done: before\n%s\nafter\n%s", before, after)
			}
			log.takes = 1
			b.wants(a.path, body, http.StatusServiceUnavailable, "Redis does not answer")
			if got := b.audited(); len(got) != 1 || got[0].Verb != a.audited || got[0].Result != "asked" {
				t.Errorf("with the outcome unrecorded the audit log has %+v, want what was asked", got)
			}
		})
	}
}

// TestABatchThatBreaksOffTellsHowFarItGot breaks off at the audit log, for orders and for organizations.
func TestABatchThatBreaksOffTellsHowFarItGot(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops)
	b.incident(journal.Draining, "do_1", "do_2", "do_3")
	b.desk.Redis.AddHook(&deaf{takes: 3}) // two of the first, one of the second
	b.wants("/api/orders/leave", `{"filter":{"incident":"inc-1"},"reason":"because"}`, http.StatusServiceUnavailable, "2 of 3 were done, then: Redis does not answer")

	b = newFixture(t, ops)
	b.desk.Organizations["org_2"] = b.desk.Organizations[organization]
	b.desk.Redis.AddHook(&deaf{takes: 2})
	b.wants("/api/pause", because, http.StatusServiceUnavailable, "1 of 2 were done, then: Redis does not answer")
	if paused, err := b.desk.Journal.Pauses(t.Context(), organization); err != nil || !slices.ContainsFunc(paused, func(p journal.Pause) bool { return p.Scope == journal.AllLocations }) {
		t.Errorf("the first is not paused: %+v, %v", paused, err)
	}
}
