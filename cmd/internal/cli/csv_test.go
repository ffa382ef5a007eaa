package cli

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/worker/api"
)

func TestACellThatASpreadsheetWouldRunIsText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": `'\x09=1`, "\r=1": `'\x0d=1`,
		"SO-1": "SO-1", "": "", "a=b": "a=b", "a\nb": `a\x0ab`, "é, \"q\"": "é, \"q\"",
	} {
		if got := csvCell(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// planAnswer is the answer about a plan, whose rows come first.
type planAnswer struct {
	Rows    []api.PlanRow  `json:"rows"`
	Outlook []api.Forecast `json:"outlook"`
}

// TestAListIsATableForSpreadsheets has a delivery order with two lines, and one whose lines are not known.
func TestAListIsATableForSpreadsheets(t *testing.T) {
	t.Parallel()
	number, from := "=SO-1", "paris-warehouse"
	rows := []api.OrderRow{
		{Order: api.Order{OrganizationID: "org_1", DeliveryOrderID: "do_1", OrderNumber: &number, OrderIDs: []string{"o_1", "o_2"}, From: &from,
			UpdatedAt: time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC), Lines: []api.Line{{SKU: "-A", Quantity: 2}, {SKU: "B", Quantity: 1}}}, State: api.NeedsPerson},
		{Order: api.Order{DeliveryOrderID: "do_2"}, State: api.Pending},
	}
	at := saying(t, map[string]any{
		"/api/orders":    rows,
		"/api/incidents": []api.IncidentRow{{IncidentID: "inc-1", State: api.Draining, Counts: map[api.State]int{api.Left: 1, api.NeedsPerson: 2}}},
		"/api/audit":     []api.AuditRow{{User: "ops", Verb: "pause", Target: "everything", Reason: "a, b", Result: "done"}},
		"/api/plan":      planAnswer{Rows: []api.PlanRow{{Order: rows[0].Order, Action: "reassign"}}, Outlook: []api.Forecast{}},
	})
	read := func(args string) []map[string]string {
		t.Helper()
		got := runVerb(t, apptest.Environment(), append(strings.Fields(args), "--admin", at)...)
		all, err := csv.NewReader(strings.NewReader(got.stdout)).ReadAll()
		if got.code != ExitDone || err != nil || len(all) == 0 {
			t.Fatalf("%s: got %+v, %v", args, got, err)
		}
		var found []map[string]string
		for _, cells := range all[1:] {
			row := map[string]string{}
			for i, cell := range cells {
				if cell != "" {
					row[all[0][i]] = cell
				}
			}
			found = append(found, row)
		}
		return found
	}
	first := func(more ...string) map[string]string {
		row := map[string]string{"organization_id": "org_1", "delivery_order_id": "do_1", "order_number": "'=SO-1", "order_ids": "o_1 o_2",
			"from": "paris-warehouse", "updated_at": "2026-05-18T06:00:00Z", "state": "needs_person"}
		for i := 0; i < len(more); i += 2 {
			row[more[i]] = more[i+1]
		}
		return row
	}
	second := map[string]string{"delivery_order_id": "do_2", "updated_at": "0001-01-01T00:00:00Z", "state": "pending"}
	if diff := cmp.Diff([]map[string]string{first(), second}, read("orders list --csv")); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	want := []map[string]string{first("sku", "'-A", "quantity", "2"), first("sku", "B", "quantity", "1"), second}
	if diff := cmp.Diff(want, read("orders list --csv --lines")); diff != "" {
		t.Errorf("by line (-want +got):\n%s", diff)
	}
	if got := read("incidents list --csv"); len(got) != 1 || got[0]["counts"] != "left=1 needs_person=2" || got[0]["index_incomplete"] != "false" {
		t.Errorf("incidents: got %v", got)
	}
	if got := read("audit --csv"); len(got) != 1 || got[0]["reason"] != "a, b" || got[0]["user"] != "ops" {
		t.Errorf("audit: got %v", got)
	}
	if got := read("plan --all --csv --lines"); len(got) != 2 || got[1]["sku"] != "B" || got[1]["action"] != "reassign" || got[1]["stranded"] != "false" {
		t.Errorf("plan: got %v", got)
	}
	for _, args := range []string{"orders list --csv --json", "orders list --lines", "plan --all --json --csv", "incidents list --json --csv", "audit --json --csv"} {
		if got := runVerb(t, apptest.Environment(), append(strings.Fields(args), "--admin", at)...); got.code != ExitUsage {
			t.Errorf("%s: got %+v, want 2", args, got)
		}
	}
}

func TestSinceIsATimeADateOrHowLongAgo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"": "", "2026-05-17T08:00:00+02:00": "2026-05-17T06:00:00Z", "90m": "2026-05-18T04:30:00Z", "36h": "2026-05-16T18:00:00Z", "7d": "2026-05-11T06:00:00Z",
		"2026-05-17": time.Date(2026, 5, 17, 0, 0, 0, 0, time.Local).UTC().Format(time.RFC3339),
	} {
		if got, err := readSince(text, now); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "-1h", "d", "7 d", "1.5dd", "999999999999d", "2026-13-01"} {
		if got, err := readSince(text, now); err == nil {
			t.Errorf("%q: got %q, want an error", text, got)
		}
	}
}

