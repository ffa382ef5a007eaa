package app

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/admin/console"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/kafka"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/metrics"
	"happycolis-reassigner/worker/notify"
	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/wiring"
)

// connectRedis makes the clients of Redis; none connects yet.
func (a *App) connectRedis() error {
	if a.cfg.Redis.Reveal() == config.EmbeddedRedis {
		embedded, err := StartEmbeddedRedis()
		if err != nil {
			return err
		}
		a.embedded = embedded
		a.log.Warn("Redis is embedded: all state dies with this process; use it for trials only")
	}
	var err error
	if a.health, err = a.newRedisClient(PromptRedis); err != nil {
		return err
	}
	a.redis, err = a.newRedisClient(SteadyRedis)
	return err
}

func (a *App) newRedisClient(t RedisProfile) (redis.UniversalClient, error) {
	client, err := DialRedis(a.redisURL(), a.cfg.RedisTLS, t)
	if err != nil {
		return nil, err
	}
	a.clients = append(a.clients, client)
	return client, nil
}

func (a *App) redisURL() happycolis.Secret {
	if a.embedded != nil {
		return a.embedded.URL()
	}
	return a.cfg.Redis
}

// loadPolicies reads every policy file once. The role receiver needs none.
func (a *App) loadPolicies() error {
	if !a.hasRole(RoleWorker) && !a.hasRole(RoleDesk) {
		return nil
	}
	var wrong []error
	for _, o := range a.cfg.Organizations {
		if a.policies[o.Policy] != nil {
			continue
		}
		a.policies[o.Policy] = &atomic.Pointer[policy.Policy]{}
		p, err := a.cfg.OpenPolicy(o.Policy)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		a.policies[o.Policy].Store(p)
		a.policyStatus.noteLoaded(o.Policy)
	}
	return errors.Join(wrong...)
}

// ReloadPolicies reads the policy files again: all of them take effect or, if one is wrong, none.
func (a *App) ReloadPolicies(ctx context.Context) {
	fresh := map[string]*policy.Policy{}
	for path := range a.policies {
		p, err := a.cfg.OpenPolicy(path)
		if err != nil {
			a.log.Error("the policy was NOT reloaded; the old one stays in force", "error", err.Error())
			a.metrics.CountReload(err)
			a.notePolicyInForce(ctx, false)
			a.policyStatus.noteRefused(path, err)
			return
		}
		fresh[path] = p
	}
	for path, p := range fresh {
		a.policies[path].Store(p)
		a.policyStatus.noteLoaded(path)
		a.log.Info("policy reloaded", "file", path, "revision", p.Revision())
	}
	a.metrics.CountReload(nil)
	a.notePolicyInForce(ctx, true)
}

// policyRevisions returns the revisions in force, by file.
func (a *App) policyRevisions() map[string]string {
	found := map[string]string{}
	for path, p := range a.policies {
		if loaded := p.Load(); loaded != nil {
			found[path] = loaded.Revision()
		}
	}
	return found
}

// newMetrics makes the metrics. A scrape must not hang, so it reads with the client of PromptRedis.
func (a *App) newMetrics(stores wiring.Stores, prompted redis.UniversalClient) *metrics.Metrics {
	rates := map[string]happycolis.Rate{}
	for _, o := range a.cfg.Organizations {
		rates[o.Credentials.Organization] = o.Rate
	}
	var results []string
	if len(a.cfg.Kafka.Brokers) > 0 && a.hasRole(RoleReceiver) {
		for _, result := range kafka.Results() {
			results = append(results, string(result))
		}
	}
	return metrics.New(metrics.Options{
		KafkaResults: results, Organizations: rates, Journal: stores.Journal, Index: stores.Index,
		Queues: asynq.NewInspectorFromRedisClient(prompted), Policies: a.policyRevisions, Version: Version(), Now: time.Now,
		Spool: a.spoolStatus(),
	})
}

// newStores returns stores with the limits of the configuration. A date in the future is counted, and once in a while
// one is logged.
func (a *App) newStores(rdb redis.UniversalClient) wiring.Stores {
	stores, complaints := wiring.NewStores(rdb, a.cfg.Platform.Timeout, a.cfg.Incident.Canary), &rateLimitedLog{log: a.log}
	stores.Index.OnFutureDate = func(organization string, by time.Duration) {
		a.metrics.CountFutureDate(organization)
		if complaints.isDue(organization) {
			a.log.Warn("a date of the platform lies in the future and counts as its arrival; compare the clocks: reassigner doctor",
				"organization", organization, "ahead", by.Round(time.Second).String())
		}
	}
	return stores
}

