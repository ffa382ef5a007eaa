package app

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
	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/admin/console"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/kafka"
	"happycolis-reassigner/worker/intake/spool"
	"happycolis-reassigner/worker/metrics"
	"happycolis-reassigner/worker/notify"
	"happycolis-reassigner/worker/wiring"
)

// The roles that a process may have; the values are those of "serve --role".
const (
	RoleReceiver = "receiver"
	RoleWorker   = "worker"
	RoleDesk     = "desk"
)

// AllRoles returns every role, for a process that does everything.
func AllRoles() []string { return []string{RoleReceiver, RoleWorker, RoleDesk} }

// Times of the application.
const (
	firstLook      = 2 * time.Second // how long the start waits for Redis
	lookAgain      = time.Second     // interval at which Redis is tried while it is away
	leaseScanEvery = 5 * time.Second
	leaseScanMost  = 30 * time.Second
	attendEvery    = 30 * time.Second
	alertEvery     = 5 * time.Second
	policyNoteMost = 2 * time.Second // for storing in Redis how a reload went
	headerTimeout  = 5 * time.Second // for a client to send its headers
	requestTimeout = 15 * time.Second
)

// Sizes of headers, in bytes. http.Server takes headerSlack more than it is told.
const (
	maxHeaders  = 16 << 10
	headerSlack = 4 << 10
)

// App is the whole worker: made by New, started by Start, ended by Stop. It may be started once, on any addresses;
// port 0 takes a free one.
type App struct {
	cfg   *config.Config
	roles []string
	log   *slog.Logger
	held  []net.Listener // by somebody else, for this process

	embedded *EmbeddedRedis
	clients  []redis.UniversalClient
	redis    redis.UniversalClient // steady
	health   redis.UniversalClient // of health checks alone: they answer though all connections of the others are in use

	queue        tasks.Queue
	worker       *wiring.Worker
	kafka        *kafka.Consumer                           // nil unless this process has the role receiver, and brokers are configured
	alerts       *notify.Alerts                            // nil unless this process has the role worker
	policies     map[string]*atomic.Pointer[policy.Policy] // by path
	servers      *worker.Servers
	policyStatus policyStatus
	taker        *intake.Taker // nil unless this process has the role receiver
	spool        *spool.Spool  // nil: events are not kept on disk
	spoolState   atomic.Pointer[spoolState]
	desk         *admin.Server
	metrics      *metrics.Metrics
	console      *console.Console
	public       *Listener
	admin        *Listener
	scraped      *Listener // for metrics alone; nil: the admin listener serves them

	deployment atomic.Pointer[string] // nil: Redis was not seen yet

	ready    chan struct{} // closed once Redis is known to belong to this platform
	failed   chan error    // receives the error that ends the process after its start
	serving  bool          // the listeners answer
	stopping context.CancelFunc
	running  sync.WaitGroup
	stopOnce sync.Once

	isStopping  atomic.Bool
	patience    context.Context // ends when webhooks may not wait for Redis any longer, since the process ends
	endPatience context.CancelFunc
}

// New makes everything and opens the listeners, and starts nothing. Its errors are about usage or configuration. A
// listener whose address one of the sockets has listens there; each socket has to be of a listener.
func New(cfg *config.Config, roles []string, log *slog.Logger, sockets ...net.Listener) (*App, error) {
	a := &App{cfg: cfg, roles: roles, log: log, held: sockets, policies: map[string]*atomic.Pointer[policy.Policy]{},
		ready: make(chan struct{}), failed: make(chan error, 1)}
	a.patience, a.endPatience = context.WithCancel(context.Background())
	for _, step := range []func() error{a.connectRedis, a.loadPolicies, a.wire, a.openListeners} {
		if err := step(); err != nil {
			a.Stop()
			return nil, err
		}
	}
	return a, nil
}

func (a *App) hasRole(role string) bool { return slices.Contains(a.roles, role) }

