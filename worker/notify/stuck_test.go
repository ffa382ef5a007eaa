package notify_test

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// TestALocationIsNamedByItsSlugAlsoIfItWasNotKnownAtFirst opens an incident for a location of which only the id is known.
func TestALocationIsNamedByItsSlugAlsoIfItWasNotKnownAtFirst(t *testing.T) {
	t.Parallel()
	ops := &recordingTarget{}
	s := tell(t, 0, world.Options{}, ops)
	s.must(s.Index.PutLocation(t.Context(), world.Org, index.Location{ID: "loc_9", Slug: "nice-warehouse"}))
	if _, err := s.Journal.Open(t.Context(), &journal.Incident{ID: "inc-9", Organization: world.Org, LocationID: "loc_9", State: journal.Draining, OpenedAt: s.Now()}); err != nil {
		t.Fatal(err)
	}
	now := s.Now()
	s.a.Now = func() time.Time { return now }
	for range 10 { // without the incident's own tasks
		now = now.Add(5 * time.Second)
		s.must(s.a.Evaluate(t.Context()))
		s.a.Wait()
	}
	s.heard(ops, "nice-warehouse failed: its delivery orders are handed over")
}

// TestHowManyAreStuckIsToldBeforeAnApproval reads them where they stand before anything is enrolled.
func TestHowManyAreStuckIsToldBeforeAnApproval(t *testing.T) {
	t.Parallel()
	ops := &recordingTarget{}
	s := tell(t, 40, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }}, ops)
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	ops.mu.Lock()
	heard := ops.heard
	ops.mu.Unlock()
	if len(heard) != 1 || !strings.Contains(heard[0].Text, "\n27 delivery orders are stuck there.\n") {
		t.Errorf("heard %+v", heard)
	}
}
