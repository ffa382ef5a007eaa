package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/logtest"
	"happycolis-reassigner/worker/notify"
)

// What must not be found anywhere, beside what the platform marks.
const (
	opsPassword  = "pass-5e1d-of-ops"
	evePassword  = "pass-77aa-of-eve"
	wrongSecret  = "secret-90ff-not-in-force"
	hookSecret   = "hook-31c4-of-ops"                     // in the URL of an alert target
	tokenHead    = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" // how every access token begins
	unscoped     = "organization-without-scopes"
	uncredential = "organization-with-a-wrong-secret"
)

// personal are names of fields, of webhooks as they are documented and of those that may come, whose
// values must not be kept, and so neither the names.
var personal = []string{"accessToken", "fullname", "firstName", "lastName", "socialReason", "deliveryAddress", "addressComplement",
	"zipcode", "email", "phone", "comment", "recipient", "customerName", "trackingUrl", "shippingMethodName", "collectPointZipCode"}

// playLeaks drains a location while the platform says whatever it can, and then looks for its words, for
// secrets and for people's data in all of Redis, the log, every answer and page, and all that the verbs print. On the
// embedded Redis somebody is told by alerts too, whose news are gathered for half a minute.
func playLeaks(t *testing.T, s store) {
	told := &logtest.Buffer{}
	hook := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/refused") {
			answer.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.Copy(told, r.Body)
	}))
	t.Cleanup(hook.Close)
	w := newTrial(t, s, func(c *config.Config) {
		if s.embedded {
			c.Alerts = leakingAlerts(t, hook.URL)
		}
		c.Users = []admin.User{{Name: "ops", Password: opsPassword, Role: admin.Operator}, {Name: "eve", Password: evePassword, Role: admin.Viewer}}
		wrong := trialOrganization(demo.SandboxOrganization(uncredential))
		wrong.Credentials.ClientSecret, wrong.Signing, wrong.Previous = wrongSecret, wrongSecret, wrong.Signing
		c.Organizations = append(c.Organizations, trialOrganization(demo.SandboxOrganization(unscoped)), wrong)
	})
	for _, id := range []string{unscoped, uncredential} {
		demo.AddOrganization(w.platform, id)
		w.subscribe(id, w.receiver)
		w.platform.AddLocation(sandbox.Location{ID: "at-" + id, Organization: id, Slug: id, Active: true})
		w.platform.Break(id)
	}
	w.platform.SetScopes(unscoped)
	w.seed(2 * trialOrders)
	for _, m := range []sandbox.Fault{
		{Kind: sandbox.ResultError, Operation: "deliveryOrderCancel", Count: 1},
		{Kind: sandbox.ResultError, Operation: "deliveryOrderCreate", Count: 1},
		{Kind: sandbox.ResultError, Operation: "deliveryOrderUpdate", Count: 1},
		{Kind: sandbox.ResultError, Operation: "deliveryOrderOpen", Count: 1},
		{Kind: sandbox.Fault500, Operation: "deliveryOrder", Count: 2},
		{Kind: sandbox.Fault429, Operation: "deliveryOrderCancel", Count: 1},
		{Kind: sandbox.DropAfter, Operation: "deliveryOrderCreate", Count: 1},
		{Kind: sandbox.RefuseNested, Count: 1},
		{Kind: sandbox.Reject, Location: sandbox.Lyon, Count: 1},
		{Kind: sandbox.RejectPart, Location: sandbox.Lyon, Count: 1},
	} {
		w.platform.AddFault(m)
	}
	w.postLaced()
	w.platform.Break(sandbox.Paris)
	found := map[string]string{}
	rows := w.restedWhile(len(w.merchant.InFlight), func() { w.search(found, "Redis during the drain", w.kept()) })

	for _, reason := range []string{"cancel_refused", "send_refused"} {
		// A failover may lose that it said so.
		if s.midway == nil && outcomes(rows)["needs_person: "+reason] == 0 {
			t.Errorf("the platform never said no: nothing needs a person for %s", reason)
		}
	}
	// Verbs first: what they do is kept and logged too.
	w.search(found, "what the verbs print", w.printed(rows))
	answers := w.answered(rows)
	w.search(found, "the answers of the API and the web UI, the pages and the metrics", answers)
	if s.embedded {
		w.until("somebody is told", func() bool {
			return strings.Contains(told.String(), "need a person") && strings.Contains(w.log.String(), "alert could not be sent")
		})
	}
	w.search(found, "the alerts", told.String())
	w.search(found, "the log", w.log.String())
	kept := w.kept()
	w.search(found, "Redis", kept)
	for _, name := range personal {
		if strings.Contains(strings.ToLower(kept), strings.ToLower(name)) {
			t.Errorf("Redis has a %s", name)
		}
	}
	for where, text := range found {
		t.Errorf("%s: ...%s...", where, text)
	}
	for _, c := range []struct{ where, text, has string }{
		{"Redis", kept, "needs a person: "}, {"Redis", kept, rows[0].DeliveryOrderID}, {"the log", w.log.String(), "invalid_client"},
		{"the log", w.log.String(), "a scope is missing"}, {"what is answered", answers, "</html>"}, {"what is answered", answers, "reassigner_reassignments{"},
	} {
		if !strings.Contains(c.text, c.has) {
			t.Errorf("%s has no %q: this test looks in the wrong place", c.where, c.has)
		}
	}
}

