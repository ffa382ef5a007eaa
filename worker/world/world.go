// Package world is a whole worker over the fake platform, on a clock that the test moves: the real handlers, journal,
// index and receiver, an embedded Redis that uses the world's time, and a queue in memory. It is for tests alone.
// Nothing happens by itself: Advance moves the clock from one due thing to the next, so the same story always runs the
// same way, without sleeping. A crash can be planned at any request; the worker is then built anew over the same
// Redis, as after a kill.
package world

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/wiring"
)

// Start is the time at which every world begins.
var Start = time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)

// Org is the organization of every world.
const Org = "org_world"

// Options configure a world; the zero value has the product's defaults, a settle window of two minutes, and the mode
// automatic.
type Options struct {
	Policy    string // YAML; "": Paris falls back to Lyon, then Lille
	Incident  func(*incident.Settings)
	Handover  func(*handover.Settings)
	NoWebhook bool            // the platform's webhooks are not delivered
	Rate      happycolis.Rate // of the platform and of our limiter; zero: unlimited
	Skew      time.Duration   // how far the worker's clock is ahead of the platform's
	RedisSkew time.Duration   // how far Redis's clock is ahead of the platform's
	Log       io.Writer
}

// World is one platform with one worker, or two.
type World struct {
	process
	Platform *sandbox.Platform
	Redis    *miniredis.Miniredis
	Queue    *Queue
	Crash    *Crash // at which request the worker dies; nil: at none
	Crashes  int    // how often the worker died

	Slow   func(*http.Request) time.Duration // how long a request waits before the transport takes it; nil: not at all
	OnWire func(*http.Request)               // called between the first byte of a request and its arrival; may be nil
	OnBack func(*http.Request)               // called between the reply and its arrival at the worker; may be nil
	Record func(redis.Cmder) time.Duration   // how long Redis takes to answer; nil: not at all

	Refusal *Refusal // what Redis refuses; nil: nothing

	running   tasks.Message // the running task; nil: none
	dying     bool
	now       time.Time
	nextScan  time.Time
	nextSweep time.Time
	options   Options
	rules     atomic.Pointer[policy.Policy]
	client    redis.UniversalClient
	beside    *process // the second worker, if there is one
	log       *slog.Logger
}

// process is what is lost when a worker ends; Redis and the queue remain.
type process struct {
	*wiring.Worker
	Receiver http.Handler
}

const scanEvery = 5 * time.Second

// paris is the policy of a world whose options have none.
const paris = `version: 1
rules:
  - name: paris falls back to lyon, then lille
    when: {from: [paris-warehouse]}
    then:
      reassign:
        candidates: [lyon-warehouse, lille-warehouse]
        must: [ships_to_country]
        prefer: [listed_order]
default: needs_person
`

// redisPatience is how long, of real time, a request to the world's Redis may take.
const redisPatience = 2 * time.Minute

// New makes a world. The caller closes it.
func New(o Options) (*World, error) {
	w := &World{now: Start, options: o, Redis: miniredis.NewMiniRedis()}
	if err := w.Redis.Start(); err != nil {
		return nil, fmt.Errorf("starting embedded Redis: %w", err)
	}
	w.Redis.SetTime(w.now.Add(o.RedisSkew))
	out := o.Log
	if out == nil {
		out = io.Discard
	}
	w.log = slog.New(slog.NewTextHandler(out, nil))
	// The world's time is its own: a machine that stands still for some seconds is no outage of Redis.
	w.client = redis.NewClient(&redis.Options{Addr: w.Redis.Addr(), DialTimeout: redisPatience, ReadTimeout: redisPatience,
		WriteTimeout: redisPatience, PoolTimeout: redisPatience})
	w.client.AddHook(slowRedisHook{w})
	w.client.AddHook(refusingRedisHook{w})
	w.Platform = sandbox.New(sandbox.Options{Now: w.Now, Seed: 1, RatePerMinute: orUnlimited(o.Rate.PerMinute), RatePerSecond: orUnlimited(o.Rate.PerSecond)})
	w.Platform.AddOrganization(sandbox.Organization{ID: Org, ClientID: "client", ClientSecret: "secret", IntegrationToken: "token"})
	w.Queue = newQueue(o.Skew)
	if err := w.buildWorker(); err != nil {
		return nil, err
	}
	w.nextScan, w.nextSweep = w.now.Add(scanEvery), w.now.Add(w.Incidents.Settings.Sweep)
	if !o.NoWebhook {
		w.Platform.SubscribeFunc(Org, w.deliverWebhook)
	}
	return w, nil
}

