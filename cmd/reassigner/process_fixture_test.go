package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/logtest"
)

// Times of a trial, as short as the queue's own intervals allow.
const (
	trialSettle   = 500 * time.Millisecond
	trialAccept   = 200 * time.Millisecond // until a warehouse answers
	trialDeadline = trialMost              // for a cancel, and for an acceptance: none is meant to pass
	trialStill    = 300 * time.Millisecond // at rest for that long is at rest
	trialMost     = 2 * time.Minute        // until a drain is at rest, on a busy machine
	trialLook     = 25 * time.Millisecond
)

// trialRate is more than the platform's own, so that a trial is not paced over half a minute.
var trialRate = happycolis.Rate{PerMinute: 6000, PerSecond: 100}

// processFixture is the whole worker in this process and a fake platform, over real HTTP on loopback.
type processFixture struct {
	*testing.T
	store      store
	platform   *sandbox.Platform
	log        *logtest.Buffer
	cfg        *config.Config
	receiver   *member // takes the webhooks
	desk       *member
	api        *asker
	passed     bool                  // the middle
	standstill standstill            // of Redis, or of the machine
	rdb        redis.UniversalClient // the test's own
	env        func(string) string
	merchant   sandbox.Merchant
}

// newTrial starts a worker for organization demo.Organization; change is applied to its configuration.
func newTrial(t *testing.T, s store, change ...func(*config.Config)) *processFixture {
	t.Helper()
	w := &processFixture{T: t, store: s, platform: sandbox.New(sandbox.Options{Seed: 1, RatePerMinute: trialRate.PerMinute, RatePerSecond: trialRate.PerSecond}), log: &logtest.Buffer{}, env: apptest.Environment()}
	at := &app.Listener{Name: "platform", Address: "127.0.0.1:0", Handler: w.platform, Log: apptest.Quiet}
	if err := at.Open(); err != nil {
		t.Fatal(err)
	}
	at.Serve()
	t.Cleanup(at.Close)
	w.platform.AddFault(sandbox.Fault{Kind: sandbox.Accept, After: trialAccept})
	demo.AddOrganization(w.platform, demo.Organization)
	base := "http://" + at.Addr().String()
	w.cfg = &config.Config{
		Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Redis: s.url,
		Platform:      config.Platform{GraphQLURL: base + "/graphql", TokenURL: base + "/token", Timeout: 2 * time.Second},
		Organizations: []config.Organization{trialOrganization(demo.SandboxOrganization(demo.Organization))},
		Incident: config.Incident{Mode: "automatic", Settle: trialSettle, Sweep: time.Second, ApproveAbove: 1000,
			Canary: 1000, MaxShare: 1, Cooldown: time.Second},
		Handover: config.Handover{Statuses: []string{"DRAFT", "PENDING"}, RedispatchSettle: trialSettle, Poll: time.Second,
			CancelTimeout: trialDeadline, AcceptTimeout: trialDeadline, MaxHops: 3},
		OpenPolicy: func(string) (*policy.Policy, error) { return policy.Parse(demo.Policy) },
	}
	if s.midway != nil { // what a failover interrupts is found again by its lease, which is longer than some deadlines
		w.cfg.Handover.CancelTimeout, w.cfg.Handover.AcceptTimeout = 2*trialMost, 2*trialMost
	}
	for _, f := range change {
		f(w.cfg)
	}
	for _, u := range w.cfg.Users[:min(1, len(w.cfg.Users))] {
		w.env = apptest.Environment("REASSIGNER_USER", u.Name, "REASSIGNER_PASSWORD", u.Password.Reveal())
	}
	w.startAll()
	var err error
	if w.rdb, err = app.DialRedis(s.url, nil, app.PatientRedis); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.rdb.Close() }) // nothing is unwritten
	w.api = &asker{base: w.admin(), user: w.env("REASSIGNER_USER"), password: w.env("REASSIGNER_PASSWORD")}
	w.watchWrites()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { w.platform.Run(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return w
}

func trialOrganization(o sandbox.Organization) config.Organization {
	return config.Organization{
		Credentials: happycolis.Credentials{Organization: o.ID, ClientID: o.ClientID, ClientSecret: happycolis.Secret(o.ClientSecret)},
		Signing:     happycolis.Secret(o.ClientSecret), Rate: trialRate, Policy: "policy.yaml",
	}
}

// subscribe sends an organization's webhooks to a receiver.
func (w *processFixture) subscribe(organization string, to *member) {
	w.platform.SubscribeURL(organization, "http://"+to.public+intake.Path)
}

// seed makes a merchant and waits until the worker has heard of it.
func (w *processFixture) seed(orders int) {
	w.Helper()
	w.subscribe(demo.Organization, w.receiver)
	w.merchant = sandbox.Seed(w.platform, sandbox.SeedOptions{Organization: demo.Organization, Orders: orders, Seed: 3})
	w.heard(demo.Organization)
}

// seedUnheard makes a merchant while Redis is away: what it announces to a process waits there.
func (w *processFixture) seedUnheard(to *member) {
	w.subscribe(demo.Organization, to)
	w.merchant = sandbox.Seed(w.platform, sandbox.SeedOptions{Organization: demo.Organization, Orders: trialOrders, Seed: 3})
}

// heard waits until every webhook was taken.
func (w *processFixture) heard(organization string) {
	w.Helper()
	w.until("the webhooks are delivered", func() bool {
		w.goOn()
		return w.platform.Waiting(organization) == 0
	})
}

// until waits for something that others bring about.
func (w *processFixture) until(what string, is func() bool) {
	w.Helper()
	most := trialMost
	if w.store.midway != nil {
		most *= 2 // what a failover lost is found again by its lease
	}
	for deadline := time.Now().Add(most); !is(); time.Sleep(trialLook) {
		if time.Now().After(deadline) {
			w.Fatalf("did not happen: %s\nthe rows: %s\nthe log ends: %s", what, w.verb("orders list").stdout, tail(w.log.String()))
		}
	}
}

func tail(text string) string { return text[max(0, len(text)-4000):] }

// verb runs the program against the worker; must also says with which code it has to end.
func (w *processFixture) verb(args string, more ...string) outcome {
	words := append(strings.Fields(args), more...)
	return runIn(w.Context(), w.env, append(words, "--admin", w.admin())...)
}

// admin is the URL of the admin listener.
func (w *processFixture) admin() string { return "http://" + w.desk.admin }

func (w *processFixture) must(code int, args string, more ...string) outcome {
	w.Helper()
	got := w.verb(args, more...)
	if got.code != code {
		w.Fatalf("reassigner %s %q: got %d %q %q, want %d", args, more, got.code, got.stdout, got.stderr, code)
	}
	return got
}

// listed decodes what a listing verb prints.
func listed[T any](w *processFixture, args string) []T {
	w.Helper()
	var rows []T
	if err := json.Unmarshal([]byte(w.must(cli.ExitDone, args+" --json").stdout), &rows); err != nil {
		w.Fatalf("reassigner %s --json: %v", args, err)
	}
	return rows
}

func (w *processFixture) rows() []api.OrderRow {
	w.Helper()
	return asked[api.OrderRow](w, "/api/orders")
}

// asked gets a list over a connection that is kept, for what is asked again and again.
func asked[T any](w *processFixture, path string) []T {
	w.Helper()
	var rows []T
	if err := w.api.get(w.Context(), path, &rows); err != nil {
		w.Fatalf("GET %s: %v", path, err)
	}
	return rows
}

// look is rows; where Redis fails in the middle, an answer may fail too.
func (w *processFixture) look() (rows []api.OrderRow, err error) {
	w.Helper()
	if w.store.midway == nil {
		return w.rows(), nil
	}
	err = w.api.get(w.Context(), "/api/orders", &rows)
	return rows, err
}

// halfway lets happen what happens in the middle of a drain.
func (w *processFixture) halfway() {
	const mutations = 3
	if w.store.midway != nil && !w.passed && len(w.mutations(0)) >= mutations {
		w.passed = true
		w.store.midway()
	}
	w.goOn()
}

// row is the one of a delivery order.
func (w *processFixture) row(id string) api.OrderRow {
	w.Helper()
	all := w.rows()
	i := slices.IndexFunc(all, func(r api.OrderRow) bool { return r.DeliveryOrderID == id })
	if i < 0 {
		w.Fatalf("there is no row of %s", id)
	}
	return all[i]
}

// rested waits until that many rows, or more, are at rest and nothing is on its way.
func (w *processFixture) rested(rows int) []api.OrderRow {
	w.Helper()
	return w.restedWhile(rows, func() {})
}

// restedWhile calls watch all the while.
func (w *processFixture) restedWhile(rows int, watch func()) []api.OrderRow {
	w.Helper()
	var all []api.OrderRow
	var last string
	var since time.Time
	w.until("everything is at rest", func() bool {
		w.halfway()
		watch()
		fresh, err := w.look()
		if err != nil {
			return false
		}
		all = fresh
		busy := len(all) < rows || slices.ContainsFunc(all, func(r api.OrderRow) bool { return !r.State.IsAtRest() })
		for _, o := range w.cfg.Organizations {
			busy = busy || w.platform.Waiting(o.Credentials.Organization) > 0
		}
		if now := fmt.Sprint(outcomes(all), len(w.mutations(0))); busy || now != last {
			last, since = now, time.Now()
		}
		return !busy && time.Since(since) >= trialStill
	})
	return all
}

// incident waits until the one incident of an organization is in a state.
func (w *processFixture) incident(organization string, state journal.IncidentState) api.IncidentRow {
	w.Helper()
	var found api.IncidentRow
	w.until(organization+" has an incident that is "+string(state), func() bool {
		rows := asked[api.IncidentRow](w, "/api/incidents?organization="+organization)
		if len(rows) != 1 || rows[0].State != state {
			return false
		}
		found = rows[0]
		return true
	})
	return found
}

// holds has the judge look at the books, and the queue of every organization be open.
func (w *processFixture) holds() {
	w.Helper()
	books := w.platform.Books()
	if verdict := sandbox.Judge(books, listed[sandbox.Row](w, "orders list")); !verdict.Holds() {
		w.Errorf("the promises do not hold:\n%s", verdict)
	}
	if w.store.midway != nil && !w.passed {
		w.Error("nothing happened in the middle")
	}
	if books.Throttled > 0 {
		w.Errorf("%d requests were too many for the platform", books.Throttled)
	}
	for _, o := range w.cfg.Organizations {
		if blocked, why := w.platform.Blocked(o.Credentials.Organization); blocked {
			w.Errorf("the queue of %s is blocked: %s", o.Credentials.Organization, why)
		}
	}
}

// outcomes counts the rows by state and reason.
func outcomes(rows []api.OrderRow) map[string]int {
	counts := map[string]int{}
	for _, row := range rows {
		name := string(row.State)
		if row.Reason != nil {
			name += ": " + *row.Reason
		}
		counts[name]++
	}
	return counts
}

// mutations lists what the API did, or tried to do, since a number of the books.
func (w *processFixture) mutations(since int) []sandbox.Entry {
	return slices.DeleteFunc(w.platform.Books().Entries, func(e sandbox.Entry) bool {
		return e.SentSeq <= since || !strings.HasPrefix(e.Actor, "api:")
	})
}

// newest is the newest number of the books.
func (w *processFixture) newest() int {
	b, n := w.platform.Books(), 0
	for _, e := range b.Entries {
		n = max(n, e.Seq)
	}
	for _, r := range b.Reads {
		n = max(n, r.Seq)
	}
	return n
}

// wait lets time pass; watch is called all the while.
func (w *processFixture) wait(d time.Duration, watch func()) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(trialLook) {
		watch()
	}
}
