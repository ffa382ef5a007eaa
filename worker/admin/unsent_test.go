package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// holds makes a row one that waits for a candidate.
func (b *fixture) holds(incident, deliveryOrder string, released bool) {
	b.t.Helper()
	r := &journal.Reassignment{Identity: journal.Identity{Organization: organization, Incident: incident, DeliveryOrder: deliveryOrder, FromID: "loc_1", OpenedAt: time.Now()}}
	if _, _, err := b.desk.Journal.Enroll(b.t.Context(), r); err != nil {
		b.t.Fatal(err)
	}
	r.State = journal.Holding
	if released {
		r.Release.IntendedAt, r.Release.ConfirmedAt = time.Now(), time.Now()
	}
	if _, err := b.desk.Journal.Park(b.t.Context(), r, time.Now(), time.Now().Add(time.Hour)); err != nil {
		b.t.Fatal(err)
	}
}

func TestWhatIsReleasedAndWaitsIsListedFirst(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining)
	for i := range 2 * defaultRows {
		b.holds("inc-1", fmt.Sprintf("do_%03d", i), i == 50 || i >= defaultRows)
	}
	status, answer, _ := b.call(http.MethodGet, "/api/orders", "")
	var rows []api.OrderRow
	if err := json.Unmarshal([]byte(answer), &rows); status != http.StatusOK || err != nil {
		t.Fatalf("got %d %s", status, answer)
	}
	if len(rows) != 2*defaultRows {
		t.Fatalf("%d rows, want each of %d once", len(rows), 2*defaultRows)
	}
	if rows[0].DeliveryOrderID != "do_050" || rows[1].DeliveryOrderID != "do_100" || rows[defaultRows+1].DeliveryOrderID != "do_000" {
		t.Errorf("the list begins with %s, %s, and goes on with %s after those released", rows[0].DeliveryOrderID, rows[1].DeliveryOrderID,
			rows[defaultRows+1].DeliveryOrderID)
	}
	status, answer, _ = b.call(http.MethodGet, "/api/incidents/inc-1", "")
	var detail api.IncidentDetail
	if err := json.Unmarshal([]byte(answer), &detail); status != http.StatusOK || err != nil {
		t.Fatalf("got %d %s", status, answer)
	}
	u := detail.UnderWay
	if u.Released != defaultRows+1 || u.NotBegun != defaultRows-1 || len(u.InDoubt) != u.Released || u.InDoubt[0].DeliveryOrderID != "do_050" {
		t.Errorf("%d released, %d not begun, %d in the air", u.Released, u.NotBegun, len(u.InDoubt))
	}
}

// needsPerson makes a row one that needs an operator.
func (b *fixture) needsPerson(incident, deliveryOrder string, reason journal.Reason, released bool) {
	b.t.Helper()
	r := &journal.Reassignment{Identity: journal.Identity{Organization: organization, Incident: incident, DeliveryOrder: deliveryOrder, FromID: "loc_1", OpenedAt: time.Now()}}
	if _, _, err := b.desk.Journal.Enroll(b.t.Context(), r); err != nil {
		b.t.Fatal(err)
	}
	r.State, r.Reason = journal.NeedsPerson, reason
	if released {
		r.Release.IntendedAt, r.Release.ConfirmedAt = time.Now(), time.Now()
	}
	if _, err := b.desk.Journal.Finish(b.t.Context(), r, time.Now()); err != nil {
		b.t.Fatal(err)
	}
}

func TestOrdersAreListedTheMostDangerousFirst(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining)
	b.needsPerson("inc-1", "do_1", journal.NoCandidate, false)
	b.needsPerson("inc-1", "do_2", journal.PolicyRule, true)
	b.holds("inc-1", "do_3", false)
	b.holds("inc-1", "do_4", true)
	b.needsPerson("inc-1", "do_5", journal.OverAllocated, false)
	for query, want := range map[string]string{
		"": "do_5 may_ship_twice, do_2 nobody_ships, do_4 null, do_1 waits, do_3 null, ",
		"?needs_person=1&reason_code=policy_rule": "do_2 nobody_ships, ",
	} {
		status, answer, _ := b.call(http.MethodGet, "/api/orders"+query, "")
		var rows []api.OrderRow
		if err := json.Unmarshal([]byte(answer), &rows); status != http.StatusOK || err != nil {
			t.Fatalf("got %d %s", status, answer)
		}
		got := ""
		for _, row := range rows {
			severity := api.Severity("null")
			if row.Severity != nil {
				severity = *row.Severity
			}
			got += fmt.Sprintf("%s %s, ", row.DeliveryOrderID, severity)
		}
		if got != want {
			t.Errorf("orders%s: got %s, want %s", query, got, want)
		}
	}
}
