package desk

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"happycolis-reassigner/worker/journal"
)

// overwrite puts something else where the record of a delivery order of inc-1 is.
func (b *bench) overwrite(deliveryOrder, body string) {
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
			b := newBench(t)
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
	b := newBench(t)
	b.incident(journal.Draining, "do_1", "do_2")
	newer := fmt.Sprintf(`{"shape":%d,"id":"inc-1/do_1","org":%q,"incident":"inc-1","delivery_order":"do_1","state":"needs_person","reason":"cancel_refused"}`,
		journal.Shape+1, organization)
	b.overwrite("do_1", newer)
	status, answer := b.post("/api/orders/leave", `{"filter":{"incident":"inc-1"},"reason":"because","expect":2}`)
	if status != http.StatusOK || !strings.Contains(answer, `"done":1,"refused":[{"delivery_order_id":"do_1","why":"a newer release wrote its record`) {
		t.Errorf("got %d %s", status, answer)
	}
	if got := b.state("do_2"); got != journal.Left {
		t.Errorf("the other is %s, want left", got)
	}
}
