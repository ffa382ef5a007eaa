package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/wiring"
)

// fixture is an admin server over real packages, an embedded Redis and a fake platform; no task is run.
type fixture struct {
	t        *testing.T
	desk     *desk
	platform *sandbox.Platform
	merchant sandbox.Merchant
	server   *httptest.Server
	redis    *miniredis.Miniredis
}

const organization = "org_1"

func newFixture(t *testing.T, users ...User) *fixture {
	t.Helper()
	b := &fixture{t: t, platform: sandbox.New(sandbox.Options{RatePerMinute: -1, RatePerSecond: -1}), redis: miniredis.RunT(t)}
	b.merchant = sandbox.Seed(b.platform, sandbox.SeedOptions{Organization: organization, Orders: 5, Seed: 1})
	connect := func() redis.UniversalClient {
		return redis.NewClient(&redis.Options{Addr: b.redis.Addr(), MaxRetries: -1})
	}
	rdb := connect()
	t.Cleanup(func() { _ = rdb.Close() })
	log := slog.New(slog.DiscardHandler)
	client := happycolis.New(happycolis.Options{GraphQLURL: "http://platform/graphql", Transport: b.platform.Transport()})
	account := client.Account(happycolis.Credentials{Organization: organization, IntegrationToken: "token-" + organization}, happycolis.ClassBackground)
	rules, err := policy.Parse([]byte("version: 1\nrules: []\ndefault: needs_person\n"))
	if err != nil {
		t.Fatal(err)
	}
	organizations := map[string]*worker.Organization{organization: {ID: organization, ForHandover: account, ForBackground: account,
		Policy: func() *policy.Policy { return rules }}}
	queue := tasks.NewAsynq(asynq.NewClientFromRedisClient(rdb), asynq.NewInspectorFromRedisClient(rdb))
	made := wiring.New(wiring.Options{Stores: wiring.NewStores(rdb, time.Second, 0), Queue: queue, Organizations: organizations,
		Handover: handover.Settings{Statuses: []string{"DRAFT", "PENDING"}, MaxHops: 3, Request: time.Second},
		Incident: incident.Settings{Mode: incident.AutomaticMode, ApproveAbove: 200, MaxShare: 0.5}, Now: time.Now, Log: log})
	reader := made.Actions.Query
	reader.RateLimitStatuses, reader.Redis, reader.Version = happycolis.NewRateLimitStatuses(rdb, rediskey.Of, time.Now), rdb, "test"
	made.Actions.FirstRepeat = time.Millisecond
	b.desk = &desk{operated: operated{parts{made.Actions}},
		Server: New(Options{Query: reader, Actions: made.Actions, Redis: rdb, Connect: connect, Users: users, Now: time.Now, Log: log})}
	t.Cleanup(func() { _ = b.desk.Close() })
	b.server = httptest.NewServer(b.desk.Handler(wording{}))
	t.Cleanup(b.server.Close)
	return b
}

// wording are pages of one line.
type wording struct{}

func (wording) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, "a page for %s", UserOf(r).Name)
}

func (wording) Fail(w http.ResponseWriter, _ *http.Request, status int, text string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "failed: %s", text)
}

func (wording) Login(w http.ResponseWriter, _ *http.Request, status int, problem, next string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "log in for %s %s", next, problem)
}

// incident opens one with a row for each delivery order named, which all need an operator.
func (b *fixture) incident(state journal.IncidentState, deliveryOrders ...string) *journal.Incident {
	b.t.Helper()
	ctx := b.t.Context()
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
		r.State, r.Reason = journal.NeedsPerson, journal.CancelRefused
		if _, err := b.desk.Journal.Finish(ctx, r, time.Now()); err != nil {
			b.t.Fatal(err)
		}
	}
	return inc
}

// call is one request; headers are pairs.
func (b *fixture) call(method, path, body string, headers ...string) (int, string, http.Header) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		switch headers[i] {
		case "Host":
			request.Host = headers[i+1]
		case "user":
			request.SetBasicAuth(headers[i+1], headers[i+1]+"-password")
		default:
			request.Header.Set(headers[i], headers[i+1])
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(answer)), response.Header
}

// post sends what no foreign page can send.
func (b *fixture) post(path, body string) (int, string) {
	status, answer, _ := b.call(http.MethodPost, path, body, api.CSRFHeader, "1")
	return status, answer
}

