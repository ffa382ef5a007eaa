package admin

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

// TestWhatWaitsForCapacityIsActedOnByNameOnly keeps "leave all that needs an operator" away from what goes on by itself.
func TestWhatWaitsForCapacityIsActedOnByNameOnly(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]journal.State{"retry": journal.Pending, "leave": journal.Left} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			b.incident(journal.Draining, "do_1")
			ctx := t.Context()
			r, err := b.desk.Journal.Get(ctx, organization, journal.ReassignmentID("inc-1", "do_1"))
			if err != nil {
				t.Fatal(err)
			}
			r.State, r.Reason = journal.Holding, ""
			if _, err := b.desk.Journal.Park(ctx, r, time.Now(), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if status, answer := b.post("/api/orders/"+verb, `{"filter":{"incident":"inc-1"},"reason":"x"}`); status != 404 || !strings.Contains(answer, "nothing that needs a person matches") {
				t.Errorf("by filter: %d %s, want that nothing matches", status, answer)
			}
			if got := b.state("do_1"); got != journal.Holding {
				t.Errorf("by filter it became %s", got)
			}
			if status, answer := b.post("/api/orders/"+verb, `{"ids":["do_1"],"reason":"x"}`); status != 200 {
				t.Errorf("by name: %d %s, want 200", status, answer)
			}
			if got := b.state("do_1"); got != want {
				t.Errorf("by name it became %s, want %s", got, want)
			}
		})
	}
}
