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
