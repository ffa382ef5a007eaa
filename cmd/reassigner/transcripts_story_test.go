package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// playAlone runs the verbs that need no service, and seeds the platform.
func (o *outside) playAlone() {
	o.Helper()
	o.verb("version", "--json")
	for _, shell := range []string{"bash", "fish", "powershell", "zsh"} {
		o.verb("completion " + shell)
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		o.Fatal(err)
	}
	for _, name := range []string{"reassigner.example.yaml", "policy.example.yaml"} { // with every key that there is
		example, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			o.Fatal(err)
		}
		o.write(name, string(example))
	}
	busted, wrong := o.write("busted.yaml", "listen: 1\nnonsense: 2\n"), o.write("wrong_policy.yaml", "version: 1\n")
	o.verb("config check", "reassigner.example.yaml")
	o.verb("config check", o.config)
	o.verb("config check", busted)
	o.verb("config check", "missing.yaml")
	o.verb("config check")
	o.verb("policy check", "policy.example.yaml")
	o.verb("policy check", wrong)
	facts := o.write("facts.yaml", o.verb("policy explain", "--example"))
	o.verb("policy explain", "--facts", facts, "--json", "policy.example.yaml")
	o.verb("policy explain", "--facts", facts, "--want", "leave", "policy.example.yaml")
	o.verb("policy explain", "--facts", facts, "--want", "reassign lyon-warehouse", "policy.example.yaml")
	o.verb("policy explain", "--json")
	o.verb("serve")
	o.verb("serve", "--config", busted)
	o.verb("serve", "--config", o.config) // its port is taken
	o.verb("serve", "--config", o.config, "--role", "nobody")
	o.verb("sandbox", "--orders", "-1")
	o.verb("sandbox", "--listen", strings.TrimPrefix(o.sandbox, "http://"))
	o.verb("nonsense")
	o.verb("help")

	o.platform("POST /sandbox/subscribe", fmt.Sprintf(`{"organization": "org_1", "url": "%s/webhooks/happycolis"}`, o.public))
	o.platform("POST /sandbox/moods", `{"kind": "accept", "after": "100ms"}`)
	o.platform("POST /sandbox/moods", `{"kind": "accept", "after": "soon"}`)
	for _, l := range []string{
		`{"id": "loc-paris", "slug": "paris-warehouse", "allowed": ["FR", "DE"], `,
		`{"id": "loc-lyon", "slug": "lyon-warehouse", "allowed": ["FR"], `,
		`{"id": "loc-lille", "slug": "lille-warehouse", "type": "INTERNAL", "allowed": ["FR"], `,
		`{"id": "loc-nice", "slug": "nice-warehouse", `,
		`{"id": "loc-metz", "slug": "metz-warehouse", `,
	} {
		o.platform("POST /sandbox/locations", l+`"organization": "org_1", "active": true, "country": "FR"}`)
	}
	for _, location := range []string{"lyon-warehouse", "lille-warehouse"} {
		o.platform("POST /sandbox/stocks", fmt.Sprintf(`{"id": "stock-%s", "location": %q, "sku": "MUG", "physical": 1000, "usable": 990, "reserved": 10}`, location, location))
	}
	for _, s := range merchant {
		o.platform("POST /sandbox/orders", s.order())
	}
	for _, s := range merchant {
		o.platform("POST /sandbox/delivery-orders", s.deliveryOrder())
	}
	o.platform("POST /sandbox/delivery-orders", merchant[0].deliveryOrder()) // again
	o.heard()
}

// heard waits until the worker took every webhook.
func (o *outside) heard() {
	o.Helper()
	o.until("the webhooks are taken", func() bool {
		queues := decoded[[]struct {
			Waiting int  `json:"waiting"`
			Blocked bool `json:"blocked"`
		}](o, o.sandbox+"/sandbox/queues")
		return queues[0].Waiting == 0 && !queues[0].Blocked
	})
}

// decoded gets an answer that is not recorded.
func decoded[T any](o *outside, url string) (v T) {
	o.Helper()
	answer, err := http.Get(url)
	if err != nil {
		o.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&v); err != nil {
		o.Fatalf("%s: %v", url, err)
	}
	return v
}