func TestTheStatusSaysWhatIsOpenPausedAndUnheard(t *testing.T) {
	t.Parallel()
	paris := "paris-warehouse"
	at := saying(t, map[string]any{
		"/api/status": api.Status{Version: "1.2.3", User: "ops", Role: "operator", Organizations: []api.OrganizationStatus{{ID: "org_1",
			Index: api.Coverage{Known: 7}, Rate: api.RateLimit{Limit: 1000, Remaining: 12}, Pauses: []api.Pause{{Scope: "loc_1", By: "ann", Reason: "works"}}}},
			Alerts: []api.AlertTarget{{Name: "chat", Service: "slack"}}},
		"/api/incidents": []api.IncidentRow{{OrganizationID: "org_1", IncidentID: "inc-1", Location: &paris, State: api.Draining, Counts: map[api.State]int{api.NeedsPerson: 2}},
			{OrganizationID: "org_1", IncidentID: "inc-0", Location: &paris, State: api.Closed, Counts: map[api.State]int{api.NeedsPerson: 1}}},
		"/api/locations": []api.LocationRow{{LocationID: "loc_1", Location: &paris}},
		"/api/audit": []api.AuditRow{{User: "ann", Verb: "pause", Target: "loc_1", Name: &paris, Result: "done"},
			{User: "ann", Verb: "pause", Target: "loc_1", Name: &paris, Result: "asked"}, {User: "bob", Verb: "resume", Target: "everything", Result: "done"}},
	})
	got := runVerb(t, apptest.Environment(), "status", "--admin", at)
	for _, want := range []string{"reassigner 1.2.3, asked as ops (operator).", "inc-1", "3 delivery orders need a person, of ended incidents too",
		"12 of 1000 requests of this minute are left", "paris-warehouse of organization org_1 is paused", "by ann: works", "Alerts to chat (slack): none was sent yet."} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("status: %q is missing in\n%s", want, got.stdout)
		}
	}
	if got.code != ExitDone || strings.Contains(got.stdout, "inc-0") {
		t.Errorf("status: got %d, with an incident that is over?\n%s", got.code, got.stdout)
	}
	got = runVerb(t, apptest.Environment(), "audit", "--user", "ann", "--admin", at)
	if got.code != ExitDone || strings.Count(got.stdout, "pause") != 1 || !strings.Contains(got.stdout, "paris-warehouse (loc_1)") || strings.Contains(got.stdout, "bob") {
		t.Errorf("audit: got %d\n%s", got.code, got.stdout)
	}
	if got = runVerb(t, apptest.Environment(), "audit", "--since", "1h", "--admin", at); !strings.Contains(got.stdout, "There is none.") {
		t.Errorf("audit of the last hour: got %d\n%s", got.code, got.stdout)
	}
}
