package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/journal"
)

func (b *fixture) state(deliveryOrder string) journal.State {
	b.t.Helper()
	r, err := b.desk.Journal.Get(b.t.Context(), organization, journal.ReassignmentID("inc-1", deliveryOrder))
	if err != nil {
		b.t.Fatal(err)
	}
	return r.State
}

func (b *fixture) lastAudit() journal.AuditEntry {
	b.t.Helper()
	entries, err := b.desk.Journal.AuditEntries(b.t.Context(), organization, 1)
	if err != nil || len(entries) == 0 {
		b.t.Fatalf("the audit log: %v, %v", entries, err)
	}
	entries[0].At = time.Time{}
	return entries[0]
}

func TestAFormActsThroughTheAPIAndIsRecorded(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2", "do_3")
	status, page := b.submit("/actions/leave", url.Values{"id": {"do_1"}, "expect": {"1"}, "reason": {"we ship by hand"}, "back": {"/orders/do_1"}})
	if status != http.StatusOK || !strings.Contains(page, "Leave: done for 1 delivery order.") || !strings.Contains(page, "a person left it there") {
		t.Fatalf("got %d\n%s", status, page)
	}
	if got := b.state("do_1"); got != journal.Left {
		t.Errorf("got %s", got)
	}
	want := journal.AuditEntry{User: "local", Verb: "orders leave", Target: "do_1", Reason: "we ship by hand", Result: "done"}
	if got := b.lastAudit(); got != want {
		t.Errorf("audit log: got %v, want %v", got, want)
	}
	if status, page := b.submit("/actions/leave", url.Values{"incident": {"inc-1"}, "reason_code": {"cancel_unconfirmed"}, "expect": {"2"}, "reason": {"all"}, "back": {"/incidents/inc-1"}}); status != http.StatusOK ||
		!strings.Contains(page, "Leave: done for 2 delivery orders.") {
		t.Errorf("by reason: got %d\n%s", status, page)
	}
	for _, verb := range []string{"pause", "resume"} {
		if status, page := b.submit("/actions/"+verb, url.Values{"location": {"paris-warehouse"}, "reason": {"works"}, "back": {"/"}}); status != http.StatusOK || !strings.Contains(page, ": done.") {
			t.Errorf("%s: got %d\n%s", verb, status, page)
		}
		if got := b.lastAudit(); got.Verb != verb || got.Reason != "works" {
			t.Errorf("%s: recorded as %v", verb, got)
		}
	}
	if status, page := b.submit("/actions/import", url.Values{"location": {"paris-warehouse"}, "reason": {"young index"}, "back": {"/"}}); status != http.StatusOK || !strings.Contains(page, "0 delivery orders were read.") {
		t.Errorf("import: got %d\n%s", status, page)
	}
	if got := b.lastAudit(); got.Verb != "import" || got.Target != "paris-warehouse" || got.Reason != "young index" {
		t.Errorf("import: recorded as %v", got)
	}
}

func TestAFormThatDoesNotFitAnyMoreIsRefused(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2")
	for _, c := range []struct {
		name, verb string
		form       url.Values
		status     int
		want       string
	}{
		{"without a reason", "leave", url.Values{"id": {"do_1"}}, 400, "A reason is missing"},
		{"another number than was shown", "leave", url.Values{"incident": {"inc-1"}, "expect": {"5"}, "reason": {"x"}}, 409, "5 matched when they were counted, 2 match now"},
		{"something else than what waits", "approve", url.Values{"incident": {"inc-1"}, "reason": {"x"}}, 409, "<h1>Refused</h1>"},
		{"a verb that there is not", "explode", url.Values{"reason": {"x"}}, 404, "There is no such page"},
		{"nothing to resume", "resume", url.Values{"reason": {"x"}}, 409, "There is no pause of everything to lift"},
	} {
		if status, page := b.submit("/actions/"+c.verb, c.form); status != c.status || !strings.Contains(page, c.want) {
			t.Errorf("%s: got %d, want %d with %q in\n%s", c.name, status, c.status, c.want, page)
		}
	}
	if got := b.state("do_1"); got != journal.NeedsPerson {
		t.Errorf("a refused form acted: %s", got)
	}
	done := url.Values{"id": {"do_2"}, "reason": {"x"}, "expect": {"1"}}
	b.submit("/actions/leave", done)
	if status, page := b.submit("/actions/leave", done); status != http.StatusConflict || !strings.Contains(page, "do_2 is left; only what needs a person or waits for capacity can be acted on") {
		t.Errorf("the same form again: got %d\n%s", status, page)
	}
}

func TestAViewerSeesNoButtonsAndIsRefused(t *testing.T) {
	t.Parallel()
	b := newFixture(t, admin.User{Name: "eve", Password: "eve-password", Role: admin.Viewer})
	b.incident(journal.AwaitingApproval, "do_1")
	if status, page := b.submit("/login", url.Values{"name": {"eve"}, "password": {"wrong"}}); status != http.StatusUnauthorized || !strings.Contains(page, "Name or password is wrong.") {
		t.Errorf("a wrong password: got %d\n%s", status, page)
	}
	if status, page := b.submit("/login", url.Values{"name": {"eve"}, "password": {"eve-password"}, "next": {"/incidents/inc-1"}}); status != http.StatusOK || !strings.Contains(page, "paris-warehouse") {
		t.Fatalf("login: got %d\n%s", status, page)
	}
	for _, path := range []string{"/", "/incidents/inc-1", "/orders", "/orders/do_1"} {
		if _, page := b.get(path); strings.Contains(page, "/confirm/") || strings.Contains(page, "/actions/") {
			t.Errorf("%s offers an action:\n%s", path, page)
		}
	}
	if status, _ := b.get("/confirm/leave?id=do_1"); status != http.StatusForbidden {
		t.Errorf("the form: got %d", status)
	}
	if status, page := b.submit("/actions/leave", url.Values{"id": {"do_1"}, "reason": {"x"}}); status != http.StatusForbidden || !strings.Contains(page, "A viewer may only look") {
		t.Errorf("the action: got %d\n%s", status, page)
	}
	if got := b.state("do_1"); got != journal.NeedsPerson {
		t.Errorf("a viewer acted: %s", got)
	}
}
