package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

// dates are those of the events of d1: as a read shows them, and as the last webhook told them.
func (w *world) dates() (read, told []any) {
	r := w.ask(`{deliveryOrder(id:"d1"){fulfillmentData{events{date}}}}`)
	data := r.Data["deliveryOrder"].(map[string]any)["fulfillmentData"].(map[string]any)
	for _, e := range data["events"].([]any) {
		read = append(read, e.(map[string]any)["date"])
	}
	all := w.bodies("delivery_order/updated")
	for _, e := range all[len(all)-1]["events"].([]any) {
		told = append(told, e.(map[string]any)["date"])
	}
	return read, told
}

func TestTheDatesOfEventsAreOdd(t *testing.T) {
	t.Parallel()
	const at14, at15, at13 = "2026-05-17T14:00:00.000Z", "2026-05-17T15:01:00.000Z", "2026-05-17T13:01:00.000Z"
	for _, c := range []struct {
		name string
		mood sandbox.Fault
		want any
	}{
		{"an hour ahead", sandbox.Fault{Kind: sandbox.EventClock, After: time.Hour}, at15},
		{"an hour behind", sandbox.Fault{Kind: sandbox.EventClock, After: -time.Hour}, at13},
		{"all alike", sandbox.Fault{Kind: sandbox.EventSameDate}, at14},
		{"none", sandbox.Fault{Kind: sandbox.EventUndated}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pending("d1")
			w.pass(time.Minute)
			w.AddFault(c.mood)
			w.cancel("d1")
			read, told := w.dates()
			if want := fmt.Sprint([]any{at14, c.want}); fmt.Sprint(read) != want || fmt.Sprint(told) != want {
				t.Errorf("read %v, told %v; want %s", read, told, want)
			}
		})
	}
}

func TestAMoodDatesEventsOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	if status, raw := w.command("POST", "moods", `{"kind":"event_clock","after":"-1h"}`); status != 200 {
		t.Fatalf("%d %s", status, raw)
	}
	w.cancel("d1")
	if read, _ := w.dates(); read[1] != "2026-05-17T13:00:00.000Z" {
		t.Errorf("dates %v", read)
	}
}

func TestQuantitiesAreOdd(t *testing.T) {
	t.Parallel()
	const query = `{deliveryOrder(id:"d1"){lines{quantity fulfilledQuantity} orders{lines{quantity}}}}`
	for _, c := range []struct {
		name, read, told string
		odd              func(*world)
	}{
		{"as whole numbers", `{"lines":[{"quantity":2,"fulfilledQuantity":0},{"quantity":1,"fulfilledQuantity":0}],"orders":[{"lines":[{"quantity":2},{"quantity":1}]}]}`,
			`"fulfilledQuantity":0,"id":"d1-1","label":"Article MUG","quantity":2,`, func(*world) {}},
		{"as fractions", `{"lines":[{"quantity":2.0,"fulfilledQuantity":0.0},{"quantity":1.0,"fulfilledQuantity":0.0}],"orders":[{"lines":[{"quantity":2.0},{"quantity":1.0}]}]}`,
			`"fulfilledQuantity":0.0,"id":"d1-1","label":"Article MUG","quantity":2.0,`,
			func(w *world) { w.AddFault(sandbox.Fault{Kind: sandbox.QuantityFloat}) }},
		{"as none", `{"lines":[{"quantity":null,"fulfilledQuantity":0},{"quantity":null,"fulfilledQuantity":0}],"orders":[{"lines":[{"quantity":2},{"quantity":1}]}]}`,
			`"fulfilledQuantity":0,"id":"d1-1","label":"Article MUG","quantity":null,`,
			func(w *world) { w.AddFault(sandbox.Fault{Kind: sandbox.QuantityNull, DeliveryOrder: "d1"}) }},
		{"as less than nothing", `{"lines":[{"quantity":-3,"fulfilledQuantity":0},{"quantity":1,"fulfilledQuantity":0}],"orders":[{"lines":[{"quantity":2},{"quantity":1}]}]}`,
			`"fulfilledQuantity":0,"id":"d1-1","label":"Article MUG","quantity":-3,`, func(w *world) { w.must(w.PersonEdit("d1", -3)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.draft("d1")
			c.odd(w)
			if got := w.ask(query).raw; !strings.Contains(got, c.read) {
				t.Errorf("read %s, want %s", got, c.read)
			}
			w.Announce("delivery_order/updated", "d1")
			w.pass(0)
			w.mu.Lock()
			defer w.mu.Unlock()
			if got := string(w.hooks[len(w.hooks)-1].raw); !strings.Contains(got, c.told) {
				t.Errorf("told %s, want %s", got, c.told)
			}
		})
	}
}

func TestStockIsOdd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddFault(sandbox.Fault{Kind: sandbox.QuantityFloat, Location: "lyon"})
	w.AddStock(sandbox.Stock{Location: "lyon", SKU: "MUG", Physical: 4, Usable: 3, Reserved: -1})
	w.pass(0)
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := string(w.hooks[0].raw); !strings.Contains(got, `"physicalQuantity":4.0`) || !strings.Contains(got, `"reservedQuantity":-1.0`) {
		t.Errorf("told %s", got)
	}
}

func TestAWebhookIsDatedOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.draft("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.WebhookDated, Webhook: "delivery_order/updated", After: 240 * time.Hour, Count: 1})
	w.Announce("delivery_order/updated", "d1")
	w.Announce("delivery_order/updated", "d1")
	w.pass(0)
	w.mu.Lock()
	defer w.mu.Unlock()
	if first, second := w.hooks[0].Header.Date, w.hooks[1].Header.Date; first != "2026-05-27T14:00:00.000Z" || second != "2026-05-17T14:00:00.000Z" {
		t.Errorf("dated %s and %s", first, second)
	}
}