func (b *fixture) state(deliveryOrder string) journal.State {
	b.t.Helper()
	r, err := b.desk.Journal.Get(b.t.Context(), organization, journal.ReassignmentID("inc-1", deliveryOrder))
	if err != nil {
		b.t.Fatal(err)
	}
	return r.State
}

func (b *fixture) audited() []journal.AuditEntry {
	b.t.Helper()
	entries, err := b.desk.Journal.AuditEntries(context.Background(), organization, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := range entries {
		entries[i].At = time.Time{}
	}
	return entries
}

func TestLeaveClosesWhatNeedsAPersonAndIsRecorded(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2", "do_3")
	if status, answer := b.post("/api/orders/leave", `{"filter":{"reason_code":"cancel_refused"},"dry_run":true}`); status != http.StatusOK || !strings.Contains(answer, `"matched":3`) {
		t.Fatalf("dry run: got %d %s", status, answer)
	}
	if got := b.state("do_1"); got != journal.NeedsPerson {
		t.Errorf("a dry run acted: %s", got)
	}
	// do_1 by its order number and by its order's id: it is one.
	status, answer := b.post("/api/orders/leave", `{"ids":["SO-0","order_do_1","do_2"],"reason":"we ship by hand","expect":2}`)
	if status != http.StatusOK || !strings.Contains(answer, `"matched":2,"done":2,"refused":[]`) {
		t.Fatalf("got %d %s", status, answer)
	}
	for id, want := range map[string]journal.State{"do_1": journal.Left, "do_2": journal.Left, "do_3": journal.NeedsPerson} {
		if got := b.state(id); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
	want := []journal.AuditEntry{
		{User: "local", Verb: "orders leave", Target: "do_2", Reason: "we ship by hand", Result: "done"},
		{User: "local", Verb: "orders leave", Target: "do_2", Reason: "we ship by hand", Result: "asked"},
		{User: "local", Verb: "orders leave", Target: "do_1", Reason: "we ship by hand", Result: "done"},
		{User: "local", Verb: "orders leave", Target: "do_1", Reason: "we ship by hand", Result: "asked"},
	}
	if diff := cmp.Diff(want, b.audited()); diff != "" {
		t.Errorf("audit log differs (-want +got):\n%s", diff)
	}
}

func TestAnActionThatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2")
	if status, answer := b.post("/api/orders/leave", `{"ids":["do_2"],"reason":"x"}`); status != http.StatusOK {
		t.Fatalf("got %d %s", status, answer)
	}
	for _, c := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/api/orders/retry", `{"ids":["do_2"],"reason":"x"}`, 409, "do_2 is left; only what needs a person or waits for capacity can be acted on; see its story: reassigner orders show do_2"},
		{"/api/orders/retry", `{"filter":{"incident":"inc-1"},"reason":"x","expect":2}`, 409, "2 matched when they were counted, 1 match now; nothing was done, look again"},
		{"/api/orders/retry", `{"ids":["do_9"],"reason":"x"}`, 404, `no incident has a delivery order "do_9"; name it by its id, its order's id or its order's number, or search: reassigner orders find do_9`},
		{"/api/orders/retry", `{"filter":{"location":"lyon"},"reason":"x"}`, 404, "nothing that needs a person matches; see what does: reassigner orders list --needs-person"},
		{"/api/orders/retry", `{"filter":{"incident":"inc-9"},"reason":"x"}`, 404, `there is no incident "inc-9"; list them: reassigner incidents list`},
		{"/api/orders/retry", `{"filter":{"organization":"org_9"},"reason":"x"}`, 404, `organization "org_9" is not configured; name one by its id in the configuration`},
		{"/api/orders/retry", `{"ids":["do_1"],"reason":" "}`, 400, noReason},
		{"/api/orders/retry", `{"reason":"x"}`, 400, "name delivery orders (ids), or a filter: incident, location, reason_code, organization"},
		{"/api/orders/retry", `{"ids":["do_1"],"filter":{"location":"lyon"},"reason":"x"}`, 400, "name delivery orders or a filter, not both"},
		{"/api/orders/retry", `{"filter":{"reason":"x"}}`, 400, `the request cannot be read (json: unknown field "reason"); nothing was done`},
		{"/api/incidents/inc-1/approve", `{"reason":"x"}`, 409, "incident inc-1 is draining; it does not wait for an approval"},
		{"/api/incidents/inc-9/approve", `{"reason":"x"}`, 404, `there is no incident "inc-9"; list them: reassigner incidents list`},
		{"/api/resume", `{"reason":"x"}`, 409, "there is no pause of everything to lift; who paused what, and why: reassigner incidents list"},
		{"/api/pause", `{"location":"nowhere","reason":"x"}`, 404, `organization org_1 has no location with the slug or id "nowhere"`},
		{"/api/import", `{}`, 400, "name a list (list and ids), or a location"},
		{"/api/nonsense", `{}`, 404, "no such endpoint, or not with this method"},
		{"/api/orders", `{}`, 404, "no such endpoint, or not with this method"},
	} {
		status, answer := b.post(c.path, c.body)
		var told struct{ Error string }
		if err := json.Unmarshal([]byte(answer), &told); err != nil || status != c.status || told.Error != c.want {
			t.Errorf("%s %s: got %d %s, want %d %q", c.path, c.body, status, answer, c.status, c.want)
		}
	}
	if got := b.state("do_1"); got != journal.NeedsPerson {
		t.Errorf("a refused action acted: %s", got)
	}
}

