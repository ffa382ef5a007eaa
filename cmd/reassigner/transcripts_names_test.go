package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// timely are the labels whose values depend on how things happened to follow upon each other.
var timely = map[string][]string{
	"reassigner_api_requests_total":            {"operation", "outcome"},
	"reassigner_api_request_duration_seconds":  {"operation", "outcome"},
	"reassigner_alerts_total":                  {"target"},
	"reassigner_build_info":                    {"version", "goversion"},
	"reassigner_policy_info":                   {"file", "revision"},
	"reassigner_rate_limit_waits_total":        {"class"},
	"reassigner_rate_limit_wait_seconds_total": {"class"},
}

// The lines of a scrape that are looked at.
var (
	typeLine   = regexp.MustCompile(`^# TYPE (\S+) (\S+)$`)
	seriesLine = regexp.MustCompile(`^([a-zA-Z0-9_:]+)(?:\{(.*)\})? \S+$`)
	labelPair  = regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)
)

// recordMetrics records every metric of our own: its type, its labels with their values, the buckets of histograms.
func (o *outside) recordMetrics() {
	o.Helper()
	answer, err := http.Get(o.admin + "/metrics")
	if err != nil {
		o.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		o.Fatal(err)
	}
	o.add("get_metrics", map[string]any{"status": answer.StatusCode, "type": answer.Header.Get("Content-Type")})
	types, labels := map[string]string{}, map[string]map[string]map[string]bool{}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if told := typeLine.FindStringSubmatch(line); told != nil {
			types[told[1]], labels[told[1]] = told[2], map[string]map[string]bool{}
		}
		series := seriesLine.FindStringSubmatch(line)
		if series == nil {
			continue
		}
		name := series[1]
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base := strings.TrimSuffix(name, suffix); types[name] == "" && types[base] == "histogram" {
				name = base
			}
		}
		for _, pair := range labelPair.FindAllStringSubmatch(series[2], -1) {
			if labels[name][pair[1]] == nil {
				labels[name][pair[1]] = map[string]bool{}
			}
			if !slices.Contains(timely[name], pair[1]) {
				labels[name][pair[1]][text(pair[2])] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") {
			continue // the library's own
		}
		told := map[string]any{}
		for label, values := range labels[name] {
			told[label] = slices.AppendSeq([]string{}, maps.Keys(values))
			slices.Sort(told[label].([]string))
		}
		o.add("get_metrics", map[string]any{"name": name, "type": types[name], "labels": told})
	}
}

// recordTasks records what is in the queues: the kinds, the shapes of the ids, the keys of the payloads.
func (o *outside) recordTasks() {
	o.Helper()
	client := redis.NewClient(&redis.Options{Addr: o.redis.Addr()})
	defer client.Close()
	inspector := asynq.NewInspectorFromRedisClient(client)
	queues, err := inspector.Queues()
	if err != nil {
		o.Fatal(err)
	}
	type kind struct{ queue, name string }
	ids, payloads, terms := map[kind]map[string]bool{}, map[kind]any{}, map[kind]string{}
	for _, queue := range queues {
		for _, list := range []func(string, ...asynq.ListOption) ([]*asynq.TaskInfo, error){
			inspector.ListPendingTasks, inspector.ListScheduledTasks, inspector.ListRetryTasks, inspector.ListArchivedTasks,
			inspector.ListCompletedTasks, inspector.ListActiveTasks,
		} {
			infos, err := list(queue, asynq.PageSize(1000))
			if err != nil {
				o.Fatal(err)
			}
			for _, info := range infos {
				k := kind{queue, info.Type}
				if ids[k] == nil {
					ids[k] = map[string]bool{}
				}
				ids[k][taskShape(info.ID)] = true
				var payload any
				if err := json.Unmarshal(info.Payload, &payload); err != nil {
					o.Fatal(err)
				}
				payloads[k] = merge(payloads[k], shape(payload))
				terms[k] = fmt.Sprintf("%d retries, %s, kept %s", info.MaxRetry, info.Timeout, info.Retention)
			}
		}
	}
	for k := range ids {
		o.add("tasks", map[string]any{"queue": k.queue, "type": k.name, "ids": slices.Sorted(maps.Keys(ids[k])), "payload": payloads[k], "terms": terms[k]})
	}
	sortByText(o.files["tasks"])
}

// taskShape is an id without what differs: the numbers of versions, rounds and intervals, and the names of things.
func taskShape(id string) string {
	parts := strings.Split(text(id), ":")
	for i, part := range parts {
		switch {
		case strings.Trim(part, "0123456789") == "":
			parts[i] = "<number>"
		case strings.HasPrefix(part, "look-"), strings.HasPrefix(part, "sweep-"):
			parts[i] = part[:strings.Index(part, "-")] + "-<number>"
		case strings.Contains(part, "do-"):
			parts[i] = part[:strings.Index(part, "do-")] + "<delivery order>"
		case strings.HasPrefix(part, "loc-"):
			parts[i] = "<location>"
		}
	}
	return strings.Join(parts, ":")
}

