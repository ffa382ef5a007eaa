package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/spool"
	"happycolis-reassigner/worker/metrics"
	"happycolis-reassigner/worker/notify"
)

// watchSpoolEvery is how often it is looked whether the spool could keep an event.
const watchSpoolEvery = 10 * time.Second

// newTaker returns what keeps events: in Redis, or in the spool if one is configured.
func (a *App) newTaker(events *intake.Intake, rdb redis.UniversalClient) *intake.Taker {
	if a.cfg.Spool.Dir != "" {
		a.spool = spool.New(spool.Options{Dir: a.cfg.Spool.Dir, MaxBytes: a.cfg.Spool.MaxBytes, Platform: a.cfg.Platform.GraphQLURL, Log: a.log})
	}
	o := intake.TakerOptions{
		Intake: events, Spool: a.spool, IsReady: a.isReady, Log: a.log,
		CheckPlatform: func(ctx context.Context) error { return claimPlatform(ctx, rdb, a.cfg.Platform.GraphQLURL) },
	}
	for _, organization := range a.cfg.Organizations {
		o.Organizations = append(o.Organizations, organization.Credentials.Organization)
	}
	return intake.NewTaker(o)
}

// startSpool has spooled events applied, and looks after the spool.
func (a *App) startSpool(ctx context.Context) {
	if a.spool == nil {
		return
	}
	a.running.Go(func() { a.taker.Run(ctx) })
	told := time.Time{} // a message was sent without Redis
	a.running.Go(func() {
		runEvery(ctx, watchSpoolEvery, func(ctx context.Context) { a.watchSpool(ctx, &told) })
	})
}

// spoolState is what was seen of the spool last.
type spoolState struct{ why string } // it can keep no event; "": it can

// watchSpool notes whether the spool could keep an event, for alerts and metrics. Where Redis is away nobody else would
// tell: then this process sends the alert itself.
func (a *App) watchSpool(ctx context.Context, told *time.Time) {
	state := spoolState{}
	if err := a.spool.Check(); err != nil {
		state.why = err.Error()
		a.log.Error("the spool can keep no event: while Redis is away, webhooks are refused", "alert", "urgent", "path", a.cfg.Spool.Dir, "error", err)
	}
	a.spoolState.Store(&state)
	process := processName()
	note, cancel := context.WithTimeout(ctx, policyNoteMost)
	defer cancel()
	err := notify.NoteSpool(note, a.redis, process, state.why, time.Now())
	if err == nil || state.why == "" || time.Since(*told) < a.cfg.Alerts.Remind {
		return
	}
	*told = time.Now()
	message := notify.SpoolMessage([]notify.SpoolFailure{{Process: process, Why: state.why}})
	for _, target := range a.cfg.Alerts.Targets {
		if !target.IsToldOf("") {
			continue
		}
		err := target.Send(ctx, message)
		a.metrics.CountAlert(target.Name, err)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("alert could not be sent; will retry", "target", target.Name, "service", target.Service, "why", err.Error())
			*told = time.Time{}
		}
	}
}

// processName names this process for people.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "a receiver"
	}
	return fmt.Sprintf("%s (process %d)", host, os.Getpid())
}

// spoolStatus returns what a scrape asks of the spool; nil: there is none.
func (a *App) spoolStatus() func() metrics.SpoolStatus {
	if !a.hasRole(RoleReceiver) || a.cfg.Spool.Dir == "" {
		return nil
	}
	return func() metrics.SpoolStatus {
		state, now := a.spoolState.Load(), a.spool.Stats()
		return metrics.SpoolStatus{
			Waiting: now.Waiting, Kept: now.Kept, Bytes: now.Bytes, MaxBytes: a.cfg.Spool.MaxBytes, CanKeep: state == nil || state.why == "",
		}
	}
}