// row is what the story has to know of an order or an incident.
type row struct {
	DeliveryOrder string `json:"delivery_order_id"`
	Incident      string `json:"incident_id"`
	Location      string `json:"location"`
	State         string `json:"state"`
	Reason        string `json:"reason"`
}

// incident returns the newest incident of a location once it is in a state.
func (o *outside) incident(location, state string) (id string) {
	o.Helper()
	o.until("the incident of "+location+" is "+state, func() bool {
		all := decoded[[]row](o, o.admin+"/api/incidents")
		at := slices.IndexFunc(all, func(r row) bool { return r.Location == location })
		if at < 0 || all[at].State != state {
			return false
		}
		id = all[at].Incident
		return true
	})
	return id
}

// rest waits until a delivery order rests as it is said, in a state and with a reason.
func (o *outside) rest(deliveryOrder, state, reason string) {
	o.Helper()
	o.until(deliveryOrder+" is "+state+" "+reason, func() bool {
		return slices.ContainsFunc(decoded[[]row](o, o.admin+"/api/orders"), func(r row) bool {
			return r.DeliveryOrder == deliveryOrder && r.State == state && r.Reason == reason
		})
	})
}

// playQuiet asks all there is to ask before anything fails.
func (o *outside) playQuiet() {
	o.Helper()
	o.call(request{base: o.public, route: "GET /healthz", path: "/healthz", body: ""})
	o.call(request{base: o.public, route: "GET /readyz", path: "/readyz", body: ""})
	o.call(request{base: o.public, route: "POST /webhooks/happycolis", path: "/webhooks/happycolis", body: `{}`})
	o.call(request{base: o.public, route: "POST /webhooks/happycolis", path: "/webhooks/happycolis", body: strings.Repeat(" ", 2<<20)})
	o.verb("doctor", "--config", o.config, "--json", "--public-url", "https://reassigner.example.com")
	o.verb("doctor", "--quick", "--url", o.public)
	o.verb("doctor", "--quick", "--url", "http://127.0.0.1:1")
	o.verb("doctor", "--config", "busted.yaml")
	o.verb("webhooks register", "--config", o.config, "--public-url", "https://reassigner.example.com", "--no-check", "--dry-run")
	o.verb("webhooks register", "--config", o.config, "--public-url", "http://reassigner.example.com")
	o.verb("webhooks list", "--config", o.config, "--json")
	o.verb("webhooks list")
	o.verb("webhooks remove", "--config", o.config, "--yes")
	webhook := o.public + "/webhooks/happycolis"
	o.verb("event send", "--config", o.config, "--sample", "stock-reference-updated", "--organization", "org_1", "--url", webhook)
	o.verb("event send", "--config", o.config, "--body", o.write("garbage", "garbage"), "--organization", "org_1", "--url", webhook)
	o.verb("event send", "--config", o.config, "--sample", "nonsense", "--organization", "org_1", "--url", webhook)
	o.verb("event send", "--secret-env", "REASSIGNER_OPS_PASSWORD", "--sample", "errored", "--url", webhook)
	o.verb("event send", "--config", o.config, "--sample", "errored", "--url", "http://127.0.0.1:1/")

	o.of("orders list", "--json")
	o.of("incidents list", "--json")
	o.verb("orders list", "--json", "--admin", "http://127.0.0.1:1")
	o.verb("incidents list", "--json", "--config", "missing.yaml")
	o.verb("status", "--json", "--admin", "http://127.0.0.1:1")
	o.verb("audit", "--json", "--csv")
	o.of("audit", "--json")
	o.of("orders find", "nothing of the kind", "--json")
	o.api("GET /api/plan/last", "/api/plan/last", "")
	o.of("plan", "--location", "paris-warehouse", "--json")
	o.of("plan", "--location", "lyon-warehouse", "--json")
	o.of("plan", "--location", "nowhere", "--json")
	o.of("plan", "--all", "--json")
	o.of("plan", "--json")
	o.api("GET /api/plan", "/api/plan?location=paris-warehouse", "")
	o.api("GET /api/plan", "/api/plan?all=1&outlook=1", "")
	o.api("GET /api/plan", "/api/plan", "")
	o.api("GET /api/plan/last", "/api/plan/last", "")

	lines := o.write("orders.txt", "order-pending\norder-high\n")
	o.of("import", lines)
	o.of("import", "--location", "paris-warehouse", "--reason", "webhooks came late")
	o.of("import", o.write("references.txt", "shop-pending\n"), "--third-party-app", "app_1")
	o.of("import", o.write("unknown.txt", "order-unknown\n"))
	o.of("import", o.write("table.txt", "id;name\n1;a\n"))
	o.of("import")
	o.api("POST /api/import", "/api/import", `{"organization": "org_1", "list": "aaaa", "from": 0, "ids": ["order-pending", "order-unknown"], "finish": true}`)
	o.api("POST /api/import", "/api/import", `{"location": "paris-warehouse", "reason": "late"}`)
	o.api("POST /api/import", "/api/import", `{}`)
	o.api("GET /api/import", "/api/import?list=aaaa", "")
	o.api("GET /api/parked", "/api/parked", "")
	o.api("GET /api/policies", "/api/policies", "")
	o.api("GET /api/locations", "/api/locations", "")
	o.api("GET /api/find", "/api/find?name=nothing+of+the+kind", "")
	o.api("GET /api/find", "/api/find", "")
	o.api("GET /api/nonsense", "/api/nonsense", "")
	o.statusSwept()
}

