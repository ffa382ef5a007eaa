package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hibiken/asynq"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// brakes looks whether somebody holds all that moves: a pause, or a queue that was paused besides.
func (d *doctor) brakes(ctx context.Context) []finding {
	if d.redis == nil {
		return []finding{{Check: "pauses", Verdict: unknown, Saw: "they live in the service: reassigner incidents list tells"}}
	}
	return append(d.each(func(o config.Organization) []finding { return d.pauses(ctx, o.Credentials.Organization) }), d.queues())
}

func (d *doctor) pauses(ctx context.Context, organization string) []finding {
	standing, err := d.journal().Pauses(ctx, organization)
	if err != nil {
		return []finding{{Check: "pauses", Verdict: unknown, Saw: "they cannot be read"}}
	}
	slices.SortFunc(standing, func(a, b journal.Pause) int { return strings.Compare(a.Scope, b.Scope) }) // everything first
	var found []finding
	for _, p := range standing {
		f := finding{Check: "pauses", Verdict: warned, Do: "reassigner resume --location " + plaintext.ShellWord(d.named(ctx, organization, p.Scope))}
		what := d.named(ctx, organization, p.Scope)
		if p.Scope == journal.Everything {
			f.Verdict, f.Do, what = failing, "reassigner resume", "everything"
		}
		f.Saw = fmt.Sprintf("%s is paused by %s, %s: %s", what, p.By, ago(time.Now(), p.From), p.Reason)
		f.Do += ", when it may move again"
		found = append(found, f)
	}
	if found == nil {
		return []finding{{Check: "pauses", Verdict: fine, Saw: "none"}}
	}
	return found
}

func (d *doctor) journal() *journal.Journal { return journal.New(d.redis, d.cfg.Platform.Timeout) }

// nameFile is a location as people call it, as far as the index knows.
func (d *doctor) named(ctx context.Context, organization, id string) string {
	if place, _, err := index.New(d.redis).Place(ctx, organization, id); err == nil && place.Slug != "" {
		return place.Slug
	}
	return id
}

// queues looks for a paused one. Our own pause leaves them alone: the web UI or asynq's command line did it. One
// that nothing was put on yet is not there.
func (d *doctor) queues() finding {
	inspector := asynq.NewInspectorFromRedisClient(d.redis)
	used, err := inspector.Queues()
	var paused []string
	for _, name := range tasks.Queues() {
		if err != nil || !slices.Contains(used, name) {
			continue
		}
		var info *asynq.QueueInfo
		if info, err = inspector.GetQueueInfo(name); err == nil && info.Paused {
			paused = append(paused, name)
		}
	}
	switch {
	case err != nil:
		return finding{Check: "queues", Verdict: unknown, Saw: "they cannot be read"}
	case paused != nil:
		return finding{Check: "queues", Verdict: failing, Saw: "paused: " + strings.Join(paused, ", "),
			Do: "resume them under /monitoring/; to hold what moves, reassigner pause is safer: deadlines stand still"}
	}
	return finding{Check: "queues", Verdict: fine, Saw: "none is paused"}
}