func orUnlimited(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// limiter is the real rate limiter over the world's Redis, as during a drain; nil where Options.Rate is zero.
func (w *World) limiter() happycolis.Limiter {
	if w.options.Rate == (happycolis.Rate{}) {
		return nil
	}
	return happycolis.NewRedisLimiter(w.client, rediskey.Of, func(string) happycolis.Rate { return w.options.Rate },
		func(context.Context, string) bool { return true })
}

// Close stops the embedded Redis.
func (w *World) Close() {
	_ = w.client.Close() // nothing is lost: commands are synchronous
	w.Redis.Close()
}

// Now is the clock of the platform, and of Redis unless Options.RedisSkew is set.
func (w *World) Now() time.Time { return w.now }

// workerNow is the worker's clock.
func (w *World) workerNow() time.Time { return w.now.Add(w.options.Skew) }

// Reload replaces the policy, as SIGHUP does; a worker that is built later begins with it.
func (w *World) Reload(text string) error {
	rules, err := policy.Sources{Zone: time.LoadLocation}.Parse([]byte(text))
	if err != nil {
		return fmt.Errorf("parsing policy: %w", err)
	}
	w.options.Policy = text
	w.rules.Store(rules)
	return nil
}

// buildWorker makes the worker as a process does at its start: only Redis and the queue are kept.
func (w *World) buildWorker() error {
	text := w.options.Policy
	if text == "" {
		text = paris
	}
	if err := w.Reload(text); err != nil {
		return err
	}
	client := happycolis.New(happycolis.Options{GraphQLURL: "http://platform.test/graphql", TokenURL: "http://platform.test/token",
		Transport: &crashingTransport{w: w, next: w.Platform.Transport()}, Now: w.workerNow, Limiter: w.limiter()})
	cr := happycolis.Credentials{Organization: Org, ClientID: "client", ClientSecret: "secret"}
	orgs := map[string]*worker.Organization{Org: {ID: Org, ForHandover: client.Account(cr, happycolis.ClassUrgent),
		ForBackground: client.Account(cr, happycolis.ClassBackground), Rate: w.options.Rate, Policy: w.rules.Load}}
	hs := handover.Settings{Statuses: []string{"DRAFT", "PENDING"}, RedispatchSettle: 2 * time.Minute, Poll: 20 * time.Second,
		CancelTimeout: 15 * time.Minute, AcceptTimeout: time.Hour, MaxHops: 3, Request: 15 * time.Second}
	if w.options.Handover != nil {
		w.options.Handover(&hs)
	}
	is := incident.Settings{Mode: incident.AutomaticMode, Settle: 2 * time.Minute, ApproveAbove: 200, Canary: 5, MaxShare: 0.5,
		Cooldown: time.Hour, Sweep: time.Minute}
	if w.options.Incident != nil {
		w.options.Incident(&is)
	}
	made := wiring.New(wiring.Options{Stores: wiring.NewStores(w.client, hs.Request, is.Canary), Queue: w.Queue, Organizations: orgs,
		Handover: hs, Incident: is, Now: w.workerNow, Log: w.log})
	made.Handover.Elapsed = func() time.Duration { return w.now.Sub(Start) }
	events := made.IntakeOptions(made.Stores)
	events.Redis, events.Queue = w.client, w.Queue
	w.process = process{Worker: made, Receiver: intake.NewReceiver(intake.ReceiverOptions{Intake: intake.New(events),
		Secrets: []intake.Secret{{Organization: Org, Key: "secret"}}, Log: w.log})}
	return nil
}

// ReplaceWorker builds a second worker over the same Redis and queue, as another process is, and has it run everything
// from now on. A run of the former worker that stands still goes on with the former's own objects.
func (w *World) ReplaceWorker() error { return w.buildWorker() }

// AddWorker adds a second worker over the same Redis and queue. The two alternate: each task and each scan runs in the
// other one than the last.
func (w *World) AddWorker() error {
	first := w.process
	w.beside = &first
	return w.buildWorker()
}

func (w *World) switchWorker() {
	if w.beside != nil {
		w.process, *w.beside = *w.beside, w.process
	}
}

// ElapseInRequest lets time pass in the middle of a request: the platform goes on, the worker stands still.
func (w *World) ElapseInRequest(d time.Duration) {
	w.setClock(w.now.Add(d))
	w.Platform.RunDue()
}

// deliverWebhook passes a webhook of the platform to the receiver.
func (w *World) deliverWebhook(body []byte, h http.Header) int {
	return w.PostWebhook(body, h.Get(webhook.SignatureHeader)).Code
}

// PostWebhook sends a body to the receiver.
func (w *World) PostWebhook(body []byte, signature string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, intake.Path, newReader(body))
	r.Header.Set(webhook.SignatureHeader, signature)
	answer := httptest.NewRecorder()
	w.Receiver.ServeHTTP(answer, r)
	return answer
}

// Rows returns the reassignments of all incidents, as the judge wants them.
func (w *World) Rows(ctx context.Context) ([]*journal.Reassignment, error) {
	ids, err := w.Journal.IncidentIDs(ctx, Org)
	if err != nil {
		return nil, err
	}
	var rows []*journal.Reassignment
	for _, id := range ids {
		for r, err := range w.Journal.Rows(ctx, Org, id) {
			if err != nil {
				return nil, err
			}
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// Incident returns the newest incident.
func (w *World) Incident(ctx context.Context) (*journal.Incident, error) {
	ids, err := w.Journal.IncidentIDs(ctx, Org)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, errors.New("no incident")
	}
	return w.Journal.Incident(ctx, Org, ids[0])
}
