package console

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/journal"
)

func TestWhatWaitsForCapacityIsToldWithWhatCanBeDone(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1")
	r, err := b.desk.Journal.Get(t.Context(), organization, journal.ReassignmentID("inc-1", "do_1"))
	if err != nil {
		t.Fatal(err)
	}
	r.State, r.Reason = journal.Holding, ""
	if _, err := b.desk.Journal.Park(t.Context(), r, time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	b.says("/orders/do_1", "Waits for capacity", `href="/confirm/retry?organization=`, `href="/confirm/leave?organization=`)
	b.says("/confirm/leave?id=do_1", "It stays where it is and the row is closed.")
}

func TestWhatIsReleasedAndWaitsStandsFirstOnItsPage(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2", "do_3")
	for _, id := range []string{"do_1", "do_2", "do_3"} {
		r, err := b.desk.Journal.Get(t.Context(), organization, journal.ReassignmentID("inc-1", id))
		if err != nil {
			t.Fatal(err)
		}
		r.State, r.Reason = journal.Holding, ""
		if id == "do_3" {
			r.Release.IntendedAt = time.Now()
			r.Decision.Policy = &policy.Decision{Trace: []policy.RuleTrace{{Candidates: []policy.CandidateTrace{{Name: "lyon", Checks: []policy.Check{
				{Word: "incident", Wanted: "none", Seen: "not confirmed yet", Verdict: policy.Fails}}}}}}}
		}
		if _, err := b.desk.Journal.Park(t.Context(), r, time.Now(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	_, page := b.get("/orders?incident=inc-1&state=holding")
	if third, first := strings.Index(page, "do_3"), strings.Index(page, "do_1"); third < 0 || first < third || strings.Count(page, "/orders/do_3") != 1 {
		t.Errorf("do_3 stands at %d, do_1 at %d, of\n%s", third, first, page)
	}
	b.says("/orders/do_3", "Waits for a candidate that may have failed")
}
