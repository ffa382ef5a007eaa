package console

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

// TestWhatWaitsForAnOperatorIsSaidOfClosedIncidentsToo has a delivery order of a closed incident wait for an operator, without
// danger and with it.
func TestWhatWaitsForAnOperatorIsSaidOfClosedIncidentsToo(t *testing.T) {
	t.Parallel()
	for reason, twice := range map[journal.Reason]bool{journal.OrderOnHold: false, journal.ReleasedThenRejected: true} {
		t.Run(string(reason), func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			if status, page := b.get("/"); status != 200 || !strings.Contains(page, `class="calm"`) {
				t.Fatalf("before, the overview is not calm: %d\n%s", status, page)
			}
			inc := b.incident(journal.Draining, "do_1")
			for r, err := range b.desk.Journal.Rows(t.Context(), organization, inc.ID) {
				if err != nil {
					t.Fatal(err)
				}
				r.Reason = reason
				if _, err := b.desk.Journal.Finish(t.Context(), r, time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			inc.State, inc.ClosedAt = journal.Closed, time.Now()
			if err := b.desk.Journal.SaveIncident(t.Context(), inc, time.Now()); err != nil {
				t.Fatal(err)
			}
			tone := "callout person"
			if twice {
				tone = "callout bad"
			}
			_, overview := b.get("/")
			if strings.Contains(overview, `class="calm"`) || !strings.Contains(overview, `<div class="`+tone+`"><div><strong>No open incident, but 1 delivery order of former ones waits`) {
				t.Errorf("the overview does not say that somebody has to look:\n%s", overview)
			}
			for _, path := range []string{"/", "/incidents", "/audit", "/policy", "/orders/do_1"} {
				_, page := b.get(path)
				if said := strings.Contains(page, `may ship twice:</strong> <a href="/orders/do_1">SO-0</a>`); said != twice {
					t.Errorf("%s says %t that it may ship twice, want %t", path, said, twice)
				}
			}
		})
	}
}
