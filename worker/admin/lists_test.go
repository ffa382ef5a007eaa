package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// rowsOf asks for a list.
func rowsOf[T any](b *fixture, path string) (rows []T) {
	b.t.Helper()
	status, answer, _ := b.call(http.MethodGet, path, "")
	if status != http.StatusOK {
		b.t.Fatalf("%s: got %d %s", path, status, answer)
	}
	b.must(json.Unmarshal([]byte(answer), &rows))
	return rows
}

// importsAll has the index hear of everything that the platform has.
func (b *fixture) importsAll() {
	b.t.Helper()
	body, err := json.Marshal(api.ImportRequest{List: "all", IDs: b.merchant.Orders, Finish: true})
	b.must(err)
	if status, answer := b.post("/api/import", string(body)); status != http.StatusOK {
		b.t.Fatal(status, answer)
	}
}

func TestAListIsNarrowedByStateByAgeAndToWhatIsNotOver(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2", "do_3")
	if status, answer := b.post("/api/orders/leave", `{"ids":["do_2"],"reason":"x"}`); status != http.StatusOK {
		t.Fatal(status, answer)
	}
	later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	for path, want := range map[string]int{
		"/api/orders": 3, "/api/orders?state=needs_person": 2, "/api/orders?state=left": 1, "/api/orders?open=1": 2, "/api/orders?open=1&state=left": 0,
		"/api/orders?since=" + later: 0, "/api/orders?since=2020-01-01T00:00:00Z": 3,
	} {
		if got := rowsOf[api.OrderRow](b, path); len(got) != want {
			t.Errorf("%s: got %d rows, want %d", path, len(got), want)
		}
	}
	for path, want := range map[string]int{
		"/api/incidents": 1, "/api/incidents?state=draining": 1, "/api/incidents?state=closed": 0, "/api/incidents?open=1": 1,
		"/api/incidents?since=" + later: 0, "/api/incidents?since=2020-01-01T00:00:00Z": 1,
	} {
		if got := rowsOf[api.IncidentRow](b, path); len(got) != want {
			t.Errorf("%s: got %d rows, want %d", path, len(got), want)
		}
	}
	for _, path := range []string{"/api/orders?state=nonsense", "/api/orders?since=yesterday", "/api/incidents?state=left", "/api/incidents?since=1"} {
		if status, answer, _ := b.call(http.MethodGet, path, ""); status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", path, status, answer)
		}
	}
}

func TestTheLinesOfADeliveryOrderAreListedWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	inc := b.incident(journal.Draining)
	lines := []journal.Line{{OrderLine: "l1", SKU: "A-1", Quantity: 2}, {OrderLine: "l2", SKU: "B-1", Quantity: 1}}
	r := &journal.Reassignment{Identity: journal.Identity{Organization: organization, Incident: inc.ID, DeliveryOrder: "do_1", OpenedAt: time.Now()},
		Replacement: journal.Replacement{Lines: lines}}
	_, _, err := b.desk.Journal.Enroll(t.Context(), r)
	b.must(err)
	if got := rowsOf[api.OrderRow](b, "/api/orders"); len(got) != 1 || got[0].Lines != nil {
		t.Errorf("not asked for: got %+v", got)
	}
	want := []api.Line{{OrderLine: "l1", SKU: "A-1", Quantity: 2}, {OrderLine: "l2", SKU: "B-1", Quantity: 1}}
	if diff := cmp.Diff(want, rowsOf[api.OrderRow](b, "/api/orders?lines=1")[0].Lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.importsAll()
	if rows := rowsOf[api.PlanRow](b, "/api/plan?location=paris-warehouse&lines=1"); len(rows) == 0 || len(rows[0].Lines) == 0 || rows[0].Lines[0].SKU == "" {
		t.Errorf("of a plan: got %+v", rows)
	}
}

