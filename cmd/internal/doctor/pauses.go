package doctor

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

// checkBrakes checks whether a pause stops everything, or somebody paused a queue.
func (d *Doctor) checkBrakes(ctx context.Context) []Result {
	if d.redis == nil {
		return []Result{{Check: "pauses", Severity: Unknown, Saw: "they live in the service: reassigner incidents list tells"}}
	}
	return append(d.forEachOrganization(func(o config.Organization) []Result { return d.checkPauses(ctx, o.Credentials.Organization) }), d.checkQueues())
}

func (d *Doctor) checkPauses(ctx context.Context, organization string) []Result {
	standing, err := d.journal().Pauses(ctx, organization)
	if err != nil {
		return []Result{{Check: "pauses", Severity: Unknown, Saw: "they cannot be read"}}
	}
	slices.SortFunc(standing, func(a, b journal.Pause) int { return strings.Compare(a.Scope, b.Scope) }) // everything first
	const why = ` --reason "WHY"`
	var found []Result
	for _, p := range standing {
		f := Result{Check: "pauses", Severity: Warning, Do: "reassigner resume --location " + plaintext.ShellWord(d.locationName(ctx, organization, p.Scope)) + why}
		what := d.locationName(ctx, organization, p.Scope)
		if p.Scope == journal.AllLocations {
			f.Severity, f.Do, what = Failed, "reassigner resume"+why, "everything"
		}
		f.Saw = fmt.Sprintf("%s is paused by %s, %s: %s", what, p.By, formatAgo(time.Now(), p.From), p.Reason)
		f.Do += ", when it may move again"
		found = append(found, f)
	}
	if found == nil {
		return []Result{{Check: "pauses", Severity: Passed, Saw: "none"}}
	}
	return found
}

func (d *Doctor) journal() *journal.Journal {
	return journal.New(d.redis, d.cfg.Platform.Timeout, d.cfg.Incident.Canary)
}

// locationName returns a location's slug, if the index has it.
func (d *Doctor) locationName(ctx context.Context, organization, id string) string {
	if place, _, err := index.New(d.redis).Location(ctx, organization, id); err == nil && place.Slug != "" {
		return place.Slug
	}
	return id
}

// checkQueues checks whether a queue is paused. Our own pause does not do that: the web UI or asynq's command line
// did. A queue on which no task was put yet does not exist.
func (d *Doctor) checkQueues() Result {
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
		return Result{Check: "queues", Severity: Unknown, Saw: "they cannot be read"}
	case paused != nil:
		return Result{Check: "queues", Severity: Failed, Saw: "paused: " + strings.Join(paused, ", "),
			Do: "resume them under /monitoring/; to hold what moves, reassigner pause is safer: deadlines stand still"}
	}
	return Result{Check: "queues", Severity: Passed, Saw: "none is paused"}
}
