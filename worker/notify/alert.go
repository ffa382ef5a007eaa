// Package alert tells people what happens, through targets that are named by URL: chat, mail, pagers, any
// webhook.
//
// It is level-triggered: no other room calls it. Every few seconds a round compares what is, in the journal
// and the index, with what each target was already told, and sends what is news. What was told is kept in
// Redis, for each target, and written after sending. So a message may come twice and is never lost: a target
// that was away hears, once it is back, how things stand then, and not a backlog. There is no queue that
// could grow.
//
// Of several workers one speaks at a time, by a short lease. A target that fails is tried again ever more
// rarely, while the others go on; nothing of a drain waits for any of them.
//
// Messages hold ids, order numbers, counts and codes only. An incident is told of once the second
// observation confirmed it, since the event is a hint; what many locations have in common in one window is
// one message.
package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Settings are the operator's choices.
type Settings struct {
	Remind  time.Duration // between reminders of what waits for an operator
	Silence time.Duration // without a webhook, while there should be some
	Settle  time.Duration // of incidents: one that settles much longer cannot be confirmed, and is told of
	Console string        // base URL of the console, for links; "" without
	Zone    *time.Location
}

// Gates tells what holds an incident back now.
type Gates interface {
	Blocking(ctx context.Context, inc *journal.Incident) (incident.GateReport, error)
}

// Alerts speaks to people.
type Alerts struct {
	Journal       *journal.Journal
	Index         *index.Index
	Gates         Gates
	Redis         redis.UniversalClient
	Organizations []string
	Targets       []Target
	Settings      Settings
	OnSend        func(target string, err error) // each message; nil: nobody counts
	Now           func() time.Time
	Log           *slog.Logger

	once      sync.Once
	me        string // names this process in the lease
	notifiers []*notifier
	speaking  sync.WaitGroup
}

// Times of a round.
const (
	leaseTime     = 20 * time.Second // of the speaker; longer than several rounds
	maxGatherTime = 10 * time.Second // for reading one organization
)

// Evaluate looks once and has the targets told what is news to them, within ctx. It does not wait for them.
// Where another process has the lease it does nothing.
func (a *Alerts) Evaluate(ctx context.Context) error {
	a.once.Do(a.initTargets)
	if len(a.notifiers) == 0 {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, maxGatherTime)
	defer cancel()
	mine, err := a.acquireLease(asking)
	if err != nil || !mine {
		return err
	}
	seen := a.gatherAll(ctx)
	for _, s := range a.notifiers {
		if s.busy.CompareAndSwap(false, true) {
			a.speaking.Go(func() {
				defer s.busy.Store(false)
				s.send(ctx, seen)
			})
		}
	}
	return nil
}

// Wait returns once nobody speaks any more.
func (a *Alerts) Wait() { a.speaking.Wait() }

func (a *Alerts) initTargets() {
	a.me = randomName()
	for i, t := range a.Targets {
		a.notifiers = append(a.notifiers, &notifier{a: a, Target: t, log: notificationLog{a.Redis, i}})
	}
}

// gatherAll reads every organization, and Redis itself. What cannot be read this time is left out.
func (a *Alerts) gatherAll(ctx context.Context) []snapshot {
	views := make([]snapshot, len(a.Organizations)+1)
	var looking sync.WaitGroup
	for i, organization := range a.Organizations {
		looking.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, maxGatherTime)
			defer cancel()
			seen, err := a.gatherOrganization(ctx, organization)
			if err != nil && ctx.Err() == nil {
				a.Log.WarnContext(ctx, "alert evaluation failed; will retry", "organization", organization, "error", err)
			}
			views[i] = seen
		})
	}
	looking.Go(func() { views[len(a.Organizations)] = a.gatherRedis(ctx) })
	looking.Wait()
	return views
}