func TestAPlanMarksWhatItLeavesStranded(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.importsAll()
	var whole struct {
		Rows    []api.PlanRow
		Outlook []api.Forecast
	}
	status, answer, _ := b.call(http.MethodGet, "/api/plan?location=paris-warehouse&outlook=1", "")
	b.must(json.Unmarshal([]byte(answer), &whole))
	marked := map[api.Reason]int{}
	for _, row := range whole.Rows {
		if row.Stranded {
			marked[api.Reason(*row.Reason)]++
		}
	}
	if diff := cmp.Diff(whole.Outlook[0].Stranded, marked); status != http.StatusOK || len(marked) == 0 || diff != "" {
		t.Errorf("of %d rows (-counted as stranded, +marked):\n%s", len(whole.Rows), diff)
	}
}

// TestASearchFindsAPartOfANameInCapitalsOrNot finds what an incident has, and what the index knows alone.
func TestASearchFindsAPartOfANameInCapitalsOrNot(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2")
	_, err := b.desk.Index.Put(t.Context(), organization, index.Entry{ID: "DO_77", Number: "So-7[*", Location: "loc_1", Orders: []string{"Order-77"}, Status: "PENDING", Date: time.Now()}, "")
	b.must(err)
	for text, want := range map[string][]string{
		"so-7": {"DO_77"}, "SO-7[*": {"DO_77"}, "[*": {"DO_77"}, "order-7": {"DO_77"}, "do_": {"do_1", "do_2", "DO_77"}, "so-0": {"do_1"}, "SO-": {"do_1", "do_2", "DO_77"},
		"ORDER_DO_2": {"do_2"}, "*": {"DO_77"}, "nothing": nil, "PENDING": nil,
	} {
		status, answer, _ := b.call(http.MethodGet, "/api/find?name="+url.QueryEscape(text), "")
		var found api.FoundOrders
		b.must(json.Unmarshal([]byte(answer), &found))
		var ids []string
		for _, o := range found.Orders {
			ids = append(ids, o.DeliveryOrderID)
			if (o.State == nil) != (o.DeliveryOrderID == "DO_77") || o.OrderNumber == nil {
				t.Errorf("%s: got %+v", text, o)
			}
		}
		slices.SortFunc(ids, func(x, y string) int { return strings.Compare(strings.ToLower(x), strings.ToLower(y)) })
		if diff := cmp.Diff(want, ids); status != http.StatusOK || found.More || diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "%20", strings.Repeat("x", 300)} {
		if status, answer, _ := b.call(http.MethodGet, "/api/find?name="+text, ""); status != http.StatusBadRequest {
			t.Errorf("%q: got %d %s", text, status, answer)
		}
	}
	for i := range 60 {
		b.arrives(fmt.Sprintf("many_%d", i), "loc_1", "o")
	}
	b.arrives("zz_many", "loc_1", "o")
	_, answer, _ := b.call(http.MethodGet, "/api/find?name=MANY", "")
	var found api.FoundOrders
	if err := json.Unmarshal([]byte(answer), &found); err != nil || len(found.Orders) != 50 || !found.More {
		t.Errorf("of many: got %d, more %t, %v", len(found.Orders), found.More, err)
	}
}

// TestTheAuditLogCallsThingsByTheirNames has a location, an incident, a delivery order of the journal and one of the index.
func TestTheAuditLogCallsThingsByTheirNames(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1")
	place, err := b.desk.resolveLocation(t.Context(), organization, "paris-warehouse")
	b.must(err)
	known := b.merchant.InFlight[0]
	b.arrives(known, b.merchant.Locations[sandbox.Paris], b.merchant.Orders[0])
	for _, target := range []string{place.id, "inc-1", "do_1", "everything", "list 1234", "do_9", "inc-9"} {
		b.must(b.desk.Journal.RecordAudit(t.Context(), organization, journal.AuditEntry{Verb: "x", Target: target, At: time.Now()}))
	}
	got := map[string]string{}
	for _, row := range rowsOf[api.AuditRow](b, "/api/audit") {
		if row.Name != nil {
			got[row.Target] = *row.Name
		}
	}
	want := map[string]string{place.id: "paris-warehouse", "inc-1": "paris-warehouse", "do_1": "SO-0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
