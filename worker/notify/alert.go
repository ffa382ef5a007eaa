// Package notify tells people what happens, through targets that are named by URL: chat, mail, pagers, any webhook.
//
// # What is told
//
// All that people are told of is one table, topics in topic.go, with one file topic_<key>.go for each row: what it reads
// (gather), when a message is due (diff) and what it says (text). A topic is news of incidents (how far they are, what
// needs an operator, what may be shipped twice, reminders) or a condition that begins and ends (Redis evicts, the journal
// was lost, a reload was refused). What was told is remembered in one place for all of them.
//
// # An alert, or a metric
//
// Alerts are what somebody has to act on, or what endangers a promise, where the worker itself can say so and name the
// command that helps. They are here, since not everybody has Prometheus. Numbers are in worker/metrics alone (rates, ages,
// counts, durations): what is too high is known to whoever runs the worker. So is what a worker cannot tell of itself:
// that it is down, or that its alerts do not arrive. A number is here only where its limit is ours to know: full memory
// makes Redis refuse webhooks, and then the platform blocks its queue; clocks that differ make dates lie.
//
// # How it is told
//
// It is level-triggered: no other package calls it. Every few seconds a round compares what is, in the journal and the
// index, with what each target was already told, and sends what is news. What was told is kept in Redis, for each target,
// and written after sending. So a message may come twice and is never lost: a target that was away hears, once it is back,
// how things stand then, and not a backlog. There is no queue that could grow.
//
// Of several workers one speaks at a time, by a short lease. A target that fails is tried again ever more rarely, while the
// others go on; nothing of a drain waits for any of them.
//
// Messages hold ids, order numbers, counts and codes only. An incident is told of once the second observation confirmed it,
// since the event is a hint; what many locations have in common in one window is one message.
package notify

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
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

// gatherAll reads every organization, and what they share. What cannot be read this time is left out.
func (a *Alerts) gatherAll(ctx context.Context) []snapshot {
	organizations := append(slices.Clone(a.Organizations), "")
	views := make([]snapshot, len(organizations))
	var looking sync.WaitGroup
	for i, organization := range organizations {
		looking.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, maxGatherTime)
			defer cancel()
			seen, err := a.gather(ctx, organization)
			if err != nil && ctx.Err() == nil {
				a.Log.WarnContext(ctx, "alert not delivered; retried", "organization", cmp.Or(organization, "*"), "error", err)
			}
			views[i] = seen
		})
	}
	looking.Wait()
	return views
}