// statusSwept records the status after a sweep that asked some of the locations.
func (o *outside) statusSwept() {
	o.Helper()
	r := request{base: o.admin, route: "GET /api/status", path: "/api/status"}
	var told answer
	o.until("a sweep asked some locations", func() bool {
		told = o.send(r)
		return bytes.Contains(told.body, []byte(`"next":`))
	})
	o.record(r, told)
}

// playPaused breaks a location that is paused, stops its incident, and closes it.
func (o *outside) playPaused() {
	o.Helper()
	o.of("pause", "--location", "nice-warehouse")
	o.of("pause", "--location", "nice-warehouse", "--reason", "maintenance")
	o.of("pause", "--location", "nice-warehouse", "--reason", "maintenance", "--yes")
	o.of("pause", "--location", "nowhere", "--reason", "maintenance", "--yes")
	o.platform("POST /sandbox/break", `{"location": "nice-warehouse"}`)
	o.platform("POST /sandbox/break", `{"location": "nowhere"}`)
	id := o.incident("nice-warehouse", "blocked")
	o.of("incidents show", id, "--json")
	o.api("GET /api/incidents/{id}", "/api/incidents/"+id, "")
	o.of("incidents unblock", id, "--reason", "nobody can", "--yes")
	o.statusSwept()
	o.of("resume", "--location", "nice-warehouse", "--reason", "over", "--yes")
	o.of("resume", "--location", "nice-warehouse", "--reason", "over", "--yes")
	o.api("POST /api/pause", "/api/pause", `{"dry_run": true}`)
	o.api("POST /api/pause", "/api/pause", `{"location": "metz-warehouse", "reason": "maintenance"}`)
	o.api("POST /api/pause", "/api/pause", `{"location": "metz-warehouse"}`)
	o.api("POST /api/resume", "/api/resume", `{"location": "metz-warehouse", "dry_run": true}`)
	o.api("POST /api/resume", "/api/resume", `{"location": "metz-warehouse", "reason": "over"}`)
	o.incident("nice-warehouse", "awaiting_approval")
	o.of("incidents stop", id)
	o.api("POST /api/incidents/{id}/stop", "/api/incidents/"+id+"/stop", `{"dry_run": true}`)
	o.api("POST /api/incidents/{id}/stop", "/api/incidents/"+id+"/stop", `{}`)
	o.of("incidents stop", id, "--reason", "nice ships by hand", "--yes")
	o.of("incidents stop", id, "--reason", "nice ships by hand", "--yes")
	o.api("POST /api/incidents/{id}/stop", "/api/incidents/"+id+"/stop", `{"reason": "again"}`)
	shown := request{base: o.admin, route: "GET /api/incidents/{id}", path: "/api/incidents/" + id}
	o.until("what was stopped is at rest", func() bool { return bytes.Contains(o.send(shown).body, []byte(`"report":`)) })
	o.of("incidents show", id, "--json")
	o.api("POST /api/incidents/{id}/unblock", "/api/incidents/"+id+"/unblock", `{"dry_run": true}`)
	o.of("incidents unblock", id, "--reason", "over", "--yes")
	o.api("POST /api/incidents/{id}/unblock", "/api/incidents/"+id+"/unblock", `{"reason": "over"}`)
	o.of("incidents unblock", "inc-none", "--reason", "over", "--yes")
	o.platform("POST /sandbox/recover", `{"location": "nice-warehouse", "announce": true}`)
	o.of("incidents list", "--json")
}

