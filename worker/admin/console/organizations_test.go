package console

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// newFixtureOfTwo is a fixture with a second organization, of which nothing is known, and a user who sees that one only.
func newFixtureOfTwo(t *testing.T) *fixture {
	t.Helper()
	const other = "org_2"
	b := newFixture(t, admin.User{Name: "eve", Password: "eve-password", Role: admin.Operator, Organizations: []string{other}})
	second := *b.desk.Organizations[organization]
	second.ID = other
	b.desk.Organizations[other] = &second
	b.incident(journal.Draining, "do_1", "do_2")
	if _, err := b.desk.Incidents.Pause(t.Context(), organization, journal.AllLocations, handover.Actor{User: "ops", Reason: "because"}); err != nil {
		t.Fatal(err)
	}
	if err := b.desk.Journal.RecordAudit(t.Context(), organization, journal.AuditEntry{At: time.Now(), User: "ops", Verb: "pause", Reason: "because"}); err != nil {
		t.Fatal(err)
	}
	if status, page := b.submit(admin.LoginPath, url.Values{"name": {"eve"}, "password": {"eve-password"}}); status != http.StatusOK {
		t.Fatalf("login: got %d %s", status, page)
	}
	return b
}

// pagesOfTheOther are addresses of each page, with the names of what the other organization has.
var pagesOfTheOther = map[string][]string{
	"/{$}": {"/"}, "/incidents": {"/incidents"}, "/incidents/{id}": {"/incidents/inc-1"},
	"/orders":        {"/orders", "/orders?incident=inc-1", "/orders?incident=inc-1&state=needs_person"},
	"/orders/{name}": {"/orders/do_1", "/orders/SO-0", "/orders/order_do_1", "/orders/do_1?organization=" + organization},
	"/parked":        {"/parked"}, "/policy": {"/policy"}, "/audit": {"/audit"},
	"/confirm/{verb}": {"/confirm/retry?incident=inc-1", "/confirm/leave?id=do_1", "/confirm/stop?incident=inc-1", "/confirm/approve?incident=inc-1",
		"/confirm/pause?organization=" + organization, "/confirm/pause", "/confirm/resume", "/confirm/import?organization=" + organization + "&location=loc_1", "/confirm/import?location=loc_1"},
	"/incidents/{id}/plan": {"/incidents/inc-1/plan", "/incidents/inc-1/plan?from=1"},
	"/find":                {"/find?name=SO-0", "/find?name=do_2", "/find?name=inc-1"},
}

// TestToAUserOfAnotherOrganizationNoPageHasAnything asks each page that console.New serves.
func TestToAUserOfAnotherOrganizationNoPageHasAnything(t *testing.T) {
	t.Parallel()
	b := newFixtureOfTwo(t)
	source, err := os.ReadFile("console.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"GET (/[^"]*)": +c\.`).FindAllStringSubmatch(string(source), -1) {
		paths := pagesOfTheOther[m[1]]
		if len(paths) == 0 {
			t.Errorf("pagesOfTheOther has no address of the page %s", m[1])
		}
		for _, path := range paths {
			status, page := b.get(path)
			if status != http.StatusOK && status != http.StatusNotFound && status != http.StatusForbidden {
				t.Errorf("%s: got %d", path, status)
			}
			for _, word := range []string{"because", "SO-0<", "SO-1", "is paused", "open: </span>", ">do_", "/incidents/inc-1\"", "/monitoring/", "paris-warehouse"} {
				if strings.Contains(page, word) {
					t.Errorf("%s: the page (%d) tells of %q:\n%s", path, status, word, page)
				}
			}
			if strings.ContainsAny(path, "?") && status == http.StatusOK && !strings.Contains(page, "There is no") && !strings.Contains(page, "There was no") {
				t.Errorf("%s: got 200\n%s", path, page)
			}
		}
	}
	before := b.redis.Dump()
	for _, form := range []struct {
		path string
		form url.Values
	}{
		{"/actions/leave", url.Values{"id": {"do_1"}, "reason": {"x"}}},
		{"/actions/retry", url.Values{"incident": {"inc-1"}, "reason": {"x"}}},
		{"/actions/stop", url.Values{"incident": {"inc-1"}, "reason": {"x"}}},
		{"/actions/resume", url.Values{"organization": {organization}, "reason": {"x"}}},
		{"/actions/resume", url.Values{"reason": {"x"}}},
		{"/actions/pause", url.Values{"reason": {"x"}}},
		{"/plans", url.Values{"incident": {"inc-1"}}},
	} {
		if status, page := b.submit(form.path, form.form); status != http.StatusNotFound && status != http.StatusForbidden {
			t.Errorf("%s %v: got %d\n%s", form.path, form.form, status, page)
		}
	}
	if after := b.redis.Dump(); after != before {
		t.Errorf("something was changed: before\n%s\nafter\n%s", before, after)
	}
}
