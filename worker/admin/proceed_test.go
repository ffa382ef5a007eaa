package admin

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// TestProceedCountsOnlyWhatItAppliesTo has four rows at a location that need an operator, one of which it applies to.
func TestProceedCountsOnlyWhatItAppliesTo(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.platform.Break(sandbox.Paris)
	id := b.pending()
	b.incident(journal.Draining, "do_1", id, "do_2", "do_3")
	const filter = `{"filter":{"location":"paris-warehouse"}`
	status, answer := b.post("/api/orders/proceed", filter+`,"dry_run":true}`)
	for _, want := range []string{"proceed applies only to what rests as cancel_unconfirmed", "orders list --needs-person --reason-code cancel_unconfirmed"} {
		if status != http.StatusNotFound || !strings.Contains(answer, want) {
			t.Errorf("where it applies to none: got %d %s, want 404 with %q", status, answer, want)
		}
	}
	b.rests(id, journal.CancelUnconfirmed)
	status, answer = b.post("/api/orders/proceed", filter+`,"dry_run":true}`)
	var got api.ActionResult
	if err := json.Unmarshal([]byte(answer), &got); err != nil || status != http.StatusOK || got.Matched != 1 || len(got.Orders) != 1 || got.Orders[0].DeliveryOrderID != id {
		t.Errorf("counted: got %d %s, want %s alone", status, answer, id)
	}
	if status, answer = b.post("/api/orders/proceed", filter+`,"reason":"they called","expect":1}`); status != http.StatusOK || !strings.Contains(answer, `"done":1,"refused":[]`) {
		t.Errorf("done: got %d %s", status, answer)
	}
	for _, e := range b.audited() {
		if e.Target != id {
			t.Errorf("the audit log has %+v, and nothing was asked of it", e)
		}
	}
}

// TestARefusalIsRecordedAsWhatItWas keeps the audit log from telling of a move that nobody made.
func TestARefusalIsRecordedAsWhatItWas(t *testing.T) {
	t.Parallel()
	b := newFixture(t) // whose Paris works
	id := b.pending()
	b.incident(journal.Draining, id)
	b.rests(id, journal.CancelUnconfirmed)
	if status, answer := b.post("/api/orders/proceed", `{"ids":["`+id+`"],"reason":"they called"}`); status != http.StatusConflict {
		t.Errorf("got %d %s, want 409", status, answer)
	}
	if got := b.audited()[0].Result; !strings.HasPrefix(got, "refused: the location of "+id+" does not read ERROR any more") {
		t.Errorf("recorded as %q, want why", got)
	}
}