func TestApproveLetsAnIncidentGoAndPauseHoldsALocation(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.AwaitingApproval)
	if status, answer := b.post("/api/incidents/inc-1/approve", `{"reason":"looks right"}`); status != http.StatusBadRequest || !strings.Contains(answer, "hash") {
		t.Errorf("approve without a hash: got %d %s, want 400", status, answer)
	}
	status, answer := b.post("/api/incidents/inc-1/approve", `{"dry_run":true}`)
	var detail api.IncidentDetail
	if err := json.Unmarshal([]byte(answer), &detail); err != nil || status != http.StatusOK || detail.Record.Plan == nil {
		t.Fatalf("dry run: got %d %s", status, answer)
	}
	if status, answer := b.post("/api/incidents/inc-1/approve", `{"reason":"looks right","hash":"0000000000000000"}`); status != http.StatusConflict {
		t.Errorf("approve with another hash: got %d %s, want 409", status, answer)
	}
	if status, answer := b.post("/api/incidents/inc-1/approve", `{"reason":"looks right","hash":"`+detail.Record.Plan.Hash+`"}`); status != http.StatusOK {
		t.Fatalf("approve: got %d %s", status, answer)
	}
	inc, err := b.desk.Journal.Incident(t.Context(), organization, "inc-1")
	if err != nil || inc.ApprovedBy != "local" {
		t.Errorf("approved by %q, %v", inc.ApprovedBy, err)
	}
	id := b.merchant.Locations[sandbox.Paris]
	if status, answer := b.post("/api/pause", `{"location":"paris-warehouse","reason":"works"}`); status != http.StatusOK {
		t.Fatalf("pause: got %d %s", status, answer)
	}
	if paused, err := b.desk.Journal.IsPaused(t.Context(), organization, id); err != nil || !paused {
		t.Errorf("paused: got %v, %v", paused, err)
	}
	if status, answer := b.post("/api/pause", `{"location":"`+id+`","reason":"works"}`); status != http.StatusConflict {
		t.Errorf("a second pause: got %d %s", status, answer)
	}
	verbs := []string{}
	for _, e := range b.audited() {
		result, _, _ := strings.Cut(e.Result, ":")
		verbs = append(verbs, e.Verb+" "+e.Target+" "+result)
	}
	want := []string{"pause " + id + " done", "pause " + id + " asked", "incidents approve inc-1 done", "incidents approve inc-1 asked",
		"incidents approve inc-1 refused", "incidents approve inc-1 asked"}
	if diff := cmp.Diff(want, verbs); diff != "" {
		t.Errorf("audit log differs (-want +got):\n%s", diff)
	}
}

func TestAnImportFillsTheIndexAndGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	body, err := json.Marshal(api.ImportRequest{List: "digest", IDs: append([]string{"no-such-order"}, b.merchant.Orders...), Finish: true})
	if err != nil {
		t.Fatal(err)
	}
	status, answer := b.post("/api/import", string(body))
	var got api.ImportResult
	if err := json.Unmarshal([]byte(answer), &got); err != nil || status != http.StatusOK {
		t.Fatalf("got %d %s", status, answer)
	}
	want := api.ImportResult{Done: 6, DeliveryOrders: 5, Skipped: []api.SkippedOrder{{ID: "no-such-order", Kind: "not_found"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("import differs (-want +got):\n%s", diff)
	}
	if e := b.audited()[0]; e.Verb != "import" || e.Target != "list digest" || e.Reason != "the orders of a list of ids" {
		t.Errorf("without a reason the audit log has %+v, want what was imported", e)
	}
	if _, answer, _ := b.call(http.MethodGet, "/api/import?list=digest", ""); !strings.Contains(answer, `"done":6`) {
		t.Errorf("progress is forgotten: %s", answer)
	}
	age, err := b.desk.Index.Coverage(t.Context(), organization)
	if err != nil || !age.Imported.IsZero() || age.Known != 5 {
		t.Errorf("with a line skipped the index counts as complete: %+v, %v", age, err)
	}
	if body, err = json.Marshal(api.ImportRequest{List: "mended", IDs: b.merchant.Orders, Finish: true}); err != nil {
		t.Fatal(err)
	}
	if _, answer := b.post("/api/import", string(body)); !strings.Contains(answer, `"whole":true`) {
		t.Errorf("a whole import: %s", answer)
	}
	if age, err = b.desk.Index.Coverage(t.Context(), organization); err != nil || age.Imported.IsZero() {
		t.Errorf("after a whole import: %+v, %v", age, err)
	}
	if n, err := b.desk.Index.CountInFlight(t.Context(), organization, b.merchant.Locations[sandbox.Paris]); err != nil || n != len(b.merchant.InFlight) {
		t.Errorf("in flight: got %d, %v, want %d", n, err, len(b.merchant.InFlight))
	}
	if status, answer, _ := b.call(http.MethodGet, "/api/plan?location=paris-warehouse", ""); status != http.StatusOK || !strings.Contains(answer, `"action":`) || strings.Contains(answer, `"state"`) {
		t.Errorf("plan: got %d %s", status, answer)
	}
	b.plansAll()
}

// plansAll forecasts every location: the rows are the same alone and with what they come to, and that is kept.
func (b *fixture) plansAll() {
	b.t.Helper()
	for _, path := range []string{"/api/plan?location=paris-warehouse&all=1", "/api/plan?all=1&organization=nobody"} {
		if status, answer, _ := b.call(http.MethodGet, path, ""); status/100 != 4 {
			b.t.Errorf("%s: got %d %s", path, status, answer)
		}
	}
	if _, answer, _ := b.call(http.MethodGet, "/api/plan/last", ""); answer != "[]" {
		b.t.Errorf("before the first plan of every location: got %s", answer)
	}
	_, answer, _ := b.call(http.MethodGet, "/api/plan?all=1", "")
	var alone []api.PlanRow
	if err := json.Unmarshal([]byte(answer), &alone); err != nil || len(alone) < len(b.merchant.InFlight) {
		b.t.Errorf("the rows alone: %d, %v: %s", len(alone), err, answer)
	}
	_, answer, _ = b.call(http.MethodGet, "/api/plan?all=1&outlook=1", "")
	var whole struct {
		Rows    []api.PlanRow
		Outlook []journal.Forecast
	}
	if err := json.Unmarshal([]byte(answer), &whole); err != nil || len(whole.Outlook) != 1 {
		b.t.Fatalf("with what they come to: %v: %s", err, answer)
	}
	o := whole.Outlook[0]
	if len(whole.Rows) != len(alone) || o.Orders != len(alone) || !o.All || len(o.Locations) == 0 {
		b.t.Errorf("%d rows, alone %d, the outlook counts %d at %d locations", len(whole.Rows), len(alone), o.Orders, len(o.Locations))
	}
	_, answer, _ = b.call(http.MethodGet, "/api/plan/last", "")
	var last []journal.Forecast
	if err := json.Unmarshal([]byte(answer), &last); err != nil || len(last) != 1 {
		b.t.Fatalf("the last: %v: %s", err, answer)
	}
	if diff := cmp.Diff(o, last[0]); diff != "" {
		b.t.Errorf("the last (-shown +kept):\n%s", diff)
	}
}

func TestWithRedisAwayEverythingIsUnavailable(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.redis.Close()
	if status, answer, _ := b.call(http.MethodGet, "/api/orders", ""); status != http.StatusServiceUnavailable || !strings.Contains(answer, "Redis does not answer") {
		t.Errorf("got %d %s", status, answer)
	}
}
