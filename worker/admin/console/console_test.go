package console

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/wiring"
)

const organization = "org_1"

// desk is the admin server with what it was made of.
type desk struct {
	*admin.Server
	*wiring.Worker
	Organizations map[string]*worker.Organization
}

// fixture is a console over real packages, an embedded Redis and a fake platform; no task is run.
type fixture struct {
	t        *testing.T
	desk     *desk
	console  *Console
	server   *httptest.Server
	redis    *miniredis.Miniredis
	rdb      redis.UniversalClient
	commands *counting
	client   *http.Client
}

// counting counts the round trips to Redis.
type counting struct{ trips atomic.Int64 }

func (c *counting) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *counting) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { c.trips.Add(1); return next(ctx, cmd) }
}

func (c *counting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { c.trips.Add(1); return next(ctx, cmds) }
}

func newFixture(t *testing.T, users ...admin.User) *fixture {
	t.Helper()
	b := &fixture{t: t, redis: miniredis.RunT(t), commands: &counting{}}
	connect := func() redis.UniversalClient {
		return redis.NewClient(&redis.Options{Addr: b.redis.Addr(), MaxRetries: -1})
	}
	rdb := connect()
	t.Cleanup(func() { _ = rdb.Close() })
	rdb.AddHook(b.commands)
	b.rdb = rdb
	platform := sandbox.New(sandbox.Options{RatePerMinute: -1, RatePerSecond: -1})
	sandbox.Seed(platform, sandbox.SeedOptions{Organization: organization, Orders: 5, Seed: 1})
	log := slog.New(slog.DiscardHandler)
	account := happycolis.New(happycolis.Options{GraphQLURL: "http://platform/graphql", Transport: platform.Transport()}).
		Account(happycolis.Credentials{Organization: organization, IntegrationToken: "token-" + organization}, happycolis.ClassBackground)
	rules, err := policy.Parse([]byte("version: 1\nrules: []\ndefault: needs_person\n"))
	if err != nil {
		t.Fatal(err)
	}
	organizations := map[string]*worker.Organization{organization: {ID: organization, ForHandover: account, ForBackground: account,
		Policy: func() *policy.Policy { return rules }}}
	queue := tasks.NewAsynq(asynq.NewClientFromRedisClient(rdb), asynq.NewInspectorFromRedisClient(rdb))
	made := wiring.New(wiring.Options{Stores: wiring.NewStores(rdb, time.Second, 0), Queue: queue, Organizations: organizations,
		Handover: handover.Settings{Statuses: []string{"DRAFT", "PENDING"}, MaxHops: 3, Request: time.Second},
		Incident: incident.Settings{Mode: incident.AutomaticMode, ApproveAbove: 200, MaxShare: 0.5, Canary: 5}, Now: time.Now, Log: log})
	reader := made.Actions.Query
	reader.RateLimitStatuses, reader.Redis, reader.Version = happycolis.NewRateLimitStatuses(rdb, rediskey.Of, time.Now), rdb, "test"
	reader.PolicyFile = func(string) api.PolicyFile { return api.PolicyFile{File: "policy.yaml", LoadedAt: time.Now()} }
	b.desk = &desk{Worker: made, Organizations: organizations,
		Server: admin.New(admin.Options{Query: reader, Actions: made.Actions, Redis: rdb, Connect: connect, Users: users, Now: time.Now, Log: log})}
	t.Cleanup(func() { _ = b.desk.Close() })
	b.console = New(reader, made.Actions, b.desk.IsOpen(), b.desk.Prefix())
	t.Cleanup(b.console.Close)
	b.server = httptest.NewServer(b.desk.Handler(b.console))
	t.Cleanup(b.server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.client = &http.Client{Jar: jar}
	return b
}

// incident opens one with a row for each delivery order named, which all need an operator.
func (b *fixture) incident(state journal.IncidentState, deliveryOrders ...string) *journal.Incident {
	b.t.Helper()
	ctx := b.t.Context()
	if err := b.desk.Index.PutLocation(ctx, organization, index.Location{ID: "loc_1", Slug: "paris-warehouse"}); err != nil {
		b.t.Fatal(err)
	}
	inc, err := b.desk.Journal.Open(ctx, &journal.Incident{ID: "inc-1", Organization: organization, LocationID: "loc_1",
		Location: "paris-warehouse", State: state, OpenedAt: time.Now()})
	if err != nil {
		b.t.Fatal(err)
	}
	for i, id := range deliveryOrders {
		r := &journal.Reassignment{Identity: journal.Identity{Organization: organization, Incident: inc.ID, DeliveryOrder: id, OrderNumber: fmt.Sprintf("SO-%d", i), Orders: []string{"order_" + id}, FromID: "loc_1", From: "paris-warehouse", OpenedAt: time.Now()},
			Original: journal.Original{Status: "PENDING"}}
		if _, _, err := b.desk.Journal.Enroll(ctx, r); err != nil {
			b.t.Fatal(err)
		}
		r.State, r.Reason = journal.NeedsPerson, journal.CancelUnconfirmed
		if _, err := b.desk.Journal.Finish(ctx, r, time.Now()); err != nil {
			b.t.Fatal(err)
		}
	}
	return inc
}

// get loads a page as a browser does.
func (b *fixture) get(path string) (int, string) { return b.do(http.MethodGet, path, nil) }

// submit sends a form as a browser does from a page of ours.
func (b *fixture) submit(path string, form url.Values) (int, string) {
	return b.do(http.MethodPost, path, form)
}

func (b *fixture) do(method, path string, form url.Values) (int, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", b.server.URL)
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestEveryPageAnswers(t *testing.T) {
	t.Parallel()
	for _, full := range []bool{false, true} {
		b := newFixture(t)
		paths := map[string]string{"/": "No open incident", "/incidents": "There was no incident yet", "/orders": "There was no incident yet",
			"/parked": "Everything that the platform signed was understood", "/policy": "policy.yaml", "/audit": "Nobody did anything yet",
			"/confirm/pause": "It is kept in the audit log"}
		if full {
			b.incident(journal.Draining, "do_1", "do_2")
			paths = map[string]string{"/": "2 of 2", "/incidents": "paris-warehouse", "/incidents/inc-1": "never confirmed", "/orders": "SO-1",
				"/orders?incident=inc-1&state=left": "No delivery order of this incident is here now", "/orders/do_1": "Ask the warehouse",
				"/orders/SO-1": "delivery order <code>do_2", "/confirm/retry?incident=inc-1": "2 delivery orders", "/find?name=do_2": "SO-1",
				"/find?name=inc-1": "paris-warehouse", "/confirm/proceed?id=do_1": "you answer for it", "/confirm/import?location=paris-warehouse": "known to be in flight"}
		}
		for path, want := range paths {
			if status, page := b.get(path); status != http.StatusOK || !strings.Contains(page, want) {
				t.Errorf("%s: got %d, want 200 with %q in\n%s", path, status, want, page)
			}
		}
	}
}

func TestWhatIsNotThereLeadsBack(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	for path, want := range map[string]string{
		"/incidents/inc-9": "There is no incident &#34;inc-9&#34;.", "/orders/do_9": "No incident has a delivery order &#34;do_9&#34;", "/nonsense": "There is no such page",
		"/orders?incident=inc-9": "There is no such incident", "/confirm/nonsense": "There is no such page", "/confirm/retry?id=do_9": "No incident has a delivery order",
	} {
		if status, page := b.get(path); status != http.StatusNotFound || !strings.Contains(page, want) || !strings.Contains(page, `href="/"`) {
			t.Errorf("%s: got %d, want 404 with %q in\n%s", path, status, want, page)
		}
	}
}

func TestWhileRedisIsAwayThePageSaysSoAndTriesAgain(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1")
	b.redis.Close()
	for _, path := range []string{"/", "/incidents/inc-1", "/orders", "/orders/do_1", "/audit", "/parked"} {
		status, page := b.get(path)
		if status != http.StatusServiceUnavailable || !strings.Contains(page, "Redis is away") || !strings.Contains(page, "tries again by itself") {
			t.Errorf("%s: got %d\n%s", path, status, page)
		}
	}
}
