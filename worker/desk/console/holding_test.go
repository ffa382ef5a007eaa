package console

import (
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

func TestWhatWaitsForCapacityIsToldWithWhatCanBeDone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.incident(journal.Draining, "do_1")
	r, err := b.desk.Journal.Get(t.Context(), organization, journal.ReassignmentID("inc-1", "do_1"))
	if err != nil {
		t.Fatal(err)
	}
	r.State, r.Reason = journal.Holding, ""
	if _, err := b.desk.Journal.Wait(t.Context(), r, time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	b.says("/orders/do_1", "Waits for capacity", `href="/confirm/retry?organization=`, `href="/confirm/leave?organization=`)
	b.says("/confirm/leave?id=do_1", "It stays where it is and the row is closed.")
}