// leakingAlerts tell two targets whose URLs are secret: one that takes what it is told, and one that refuses it.
func leakingAlerts(t *testing.T, hook string) config.Alerts {
	t.Helper()
	c := config.Alerts{Remind: time.Hour, Silence: time.Hour}
	for i, path := range []string{"/", "/refused"} {
		target, err := notify.NewTarget(fmt.Sprintf("alerts.targets[%d]", i), happycolis.Secret("generic+"+hook+"/"+hookSecret+path+"?template=json"))
		if err != nil {
			t.Fatal(err)
		}
		c.Targets = append(c.Targets, target)
	}
	return c
}

// search looks for what must not be there, and keeps the first find of each place.
func (w *processFixture) search(found map[string]string, where, text string) {
	secrets := append(sandbox.Canaries(), tokenHead, wrongSecret, hookSecret, opsPassword, evePassword)
	for _, o := range w.platform.Organizations() {
		secrets = append(secrets, o.ClientSecret, o.IntegrationToken)
	}
	for _, secret := range secrets {
		if at := strings.Index(text, secret); at >= 0 && found[where] == "" {
			found[where] = text[max(0, at-200):min(len(text), at+100)]
		}
	}
}

// postLaced sends every sample with people's data in every object, under all the names that they may have, and the same
// in what is not understood.
func (w *processFixture) postLaced() {
	w.Helper()
	post := func(name string, body []byte) {
		if status, answer := w.post(body, demo.SandboxOrganization(demo.Organization).ClientSecret); status != http.StatusOK {
			w.Errorf("%s: got %d %s", name, status, answer)
		}
	}
	post("no JSON", []byte(sandbox.CanaryName))
	post("an unknown type", fmt.Appendf(nil, `{"header":{"type":"person/created","organizationId":%q},"payload":{"fullname":%q}}`, demo.Organization, sandbox.CanaryName))
	for i, name := range webhook.Samples() {
		raw, _ := webhook.Sample(name)
		var event map[string]any
		if err := json.Unmarshal(raw, &event); err != nil {
			w.Fatal(err)
		}
		lace(event)
		header, _ := event["header"].(map[string]any)
		header["organizationId"], header["messageId"] = demo.Organization, fmt.Sprint("laced-", i)
		body, err := json.Marshal(event)
		if err != nil {
			w.Fatal(err)
		}
		post(name, body)
	}
}

func lace(object map[string]any) {
	for _, inner := range object {
		switch v := inner.(type) {
		case map[string]any:
			lace(v)
		case []any:
			for _, element := range v {
				if m, ok := element.(map[string]any); ok {
					lace(m)
				}
			}
		}
	}
	for _, name := range personal {
		object[name] = sandbox.CanaryName + name
	}
	object["deliveryAddress"] = map[string]any{"fullname": sandbox.CanaryName, "city": sandbox.CanaryName}
}

