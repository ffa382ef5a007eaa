package admin

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

// overwrite puts something else where the record of a delivery order of inc-1 is.
func (b *fixture) overwrite(deliveryOrder, body string) {
	b.t.Helper()
	for _, key := range b.redis.Keys() {
		if strings.HasSuffix(key, "}:re:"+journal.ReassignmentID("inc-1", deliveryOrder)) {
			b.redis.HSet(key, "body", body)
			return
		}
	}
	b.t.Fatalf("no record of %s", deliveryOrder)
}

func TestARecordThatCannotBeReadIsShownAndLeft(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"by its id":           `{"ids":["do_1"],"reason":"because","expect":1}`,
		"by its order number": `{"ids":["SO-0"],"reason":"because","expect":1}`,
		"by its reason":       `{"filter":{"reason_code":"journal_corrupt"},"reason":"because","expect":1}`,
		"with others":         `{"filter":{"incident":"inc-1"},"reason":"because","expect":2}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			b.incident(journal.Draining, "do_1", "do_2")
			b.overwrite("do_1", "{")
			if status, answer, _ := b.call(http.MethodGet, "/api/orders/do_1", ""); status != http.StatusOK || !strings.Contains(answer, `"reason":"journal_corrupt"`) {
				t.Errorf("shown: got %d %s", status, answer)
			}
			if status, answer := b.post("/api/orders/retry", `{"ids":["do_1"],"reason":"because"}`); status != http.StatusConflict ||
				!strings.Contains(answer, "cannot be read, so it cannot go on") {
				t.Errorf("retried: got %d %s, want a refusal that tells why", status, answer)
			}
			if status, answer := b.post("/api/orders/leave", want); status != http.StatusOK || !strings.Contains(answer, `"refused":[]`) {
				t.Errorf("left: got %d %s", status, answer)
			}
			if got := b.state("do_1"); got != journal.Left {
				t.Errorf("it is %s, want left", got)
			}
		})
	}
}

func TestARecordOfANewerReleaseIsRefusedAndHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2")
	newer := fmt.Sprintf(`{"shape":%d,"identity":{"id":"inc-1/do_1","organization":%q,"incident":"inc-1","delivery_order":"do_1"},"state":"needs_person","reason":"cancel_refused"}`,
		journal.SchemaVersion+1, organization)
	b.overwrite("do_1", newer)
	status, answer := b.post("/api/orders/leave", `{"filter":{"incident":"inc-1"},"reason":"because","expect":2}`)
	if status != http.StatusOK || !strings.Contains(answer, `"done":1,"refused":[{"delivery_order_id":"do_1","order_number":null,"why":"a newer release wrote its record`) {
		t.Errorf("got %d %s", status, answer)
	}
	if got := b.state("do_2"); got != journal.Left {
		t.Errorf("the other is %s, want left", got)
	}
}

// TestARecordThatCannotBeReadIsAPersons has one row broken, and one gone: they are listed, counted, shown, not retried,
// and left with the others.
func TestARecordThatCannotBeReadIsAPersons(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2", "do_3")
	key := func(id string) string {
		return "reassigner:{" + organization + "}:re:" + journal.ReassignmentID("inc-1", id)
	}
	b.redis.HSet(key("do_1"), "body", "{")
	b.redis.Del(key("do_2"))
	wants := func(path string, wants ...string) {
		t.Helper()
		status, answer, _ := b.call(http.MethodGet, path, "")
		for _, want := range wants {
			if status != http.StatusOK || !strings.Contains(answer, want) {
				t.Errorf("%s: got %d %s, want %s", path, status, answer, want)
			}
		}
	}
	wants("/api/orders?needs_person=1&reason_code=journal_corrupt", `"delivery_order_id":"do_1"`, `"delivery_order_id":"do_2"`)
	tally, err := b.desk.Journal.Tally(t.Context(), organization, "inc-1")
	b.must(err)
	if diff := cmp.Diff(map[journal.Reason]int{journal.JournalCorrupt: 2, journal.CancelRefused: 1}, tally.Reasons[journal.NeedsPerson]); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	wants("/api/incidents", `"needs_person":3`)
	wants("/api/orders/SO-0", `"delivery_order_id":"do_1"`, `"reason":"journal_corrupt"`)
	if status, answer := b.post("/api/orders/retry", `{"ids":["do_1"],"reason":"once more"}`); status != http.StatusConflict || !strings.Contains(answer, "cannot be read") {
		t.Errorf("retry: got %d %s", status, answer)
	}
	if status, answer := b.post("/api/orders/leave", `{"filter":{"incident":"inc-1"},"reason":"we ship by hand"}`); status != http.StatusOK || !strings.Contains(answer, `"matched":3,"done":3,"refused":[]`) {
		t.Errorf("leave: got %d %s", status, answer)
	}
	wants("/api/incidents", `"left":3`, `"needs_person":0`)
	wants("/api/orders?needs_person=1", "[]")
}
