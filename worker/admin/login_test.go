package admin

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

var ops, eve = User{Name: "ops", Password: "ops-password", Role: Operator}, User{Name: "eve", Password: "eve-password", Role: Viewer}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops, eve)
	b.incident(journal.Draining, "do_1")
	own := b.server.URL
	const dry = `{"filter":{"incident":"inc-1"},"dry_run":true}`
	for _, c := range []struct {
		name, method, path string
		headers            []string
		want               int
	}{
		{"nobody sees anything", "GET", "/api/orders", nil, 401},
		{"nobody sees the web UI", "GET", "/monitoring/", nil, 401},
		{"a wrong name is refused", "GET", "/api/orders", []string{"user", "mallory"}, 401},
		{"a wrong password is refused", "GET", "/api/orders", []string{"Authorization", "Basic b3BzOndyb25n"}, 401},
		{"a viewer looks", "GET", "/api/orders", []string{"user", "eve"}, 200},
		{"a viewer does not act", "POST", "/api/orders/retry", []string{"user", "eve", api.CSRFHeader, "1"}, 403},
		{"an operator acts", "POST", "/api/orders/retry", []string{"user", "ops", api.CSRFHeader, "1"}, 200},
		{"a form of a foreign page is refused", "POST", "/api/orders/retry", []string{"user", "ops", "Content-Type", "text/plain"}, 403},
		{"JSON without an origin is refused", "POST", "/api/orders/retry", []string{"user", "ops", "Content-Type", "application/json"}, 403},
		{"JSON of the own origin passes", "POST", "/api/orders/retry", []string{"user", "ops", "Content-Type", "application/json", "Origin", own}, 200},
		{"JSON of a foreign origin is refused", "POST", "/api/orders/retry", []string{"user", "ops", "Content-Type", "application/json", "Origin", "https://evil.example"}, 403},
		{"the header from a foreign origin is refused", "POST", "/api/orders/retry", []string{"user", "ops", api.CSRFHeader, "1", "Origin", "https://evil.example"}, 403},
		{"the origin null is refused", "POST", "/api/orders/retry", []string{"user", "ops", api.CSRFHeader, "1", "Origin", "null"}, 403},
		{"what a browser calls cross-site is refused", "POST", "/api/orders/retry", []string{"user", "ops", api.CSRFHeader, "1", "Sec-Fetch-Site", "cross-site"}, 403},
		{"a viewer deletes no queue", "DELETE", "/monitoring/api/queues/start", []string{"user", "eve", "Origin", own}, 403},
		{"a foreign page deletes no queue", "DELETE", "/monitoring/api/queues/start", []string{"user", "ops", "Origin", "https://evil.example"}, 403},
		{"without an origin nobody deletes a queue", "DELETE", "/monitoring/api/queues/start", []string{"user", "ops"}, 403},
		{"an operator in the web UI asks the queue", "DELETE", "/monitoring/api/queues/start", []string{"user", "ops", "Origin", own}, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, answer, header := b.call(c.method, c.path, dry, c.headers...)
			if status != c.want {
				t.Errorf("got %d %s, want %d", status, answer, c.want)
			}
			for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
				"X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"} {
				if got := header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			if got := header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'") && !strings.HasPrefix(c.path, "/monitoring") {
				t.Errorf("Content-Security-Policy: got %q", got)
			}
		})
	}
}

func TestWithoutUsersOnlyLoopbackNamesAreServed(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	for host, want := range map[string]int{"localhost:8081": 200, "127.0.0.1": 200, "[::1]:8081": 200, "evil.example": 403, "10.0.0.1:8081": 403} {
		if status, answer, _ := b.call(http.MethodGet, "/api/status", "", "Host", host); status != want {
			t.Errorf("Host %s: got %d %s, want %d", host, status, answer, want)
		}
	}
}

func TestTheWebUIAsksNoOtherHostAndIsRecorded(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	status, page, header := b.call(http.MethodGet, "/monitoring/", "")
	if status != http.StatusOK || !strings.Contains(page, "<html") {
		t.Fatalf("got %d %.80s", status, page)
	}
	if got := header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'self'; ") || !strings.HasSuffix(got, "frame-ancestors 'none'") {
		t.Errorf("Content-Security-Policy: got %q", got)
	}
	b.call(http.MethodPost, "/monitoring/api/queues/start/archived_tasks/reassign:org_1:x:3:run", "", "Origin", b.server.URL)
	b.call(http.MethodPost, "/monitoring/api/queues/start/archived_tasks:batch_delete", `{"task_ids":["reassign:org_1:x:4","reassign:org_1:y:9"]}`, "Origin", b.server.URL)
	asked := func(target string) journal.AuditEntry {
		return journal.AuditEntry{User: "local", Verb: "monitoring post", Target: target, Reason: "in the web UI of the task queue", Result: "asked"}
	}
	want := []journal.AuditEntry{
		asked("queues/start/archived_tasks:batch_delete reassign:org_1:x:4 reassign:org_1:y:9"),
		asked("queues/start/archived_tasks/reassign:org_1:x:3:run"),
	}
	if diff := cmp.Diff(want, b.audited()); diff != "" {
		t.Errorf("audit log differs (-want +got):\n%s", diff)
	}
}

func TestPayloadsAreReadable(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"v":1}`: "{\n  \"v\": 1\n}", "two\nlines": "two\nlines", "\xff\xfe": "not text", "": "",
	} {
		if got := indentJSON("sweep", []byte(data)); got != want {
			t.Errorf("%q: got %q, want %q", data, got, want)
		}
	}
}