// wire makes the packages' objects and connects them.
func (a *App) wire() error {
	prompted, err := a.newRedisClient(PromptRedis)
	if err != nil {
		return err
	}
	a.queue = tasks.NewAsynq(asynq.NewClientFromRedisClient(prompted), asynq.NewInspectorFromRedisClient(a.redis))
	stores, promptStores := a.newStores(a.redis), a.newStores(prompted)
	a.metrics = a.newMetrics(promptStores, prompted)
	organizations := a.newOrganizations(stores.Journal)
	a.worker = wiring.New(wiring.Options{
		Stores: stores, Queue: a.queue, Organizations: organizations,
		Handover: handover.Settings{
			Statuses: a.cfg.Handover.Statuses, LeaveAutomatic: a.cfg.Handover.LeaveAutomatic,
			RedispatchSettle: a.cfg.Handover.RedispatchSettle, Poll: a.cfg.Handover.Poll,
			CancelTimeout: a.cfg.Handover.CancelTimeout, AcceptTimeout: a.cfg.Handover.AcceptTimeout,
			MaxHops: a.cfg.Handover.MaxHops, Request: a.cfg.Platform.Timeout,
		},
		Incident: incident.Settings{
			Mode: a.cfg.Incident.Mode, Settle: a.cfg.Incident.Settle, ApproveAbove: a.cfg.Incident.ApproveAbove,
			Canary: a.cfg.Incident.Canary, MaxShare: a.cfg.Incident.MaxShare, Cooldown: a.cfg.Incident.Cooldown,
			Sweep: a.cfg.Incident.Sweep, Retention: a.cfg.Retention.Retention,
		},
		Now: time.Now, Log: a.log,
	})
	hand, incidents := a.worker.Handover, a.worker.Incidents
	hand.Decider.Sleep, hand.OnStep, hand.OnFinish = Sleep, a.metrics.ObserveStep, a.metrics.ObserveFinish
	incidents.OnSweep, incidents.Found, incidents.Urgent = a.metrics.CountSweep, a.metrics.CountFindings, a.metrics.CountUrgent
	if a.hasRole(RoleWorker) {
		patiently, err := a.newRedisClient(PatientRedis)
		if err != nil {
			return err
		}
		a.servers = worker.NewServers(patiently, a.queue, a.worker.Handlers, len(organizations), a.log)
		a.alerts = a.newAlerts()
	}
	if a.cfg.Metrics != "" {
		mux := http.NewServeMux()
		mux.Handle("GET "+metrics.Path, a.metrics.Handler())
		a.scraped = &Listener{Name: "metrics", Address: a.cfg.Metrics, Handler: mux, Log: a.log}
	}
	if a.hasRole(RoleDesk) {
		var scraped http.Handler
		if a.scraped == nil {
			scraped = a.metrics.Handler()
		}
		actions := a.worker.Actions
		q := actions.Query
		q.RateLimitStatuses, q.Redis, q.Targets, q.PolicyFile, q.Version = a.newAllowances(), a.redis, a.cfg.Alerts.Targets, a.policyFile, Version()
		a.desk = admin.New(admin.Options{
			Query: q, Actions: actions, Redis: a.redis,
			Connect: func() redis.UniversalClient {
				client, _ := DialRedis(a.redisURL(), a.cfg.RedisTLS, SteadyRedis) // the same URL was parsed above
				return client
			},
			Metrics: scraped, Users: a.cfg.Users, PublicURL: a.cfg.ConsoleURL, TimeZone: a.cfg.TimeZone, TrustedProxies: a.cfg.TrustedProxies, Now: time.Now, Log: a.log,
		})
		a.console = console.New(q, actions, a.desk.IsOpen(), a.desk.Prefix())
	}
	var events *intake.Intake
	if a.hasRole(RoleReceiver) {
		o := a.worker.IntakeOptions(promptStores)
		o.Redis, o.Parked = prompted, a.cfg.Retention.Parked
		o.Queue = tasks.NewAsynq(asynq.NewClientFromRedisClient(prompted), asynq.NewInspectorFromRedisClient(prompted))
		events = intake.New(o)
		a.taker = a.newTaker(events, prompted)
		if err := a.wireKafka(events); err != nil {
			return err
		}
	}
	a.public = &Listener{Name: "public", Address: a.cfg.Listen, Handler: a.publicHandler(events), Log: a.log}
	if a.desk != nil {
		a.admin = &Listener{Name: "admin", Address: a.cfg.Admin, Handler: a.desk.Handler(a.console), Log: a.log,
			onShutdown: a.console.Close}
	}
	return nil
}

// newAlerts makes the alerts; nothing is sent before runAlerts.
func (a *App) newAlerts() *notify.Alerts {
	spoken := &notify.Alerts{
		Journal: a.worker.Journal, Index: a.worker.Index, Gates: a.worker.Incidents, Redis: a.redis, Targets: a.cfg.Alerts.Targets,
		Settings: notify.Settings{
			Remind: a.cfg.Alerts.Remind, Silence: a.cfg.Alerts.Silence, Settle: a.cfg.Incident.Settle,
			Console: a.cfg.ConsoleURL, Zone: a.cfg.Zone(),
		},
		OnSend: a.metrics.CountAlert, Now: time.Now, Log: a.log,
	}
	for _, o := range a.cfg.Organizations {
		spoken.Organizations = append(spoken.Organizations, o.Credentials.Organization)
	}
	return spoken
}

