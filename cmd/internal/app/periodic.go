package app

import (
	"context"
	"log/slog"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/cache"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/notify"
)

// submitSweeps submits a sweep of an organization at the start and once per interval. Every worker does, with the same
// task id, so one sweep runs.
func (a *App) submitSweeps(ctx context.Context, organization string) {
	every := a.cfg.Incident.Sweep
	runEvery(ctx, every, func(ctx context.Context) {
		now := time.Now()
		m := tasks.Sweep{V: tasks.Version, Organization: organization, Tick: now.UnixMilli() / every.Milliseconds()}
		submit, cancel := context.WithTimeout(ctx, every)
		defer cancel()
		if err := a.queue.Submit(submit, m, now); err != nil && ctx.Err() == nil {
			a.log.Warn("sweep skipped; the next one comes at the interval", "organization", organization, "error", err)
		}
	})
}

// scanLeases looks for reassignments of an organization whose worker died, at the start and every few seconds. It does
// not go through the queue, since it repairs what the queue lost.
func (a *App) scanLeases(ctx context.Context, organization string) {
	runEvery(ctx, leaseScanEvery, func(ctx context.Context) {
		scan, cancel := context.WithTimeout(ctx, leaseScanMost)
		defer cancel()
		if err := a.worker.Incidents.ScanLeases(scan, organization); err != nil && ctx.Err() == nil {
			a.log.Warn("lease scan failed; will retry", "organization", organization, "error", err)
		}
	})
}

// recordAttendance records which organizations this worker serves, and warns of those that nobody serves any more, at
// the start and every half minute.
func (a *App) recordAttendance(ctx context.Context) {
	runEvery(ctx, attendEvery, func(ctx context.Context) {
		look, cancel := context.WithTimeout(ctx, attendEvery)
		defer cancel()
		if err := a.worker.Incidents.NoteAttendance(look); err != nil && ctx.Err() == nil {
			a.log.Warn("looking for organizations that nobody serves failed; will retry", "error", err)
		}
	})
}

// runAlerts sends what alerts are due, at the start and every few seconds. Of several workers one does.
func (a *App) runAlerts(ctx context.Context) {
	runEvery(ctx, alertEvery, func(ctx context.Context) {
		if err := a.alerts.Evaluate(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("alert not delivered; retried", "error", err)
		}
	})
	a.alerts.Wait()
}

// notePolicyInForce stores, for the worker that sends alerts, whether the policies in force are those in the files.
func (a *App) notePolicyInForce(ctx context.Context, is bool) {
	if len(a.policies) == 0 {
		return
	}
	at := time.Time{}
	if !is {
		at = time.Now()
	}
	ctx, cancel := context.WithTimeout(ctx, policyNoteMost)
	defer cancel()
	if err := notify.PolicyRefused(ctx, a.redis, at); err != nil && ctx.Err() == nil {
		a.log.Warn("recording the policy reload for alerts failed", "error", err)
	}
}

// runEvery calls do at once, and then every interval until ctx ends. Without the first call, a worker that dies again
// and again before its first interval is over would never do it.
func runEvery(ctx context.Context, every time.Duration, do func(context.Context)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		do(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// drainStateKept is how long the answer whether an organization drains is cached.
const drainStateKept = time.Second

// DrainCache caches which organizations have an open incident, for the rate limiter, which asks before every
// background request.
type DrainCache struct {
	journal *journal.Journal
	known   cache.Cache[string, bool]
}

// NewDrainCache returns an empty cache over a journal.
func NewDrainCache(j *journal.Journal) *DrainCache {
	return &DrainCache{journal: j}
}

// IsDraining reports whether an organization has an open incident. If the journal cannot be read the answer is yes, so
// that background work waits.
func (d *DrainCache) IsDraining(ctx context.Context, organization string) bool {
	if yes, known := d.known.Get(time.Now(), organization); known {
		return yes
	}
	open, err := d.journal.OpenIncidents(ctx, organization)
	if err != nil {
		return true
	}
	d.known.Put(time.Now(), organization, len(open) > 0, drainStateKept)
	return len(open) > 0
}

// sameLogEvery is how often the same warning about an organization is logged.
const sameLogEvery = time.Minute

// rateLimitedLog logs, once in a while, what an operator must correct on the platform.
type rateLimitedLog struct {
	log    *slog.Logger
	logged cache.Cache[string, struct{}]
}

func (c *rateLimitedLog) logRefusal(call happycolis.Call) {
	text := map[string]string{
		string(happycolis.KindUnauthorized): "the platform refuses the credentials of this organization; they are asked again ever more rarely",
		string(happycolis.KindForbidden):    "the platform refuses an operation to this organization: a scope is missing",
	}[call.Outcome]
	if text == "" || !c.isDue(call.Organization+call.Outcome) {
		return
	}
	c.log.Error(text, "organization", call.Organization, "operation", call.Operation)
}

func (c *rateLimitedLog) isDue(about string) bool {
	return c.logged.Add(time.Now(), about, struct{}{}, sameLogEvery)
}

// Sleep waits for d, or until the context ends.
func Sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
