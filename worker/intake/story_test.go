package intake_test

import (
	"net/http"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/world"
)

// TestTheSameEventUnderAnotherMessageIdIsTheSameIncident lets a whole worker hear of one failure again and
// again: each time it is taken, and there is one incident with one reassignment of each delivery order.
func TestTheSameEventUnderAnotherMessageIdIsTheSameIncident(t *testing.T) {
	t.Parallel()
	w, err := world.New(world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	m := sandbox.Seed(w.Platform, sandbox.SeedOptions{Organization: world.Org, Orders: 5, Seed: 3})
	if err := w.Advance(t.Context(), time.Second); err != nil {
		t.Fatal(err)
	}
	w.Platform.Break(sandbox.Paris)
	if err := w.Advance(t.Context(), time.Second); err != nil { // the platform tells of it once
		t.Fatal(err)
	}
	for _, message := range []string{"again_1", "again_2", "again_2", "again_3"} {
		body := breaks(world.Org, message, m.Locations[sandbox.Paris])
		if got := w.PostWebhook(body, webhook.Sign(body, "secret")).Code; got != http.StatusOK {
			t.Errorf("%s is answered with %d", message, got)
		}
		if err := w.Advance(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.RunUntilIdle(t.Context(), 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	ids, err := w.Journal.IncidentIDs(t.Context(), world.Org)
	if err != nil || len(ids) != 1 {
		t.Fatalf("incidents are %v, %v, want one", ids, err)
	}
	inc, err := w.Incident(t.Context())
	if err != nil || inc.Events != 4 {
		t.Errorf("the incident counts %d events, %v, want 4", inc.Events, err)
	}
	rows, err := w.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.Identity.DeliveryOrder] {
			t.Errorf("%s is reassigned twice", r.Identity.DeliveryOrder)
		}
		seen[r.Identity.DeliveryOrder] = true
	}
	if len(rows) == 0 {
		t.Error("nothing was enrolled")
	}
}