// keys are those of every node of Redis.
func (w *processFixture) keys() (all []string) {
	w.Helper()
	var mu sync.Mutex
	ask := func(ctx context.Context, node redis.Cmdable) error {
		keys, err := node.Keys(ctx, "*").Result()
		mu.Lock()
		defer mu.Unlock()
		all = append(all, keys...)
		return err
	}
	var err error
	if cluster, is := w.rdb.(*redis.ClusterClient); is {
		err = cluster.ForEachMaster(w.Context(), func(ctx context.Context, node *redis.Client) error { return ask(ctx, node) })
	} else {
		err = ask(w.Context(), w.rdb)
	}
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// kept is every key of Redis with all its values, payloads and errors of tasks included.
func (w *processFixture) kept() string {
	w.Helper()
	rdb, ctx := w.rdb, w.Context()
	keys := w.keys()
	var all strings.Builder
	for _, key := range keys {
		var value any
		kind, err := rdb.Type(ctx, key).Result()
		switch kind {
		case "none": // it expired meanwhile
		case "string":
			value, err = rdb.Get(ctx, key).Result()
		case "hash":
			value, err = rdb.HGetAll(ctx, key).Result()
		case "list":
			value, err = rdb.LRange(ctx, key, 0, -1).Result()
		case "set":
			value, err = rdb.SMembers(ctx, key).Result()
		case "zset":
			value, err = rdb.ZRange(ctx, key, 0, -1).Result()
		case "stream":
			value, err = rdb.XRange(ctx, key, "-", "+").Result()
		default:
			err = fmt.Errorf("nobody reads a %s", kind)
		}
		if err != nil && err != redis.Nil {
			w.Fatalf("reading %s: %v", key, err)
		}
		fmt.Fprintln(&all, key, value)
	}
	return all.String()
}

// printed is what every verb says, also while the platform fails.
func (w *processFixture) printed(rows []api.OrderRow) string {
	w.Helper()
	var all strings.Builder
	say := func(args string, more ...string) (code int) {
		got := w.verb(args, more...)
		fmt.Fprintln(&all, args, got.stdout, got.stderr)
		return got.code
	}
	file := filepath.Join(w.TempDir(), "orders.txt")
	if err := os.WriteFile(file, []byte(strings.Join(w.merchant.Orders[:3], "\n")+"\nno-such-order\n"), 0o600); err != nil {
		w.Fatal(err)
	}
	imports := "import " + file + " --organization "
	for _, args := range []string{"orders list", "orders list --json", "incidents list --json", "plan --location " + sandbox.Paris, "plan --all",
		imports + demo.Organization, imports + unscoped, imports + uncredential, "import --location " + sandbox.Lyon,
		"plan --organization " + demo.Organization + " --location no-such-place"} {
		say(args)
	}
	for _, row := range rows {
		say("orders show " + row.DeliveryOrderID)
	}
	for _, inc := range asked[api.IncidentRow](w, "/api/incidents") {
		say("incidents show " + inc.IncidentID)
	}
	w.platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500})
	say(imports + demo.Organization)
	if code := say("plan --location " + sandbox.Paris); code != cli.ExitFailed {
		w.Errorf("a plan that the platform does not answer ends with %d, want %d", code, cli.ExitFailed)
	}
	say("orders retry --reason-code cancel_refused --yes --reason", "try once more")
	w.platform.ClearFaults()
	say("orders leave --reason-code policy_rule --yes --reason", "enough")
	w.env = apptest.Environment("REASSIGNER_USER", "ops", "REASSIGNER_PASSWORD", evePassword)
	say("orders list")
	return all.String()
}

// answered is what the API, the web UI's API, the console and the metrics answer to everything that can be asked.
func (w *processFixture) answered(rows []api.OrderRow) string {
	w.Helper()
	paths := []string{"/api/status", "/api/locations", "/api/incidents", "/api/orders", "/api/audit", "/api/import?list=x&organization=" + unscoped,
		"/api/plan?location=" + sandbox.Paris, "/api/plan?all=1&outlook=1", "/api/plan/last",
		"/api/plan?location=nowhere&organization=" + unscoped,
		"/api/plan?location=nowhere&organization=" + uncredential, "/api/orders/nothing",
		"/monitoring/api/queues", "/monitoring/api/queue_stats", "/monitoring/api/servers", "/monitoring/api/redis_info",
		"/monitoring/api/scheduler_entries", "/monitoring/", "/", "/incidents", "/orders", "/parked", "/policy", "/audit", "/metrics"}
	for _, o := range w.cfg.Organizations {
		paths = append(paths, "/api/audit?organization="+o.Credentials.Organization)
	}
	for _, row := range rows {
		paths = append(paths, "/api/orders/"+url.PathEscape(row.DeliveryOrderID), "/orders/"+url.PathEscape(row.DeliveryOrderID))
	}
	for _, inc := range asked[api.IncidentRow](w, "/api/incidents") {
		paths = append(paths, "/api/incidents/"+inc.IncidentID, "/incidents/"+inc.IncidentID, "/orders?incident="+inc.IncidentID)
	}
	for _, queue := range []string{tasks.QueueHandover, tasks.QueueStart, tasks.QueueIncident, tasks.QueueSweep} {
		for _, state := range []string{"active", "pending", "scheduled", "retry", "archived", "completed"} {
			paths = append(paths, "/monitoring/api/queues/"+queue+"/"+state+"_tasks?size=200")
		}
	}
	var all strings.Builder
	statuses := map[int]bool{}
	for _, path := range paths {
		request, err := http.NewRequestWithContext(w.Context(), http.MethodGet, w.admin()+path, nil)
		if err != nil {
			w.Fatal(err)
		}
		request.SetBasicAuth("ops", opsPassword)
		status, answer := exchange(request)
		statuses[status] = true
		fmt.Fprintln(&all, path, status, answer)
	}
	want := []int{http.StatusOK, http.StatusNotFound, http.StatusBadGateway}
	if got := slices.Sorted(maps.Keys(statuses)); !slices.Equal(got, want) {
		w.Errorf("the answers have the statuses %v, want %v", got, want)
	}
	return all.String()
}