// playDrain breaks a location, approves one order of the plan and then the rest, and waits until all rests.
func (o *outside) playDrain() {
	o.Helper()
	for _, mood := range []string{
		`{"kind": "cancel_refused", "delivery_order": "do-refused"}`, `{"kind": "cancel_silent", "delivery_order": "do-silent"}`,
		`{"kind": "webhook_drop", "location": "metz-warehouse", "webhook": "location/fulfillment_service_integration/errored"}`,
		`{"kind": "reject", "location": "lyon-warehouse", "order": "order-rejected", "after": "100ms"}`,
	} {
		o.platform("POST /sandbox/moods", mood)
	}
	o.platform("POST /sandbox/break", `{"location": "paris-warehouse"}`)
	o.platform("POST /sandbox/break", `{"location": "metz-warehouse"}`) // of which the sweep has to hear
	id := o.incident("paris-warehouse", "awaiting_approval")
	o.of("incidents show", id, "--json")
	approve := func(body string) []byte {
		return o.api("POST /api/incidents/{id}/approve", "/api/incidents/"+id+"/approve", body)
	}
	approve(`{"reason": "no hash"}`)
	approve(`{"reason": "another hash", "hash": "aaaaaaaaaaaa"}`)
	o.of("incidents approve", id, "--dry-run", "--json")
	o.of("incidents approve", id, "--yes")
	o.of("incidents approve", "inc-none", "--dry-run", "--json")
	o.of("incidents approve", id, "--hash", "aaaaaaaaaaaa", "--reason", "another hash", "--yes")
	var seen struct {
		Record struct {
			Plan struct {
				Hash string `json:"hash"`
			} `json:"plan"`
		} `json:"record"`
	}
	err := json.Unmarshal(approve(`{"dry_run": true}`), &seen)
	plan := seen.Record.Plan
	if err != nil || plan.Hash == "" {
		o.Fatalf("the plan has no hash: %v", err)
	}
	o.api("GET /api/incidents/{id}/plan", "/api/incidents/"+id+"/plan", "")
	o.of("incidents show", id, "--json")
	approve(fmt.Sprintf(`{"hash": %q, "limit": 1, "approved": 0, "reason": "the first"}`, plan.Hash))
	o.rest("do-high", "reassigned", "")
	o.incident("paris-warehouse", "awaiting_approval")
	approve(fmt.Sprintf(`{"hash": %q, "limit": 1, "approved": 0, "reason": "the first"}`, plan.Hash))
	o.platform("POST /sandbox/act", `{"action": "start", "delivery_order": "do-changed"}`)
	o.heard()
	o.of("incidents approve", id, "--hash", plan.Hash, "--reason", "the rest", "--yes")
	o.until("all rests", func() bool {
		resting := 0
		for _, r := range decoded[[]row](o, o.admin+"/api/orders") {
			if slices.Contains([]string{"reassigned", "left", "needs_person"}, r.State) {
				resting++
			}
		}
		return resting == enrolled
	})
	o.rest("do-silent", "needs_person", "cancel_unconfirmed")
	o.incident("metz-warehouse", "awaiting_approval")
}