func sortByText(entries []any) {
	slices.SortFunc(entries, func(a, b any) int { return strings.Compare(encoded(a), encoded(b)) })
}

// playRoles starts a process of each role alone, and one with users, and asks each what the others answer.
func (o *outside) playRoles() {
	o.Helper()
	public, adminURL := o.free(), o.free()
	users := fmt.Sprintf(`{listen: "%s", users: [{name: ops, password: "${OPS_PASSWORD}", role: operator}, {name: eve, password: "${EVE_PASSWORD}", role: viewer}]}`, adminURL)
	config := o.configFor("roles.yaml", public, users, "automatic")
	for _, role := range []string{"receiver", "desk", "worker"} {
		p := o.begin("serve", "--config", config, "--role", role)
		o.until(role+" is ready", func() bool { return strings.Contains(p.output.String(), `"roles":`) })
		entry := map[string]any{"role": role, "statuses": map[string]int{
			"public /healthz": o.status("http://" + public + "/healthz"), "public /readyz": o.status("http://" + public + "/readyz"),
			"admin /api/status": o.status("http://" + adminURL + "/api/status"), "admin /metrics": o.status("http://" + adminURL + "/metrics"),
		}}
		if role == "desk" {
			o.playUsers("http://" + adminURL)
		}
		entry["exit_after_sigterm"] = p.end(o)
		o.add("roles", entry)
	}
}

// playUsers asks as nobody, as a viewer and as an operator.
func (o *outside) playUsers(adminURL string) {
	o.Helper()
	for _, user := range []string{"", "eve:wrong", "eve:eve-password", "ops:ops-password"} {
		o.call(request{base: adminURL, route: "GET users", path: "/api/locations", user: user})
		o.call(request{base: adminURL, route: "POST users", path: "/api/pause", body: `{"dry_run": true}`, user: user})
	}
	for _, password := range []string{"wrong", "eve-password"} {
		env := []string{"REASSIGNER_USER=eve", "REASSIGNER_PASSWORD=" + password}
		o.verbWith(env, "orders list", "--json", "--admin", adminURL)
		o.verbWith(env, "pause", "--reason", "maintenance", "--yes", "--admin", adminURL)
	}
}

// playSandbox asks what the story had no use for.
func (o *outside) playSandbox() {
	o.Helper()
	for _, c := range []struct{ route, body string }{
		{"POST /sandbox/integration", `{"location": "metz-warehouse", "state": "INACTIVE", "announce": false}`},
		{"POST /sandbox/active", `{"location": "metz-warehouse", "active": false}`},
		{"POST /sandbox/blip", `{"location": "metz-warehouse", "lasts": "1s", "announce": false}`},
		{"POST /sandbox/rename", `{"location": "metz-warehouse", "slug": "metz-2"}`},
		{"POST /sandbox/rename", `{"location": "metz-2", "slug": "lyon-warehouse"}`},
		{"POST /sandbox/move-slug", `{"location": "metz-2", "to": "nice-warehouse", "slug": "metz-3"}`},
		{"POST /sandbox/accepts-from", `{"location": "metz-3", "at": "2030-01-01T00:00:00Z"}`},
		{"POST /sandbox/announce", `{"type": "delivery_order/updated", "id": "do-lyon"}`},
		{"POST /sandbox/unblock", `{"organization": "org_1", "resend": false}`},
		{"POST /sandbox/revoke-tokens", `{"organization": "org_1"}`},
		{"POST /sandbox/act", `{"action": "accept", "delivery_order": "do-lyon"}`},
		{"POST /sandbox/act", `{"action": "nonsense"}`},
		{"POST /sandbox/organizations", `{"id": "org_3", "client_id": "c", "client_secret": "s", "integration_token": "t"}`},
		{"POST /sandbox/seed", `{"organization": "org_2", "orders": 2, "seed": 3}`},
		{"POST /sandbox/nonsense", `{}`},
		{"POST /sandbox/break", `{"unknown": 1}`},
		{"GET /sandbox/organizations", ""},
	} {
		o.platform(c.route, c.body)
	}
	o.heard()
	o.platform("GET /sandbox/queues", "")
	o.platform("GET /sandbox/books", "")
	o.of("alerts test", "--json")
	o.of("alerts test", "--target", "nobody")
	o.api("POST /api/alerts/test", "/api/alerts/test", `{}`)
	answer, err := http.Get(o.admin + "/monitoring/")
	if err != nil {
		o.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body) // a page for people
	_ = answer.Body.Close()
	o.add("get_monitoring", map[string]any{"status": answer.StatusCode, "type": answer.Header.Get("Content-Type")})
}
