package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/desk"
	"happycolis-reassigner/worker/desk/console"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/incident/alert"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/metrics"
)

// The roles that a process may have.
const (
	roleReceiver = "receiver"
	roleWorker   = "worker"
	roleDesk     = "desk"
)

// Times of the application.
const (
	stopMost       = 8 * time.Second // of the 10 s that a stop may take; the rest is for a busy machine
	drainMost      = 4 * time.Second // requests under way get this long to end
	firstLook      = 2 * time.Second // at Redis, at the start
	lookAgain      = time.Second     // at Redis, while it is away
	leaseScanEvery = 5 * time.Second
	leaseScanMost  = 30 * time.Second
	attendEvery    = 30 * time.Second
	alertEvery     = 5 * time.Second
	policyNoteMost = 2 * time.Second // for Redis to note how a reload went
	headerTimeout  = 5 * time.Second // for a client to send its headers
	bodyTimeout    = 15 * time.Second
	idleTimeout    = 2 * time.Minute
)

// app is the whole worker: built by newApp, run by start, ended by stop. It may be started once, on any
// addresses; port 0 takes a free one.
type app struct {
	cfg   *config.Config
	roles []string
	log   *slog.Logger

	embedded *embeddedRedis
	clients  []redis.UniversalClient
	redis    redis.UniversalClient // steady

	journal   *journal.Journal
	index     *index.Index
	queue     tasks.Queue
	incidents *incident.Incidents
	alerts    *alert.Alerts                             // nil unless this process works
	policies  map[string]*atomic.Pointer[policy.Policy] // by path
	servers   *worker.Servers
	readings  readings
	desk      *desk.Desk
	metrics   *metrics.Metrics
	console   *console.Console
	public    *listener
	admin     *listener
	scraped   *listener // metrics alone; nil: the admin listener has them

	ready    chan struct{} // closed once Redis is known to be ours
	failed   chan error    // what ends the process after the start
	stopping context.CancelFunc
	running  sync.WaitGroup
	stopOnce sync.Once
}

// newApp builds everything and opens the listeners, and starts nothing. Its errors are usage or
// configuration.
func newApp(cfg *config.Config, roles []string, log *slog.Logger) (*app, error) {
	a := &app{cfg: cfg, roles: roles, log: log, policies: map[string]*atomic.Pointer[policy.Policy]{},
		ready: make(chan struct{}), failed: make(chan error, 1)}
	for _, step := range []func() error{a.connect, a.loadPolicies, a.wire, a.listen} {
		if err := step(); err != nil {
			a.stop()
			return nil, err
		}
	}
	return a, nil
}

func (a *app) has(role string) bool { return slices.Contains(a.roles, role) }

func (a *app) listen() error {
	for _, l := range []*listener{a.public, a.admin, a.scraped} {
		if l == nil {
			continue
		}
		if err := l.open(); err != nil {
			return err
		}
	}
	return nil
}

// start begins to work. It fails if Redis belongs to another platform; if Redis is away it starts all the
// same and is not ready until Redis is there.
func (a *app) start(ctx context.Context) error {
	ctx, a.stopping = context.WithCancel(ctx)
	look, cancel := context.WithTimeout(ctx, firstLook)
	err := claimPlatform(look, a.redis, a.cfg.Platform.GraphQLURL)
	cancel()
	var foreign *foreignRedisError
	if errors.As(err, &foreign) {
		return err
	}
	for _, l := range []*listener{a.public, a.admin, a.scraped} {
		if l != nil {
			l.serve()
		}
	}
	if err == nil {
		return a.begin(ctx)
	}
	a.log.Error("Redis does not answer; not ready until it does", "error", err)
	a.running.Go(func() { a.awaitRedis(ctx) })
	return nil
}

func (a *app) awaitRedis(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookAgain):
		}
		look, cancel := context.WithTimeout(ctx, firstLook)
		err := claimPlatform(look, a.redis, a.cfg.Platform.GraphQLURL)
		cancel()
		var foreign *foreignRedisError
		switch {
		case errors.As(err, &foreign):
			a.failed <- err
			return
		case err == nil:
			a.log.Info("Redis answers")
			if err := a.begin(ctx); err != nil {
				a.failed <- err
			}
			return
		}
	}
}

// begin starts what may only work on a Redis that is ours.
func (a *app) begin(ctx context.Context) error {
	if a.servers != nil {
		if err := a.servers.Start(); err != nil {
			return fmt.Errorf("starting the task servers: %w", err)
		}
		for organization := range a.incidents.Organizations {
			a.running.Go(func() { a.sweep(ctx, organization) })
			a.running.Go(func() { a.scanLeases(ctx, organization) })
		}
		a.running.Go(func() { a.attend(ctx) })
		if len(a.alerts.Targets) == 0 {
			a.log.Warn("alerts.targets names nobody: when a person is needed, nobody will be told")
		}
		a.running.Go(func() { a.speak(ctx) })
	}
	a.warnOfEviction(ctx)
	a.policyInForce(ctx, true)
	close(a.ready)
	a.log.Info("ready", "roles", a.roles, "version", versionText())
	return nil
}

// warnOfEviction says in the log, at the start, that Redis may drop what it was told. People are told by an alert.
func (a *app) warnOfEviction(ctx context.Context) {
	look, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	space, err := journal.New(a.redis, a.cfg.Platform.Timeout).Space(look)
	switch {
	case err != nil:
		a.log.Warn("Redis does not tell its memory", "error", err)
	case space.Evict != "":
		a.log.Warn("Redis may evict what it was told: set maxmemory-policy noeviction; an evicted lease lets two work at one order", "maxmemory_policy", space.Evict)
	}
}

// stop ends everything in the reverse order of the start. It takes stopMost at most, whatever Redis does,
// and may be called again.
func (a *app) stop() {
	a.stopOnce.Do(func() {
		done := make(chan struct{})
		go func() { a.stopAll(); close(done) }()
		select {
		case <-done:
		case <-time.After(stopMost):
			a.log.Warn("not everything ended in time; what was at work is found again by its lease")
		}
	})
}

func (a *app) stopAll() {
	if a.stopping != nil {
		a.stopping()
	}
	var ending sync.WaitGroup
	for _, l := range []*listener{a.scraped, a.admin, a.public} {
		if l != nil {
			ending.Go(l.close)
		}
	}
	if a.servers != nil && a.begun() {
		ending.Go(a.servers.Stop)
	}
	ending.Wait()
	a.running.Wait()
	if a.desk != nil {
		_ = a.desk.Close()
	}
	for _, client := range a.clients {
		_ = client.Close()
	}
	if a.embedded != nil {
		a.embedded.close()
	}
}

func (a *app) begun() bool {
	select {
	case <-a.ready:
		return true
	default:
		return false
	}
}

// addresses are where the listeners really are.
func (a *app) publicAddress() net.Addr { return a.public.bound.Addr() }
func (a *app) adminAddress() net.Addr  { return a.admin.bound.Addr() }