// listeners returns those that this process has.
func (a *App) listeners() []*Listener {
	return slices.DeleteFunc([]*Listener{a.public, a.admin, a.scraped}, func(l *Listener) bool { return l == nil })
}

func (a *App) openListeners() error {
	for _, l := range a.listeners() {
		if err := l.OpenOn(takeSocket(&a.held, l.Address)); err != nil {
			return err
		}
	}
	if len(a.held) > 0 {
		return fmt.Errorf("systemd holds a socket at %s, where nothing is to listen by the configuration and the roles: write it there, or take it out of the socket unit", a.held[0].Addr())
	}
	return nil
}

// Start starts the work. It fails if Redis belongs to another platform, or to an older build; if Redis is away it starts all the same, and
// the process is not ready until Redis answers.
func (a *App) Start(ctx context.Context) error {
	ctx, a.stopping = context.WithCancel(ctx)
	look, cancel := context.WithTimeout(ctx, firstLook)
	err := claimPlatform(look, a.redis, a.cfg.Platform.GraphQLURL)
	cancel()
	var foreign *foreignRedisError
	if errors.As(err, &foreign) {
		return err
	}
	a.startSpool(ctx)
	for _, l := range a.listeners() {
		l.Serve()
	}
	a.serving = true
	if err == nil {
		return a.startWork(ctx)
	}
	a.log.Error("Redis does not answer; not ready until it does", "error", err)
	a.running.Go(func() { a.awaitRedis(ctx) })
	return nil
}

func (a *App) awaitRedis(ctx context.Context) {
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
			if err := a.startWork(ctx); err != nil {
				a.failed <- err
			}
			return
		}
	}
}

// startWork starts what may run only once Redis is known to belong to this platform.
func (a *App) startWork(ctx context.Context) error {
	if a.servers != nil {
		if err := a.servers.Start(); err != nil {
			return fmt.Errorf("starting the task servers: %w", err)
		}
		for organization := range a.worker.Incidents.Organizations {
			a.running.Go(func() { a.submitSweeps(ctx, organization) })
			a.running.Go(func() { a.scanLeases(ctx, organization) })
		}
		a.running.Go(func() { a.recordAttendance(ctx) })
		if len(a.alerts.Targets) == 0 {
			a.log.Warn("alerts.targets is empty: no alert is sent when an operator is needed")
		}
		a.running.Go(func() { a.runAlerts(ctx) })
	}
	if a.kafka != nil {
		a.running.Go(func() { a.kafka.Run(ctx) })
	}
	a.warnOfEviction(ctx)
	a.noteDeployment(ctx)
	if proxy := a.cfg.Platform.ProxyOf(a.cfg.Platform.GraphQLURL); proxy != "" {
		a.log.Info("the platform is reached through a proxy", "proxy", proxy)
	}
	a.notePolicyInForce(ctx, true)
	close(a.ready)
	a.log.Info("ready", "roles", a.roles, "version", Version())
	return nil
}

// warnOfEviction logs a warning, at the start, if Redis may evict keys. Operators also get an alert.
func (a *App) warnOfEviction(ctx context.Context) {
	look, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	space, err := a.worker.Journal.RedisMemory(look)
	switch {
	case err != nil:
		a.log.Warn("Redis memory cannot be read", "error", err)
	case space.EvictionPolicy != "":
		a.log.Warn("Redis may evict data: set maxmemory-policy noeviction; an evicted lease lets two work at one order", "maxmemory_policy", space.EvictionPolicy)
	}
}

func (a *App) isReady() bool {
	select {
	case <-a.ready:
		return true
	default:
		return false
	}
}

// Failed receives the error that ends the application after its start: Redis belongs to another platform.
func (a *App) Failed() <-chan error { return a.failed }

// PublicAddress returns the address to which webhooks are sent.
func (a *App) PublicAddress() net.Addr { return a.public.Addr() }

// AdminAddress returns the address of the admin listener; nil without the role desk.
func (a *App) AdminAddress() net.Addr {
	if a.admin == nil {
		return nil
	}
	return a.admin.Addr()
}