// playOperators shows all that came of it, and lets operators decide what is theirs.
func (o *outside) playOperators() {
	o.Helper()
	o.write("policy.yaml", "version: 1\n") // which is refused, and told
	if err := o.worker.Process.Signal(syscall.SIGHUP); err != nil {
		o.Fatal(err)
	}
	for _, s := range merchant[:enrolled] {
		o.of("orders show", "do-"+s.name, "--json")
	}
	o.of("orders show", "SO-nobody", "--json")
	o.of("policy explain", "--order", "SO-draft", "--json")
	o.api("GET /api/orders/{name}", "/api/orders/SO-silent", "")
	o.api("GET /api/orders/{name}", "/api/orders/nobody", "")
	o.of("orders list", "--json", "--needs-person")
	o.of("orders list", "--json", "--reason-code", "nonsense")
	o.api("GET /api/orders", "/api/orders?reason_code=policy_rule", "")
	o.api("GET /api/orders", "/api/orders", "")

	o.api("POST /api/orders/proceed", "/api/orders/proceed", `{"ids": ["do-silent"], "dry_run": true}`)
	o.api("POST /api/orders/proceed", "/api/orders/proceed", `{"ids": ["do-refused"], "reason": "not so"}`)
	o.of("orders proceed", "do-refused", "--reason", "not so", "--yes")
	o.of("orders proceed", "do-silent", "--reason", "they will not ship", "--yes")
	o.rest("do-silent", "reassigned", "")
	o.platform("DELETE /sandbox/moods", "")
	o.platform("POST /sandbox/moods", `{"kind": "accept", "after": "100ms"}`)
	o.api("POST /api/orders/retry", "/api/orders/retry", `{"ids": ["do-refused"], "dry_run": true}`)
	o.api("POST /api/orders/retry", "/api/orders/retry", `{"ids": ["do-refused"], "reason": "again", "expect": 2}`)
	o.api("POST /api/orders/retry", "/api/orders/retry", `{"ids": ["nobody"], "reason": "again"}`)
	o.api("POST /api/orders/retry", "/api/orders/retry", `{"reason": "again"}`)
	o.of("orders retry", "do-refused", "--reason", "the warehouse agreed", "--yes")
	o.rest("do-refused", "reassigned", "")
	o.of("orders retry", "do-refused", "--reason", "it is done", "--yes")
	o.of("orders retry", "nobody", "--reason", "again", "--yes")
	o.of("orders retry", "do-refused", "--yes")
	o.of("orders retry", "do-refused", "--reason", "again")
	o.of("orders leave", "--reason-code", "already_preparing", "--reason", "they ship it", "--yes")
	o.of("orders leave", "--reason-code", "already_preparing", "--reason", "they ship it", "--yes")
	o.api("POST /api/orders/leave", "/api/orders/leave", `{"filter": {"reason_code": "opened_not_enabled"}, "dry_run": true}`)
	o.api("POST /api/orders/leave", "/api/orders/leave", `{"ids": ["do-opened"], "reason": "they ship it"}`)
	o.api("POST /api/orders/leave", "/api/orders/leave", `{"ids": ["do-opened"], "reason": "they ship it"}`)
	for _, name := range []string{"silent", "refused", "started"} {
		o.of("orders show", "do-"+name, "--json")
	}
}

// playEnd lets the location recover, and looks once more at everything.
func (o *outside) playEnd() {
	o.Helper()
	o.platform("POST /sandbox/recover", `{"location": "paris-warehouse", "announce": true}`)
	o.platform("POST /sandbox/recover", `{"location": "metz-warehouse", "announce": true}`)
	o.incident("metz-warehouse", "closed")
	id := o.incident("paris-warehouse", "closed")
	o.rest("do-nowhere", "left", "recovered")
	o.of("incidents show", id, "--json")
	o.api("GET /api/incidents/{id}", "/api/incidents/"+id, "")
	o.api("GET /api/incidents/{id}", "/api/incidents/inc-none", "")
	o.api("GET /api/incidents", "/api/incidents", "")
	o.of("incidents list", "--json")
	rows := o.of("orders list", "--json")
	o.of("incidents show", "inc-none", "--json")
	o.api("GET /api/audit", "/api/audit", "")
	o.api("GET /api/audit", "/api/audit?most=none", "")
	o.platform("POST /sandbox/judge", fmt.Sprintf(`{"rows": %s, "incidents": []}`, rows))
	o.until("an alert is sent", func() bool {
		told := o.send(request{base: o.admin, route: "GET /metrics", path: "/metrics"})
		return bytes.Contains(told.body, []byte("\nreassigner_alerts_total{"))
	})
	o.api("GET /api/policies", "/api/policies", "")
	o.write("policy.yaml", outsidePolicy)
	o.recordMetrics()
	o.recordTasks()
}