// newAllowances are stored in Redis, so any process can read them.
func (a *App) newAllowances() *happycolis.RateLimitStatuses {
	return happycolis.NewRateLimitStatuses(a.redis, rediskey.Of, time.Now)
}

// newClocks measures how far this machine's clock is from the platform's.
func (a *App) newClocks() *happycolis.Clocks {
	host, err := os.Hostname()
	if err != nil {
		host = "a worker"
	}
	return happycolis.NewClocks(a.redis, rediskey.Clocks(), host, time.Now)
}

// newOrganizations makes the accounts of all organizations, over one client and one rate limiter.
func (a *App) newOrganizations(records *journal.Journal) map[string]*worker.Organization {
	rates := map[string]happycolis.Rate{}
	for _, o := range a.cfg.Organizations {
		rates[o.Credentials.Organization] = o.Rate
	}
	complaints, allowances, clocks := &rateLimitedLog{log: a.log}, a.newAllowances(), a.newClocks()
	options := happycolis.Options{
		GraphQLURL: a.cfg.Platform.GraphQLURL, TokenURL: a.cfg.Platform.TokenURL, Timeout: a.cfg.Platform.Timeout,
		Proxy: a.cfg.Platform.Proxy,
		Limiter: a.metrics.Limiter(happycolis.NewRedisLimiter(a.redis, rediskey.Of, func(id string) happycolis.Rate { return rates[id] },
			NewDrainCache(records).IsDraining)),
		Observe: func(call happycolis.Call) {
			a.metrics.ObserveCall(call)
			complaints.logRefusal(call)
			allowances.Observe(call)
			clocks.Observe(call)
		},
	}
	if a.cfg.Log.VendorText {
		options.VendorText = func(organization, operation, text string) {
			a.log.Info("the platform says", "organization", organization, "operation", operation, "text", text)
		}
	}
	client := happycolis.New(options)
	all := map[string]*worker.Organization{}
	for _, o := range a.cfg.Organizations {
		all[o.Credentials.Organization] = &worker.Organization{
			ID:            o.Credentials.Organization,
			ForHandover:   client.Account(o.Credentials, happycolis.ClassUrgent),
			ForBackground: client.Account(o.Credentials, happycolis.ClassBackground),
			Rate:          o.Rate,
			Policy:        func() *policy.Policy { return a.policies[o.Policy].Load() },
		}
	}
	return all
}

// heldIntake applies no record while webhooks wait in the spool: they come first, and the partitions stay paused.
type heldIntake struct {
	*intake.Intake
	taker *intake.Taker
}

var errSpooling = errors.New("webhooks wait in the spool, and come first")

// Apply implements kafka.Intake.
func (h heldIntake) Apply(ctx context.Context, a intake.Arrival) (intake.Result, error) {
	if h.taker.IsSpooling() {
		return "", errSpooling
	}
	return h.Intake.Apply(ctx, a)
}

// wireKafka makes what reads Kafka, if brokers are configured.
func (a *App) wireKafka(events *intake.Intake) error {
	if len(a.cfg.Kafka.Brokers) == 0 {
		return nil
	}
	o := kafka.Options{Settings: a.cfg.Kafka, Intake: heldIntake{events, a.taker}, Index: events.Index, MaxBody: a.cfg.MaxBody,
		Observe: a.metrics.CountRecord, Report: a.metrics.NoteKafka, Log: a.log}
	for _, organization := range a.cfg.Organizations {
		o.Organizations = append(o.Organizations, organization.Credentials.Organization)
	}
	var err error
	a.kafka, err = kafka.New(o)
	return err
}

// publicHandler serves health checks and, with the role receiver, webhooks. Slashes that are doubled or at the end change
// nothing: a redirect would be an answer outside 2xx.
func (a *App) publicHandler(events *intake.Intake) http.Handler {
	others := http.NotFoundHandler()
	if a.hasRole(RoleReceiver) {
		others = a.newReceiver(events)
	}
	checks := map[string]http.HandlerFunc{"/healthz": a.serveHealth, "/readyz": a.serveReady}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		check, is := checks[intake.CleanPath(r)]
		switch {
		case !is:
			others.ServeHTTP(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			writeJSON(w, http.StatusMethodNotAllowed, map[string]any{"error": "health checks are read"})
		default:
			check(w, r)
		}
	})
}

// newReceiver makes the handler of webhooks.
func (a *App) newReceiver(events *intake.Intake) http.Handler {
	var secrets []intake.Secret
	for _, o := range a.cfg.Organizations {
		for _, key := range []happycolis.Secret{o.Signing, o.Previous} {
			if key != "" {
				secrets = append(secrets, intake.Secret{Organization: o.Credentials.Organization, Key: key})
			}
		}
	}
	return intake.NewReceiver(intake.ReceiverOptions{Intake: events, Taker: a.taker, Secrets: secrets, MaxBody: a.cfg.MaxBody,
		Observe: a.metrics.CountWebhook, Log: a.log, End: a.patience})
}
