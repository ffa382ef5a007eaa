package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

func (w *world) command(method, path, body string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequest(method, "http://platform/sandbox/"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r := w.send(req)
	return r.status, r.raw
}

func TestControlSurface(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "seed", `{"organization":"org-1","orders":5,"seed":2}`, 200},
		{"POST", "organizations", `{"id":"org-3"}`, 200},
		{"POST", "locations", `{"id":"nice","organization":"org-1","slug":"nice","active":true}`, 200},
		{"POST", "orders", `{"id":"o9","organization":"org-1","lines":[{"id":"l9","sku":"MUG","quantity":1}]}`, 200},
		{"POST", "delivery-orders", `{"id":"d9","location":"nice","orders":["o9"],"lines":[{"sku":"MUG","quantity":1}]}`, 200},
		{"POST", "delivery-orders", `{"id":"d8","location":"nowhere","orders":["o9"]}`, 400},
		{"POST", "stocks", `{"location":"nice","sku":"MUG","physical":4}`, 200},
		{"POST", "moods", `{"kind":"cancel_async","after":"30s"}`, 200},
		{"POST", "moods", `{"kind":"sulky"}`, 400},
		{"POST", "moods", `{"kind":"reject","afterwards":"30s"}`, 400},
		{"DELETE", "moods", ``, 200},
		{"POST", "break", `{"location":"nice"}`, 200},
		{"POST", "break", `{"location":"nowhere"}`, 400},
		{"POST", "act", `{"action":"open","delivery_order":"d9"}`, 200},
		{"POST", "act", `{"action":"open","delivery_order":"d9"}`, 400},
		{"POST", "act", `{"action":"dance"}`, 400},
		{"POST", "active", `{"location":"nice","active":false}`, 200},
		{"POST", "integration", `{"location":"nice","state":"PENDING","integration_id":"i9"}`, 200},
		{"POST", "recover", `{"location":"nice"}`, 200},
		{"POST", "announce", `{"type":"delivery_order/opened","id":"d9"}`, 200},
		{"POST", "subscribe", `{"organization":"nobody","url":"http://127.0.0.1:1"}`, 400},
		{"POST", "unblock", `{"organization":"org-1","resend":true}`, 200},
		{"POST", "judge", `{"rows":[{"delivery_order_id":"d9","replacement_id":null,"state":"pending"}]}`, 200},
		{"GET", "queues", ``, 200},
		{"GET", "organizations", ``, 200},
		{"GET", "nothing", ``, 400},
		{"POST", "nothing", `{}`, 400},
	} {
		if status, raw := w.command(c.method, c.path, c.body); status != c.status {
			t.Errorf("%s %s %s = %d %s, want %d", c.method, c.path, c.body, status, raw, c.status)
		}
	}
	_, raw := w.command("GET", "books", "")
	var b sandbox.Books
	if err := json.Unmarshal([]byte(raw), &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w.Books(), b); diff != "" {
		t.Errorf("books over HTTP differ:\n%s", diff)
	}
	if d, ok := b.DeliveryOrder("d9"); !ok || d.Status != sandbox.Pending {
		t.Errorf("d9 = %+v, want it opened", d)
	}
}

func TestBooksCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.look("d1")
	w.askAs("token", `query($id:String!){deliveryOrder(id:$id){id}}`, map[string]any{"id": "d1"})
	w.cancel("d1")
	b := w.Books()
	want := map[string]int{"http": 3, "deliveryOrder": 2, "deliveryOrderCancel": 1}
	if diff := cmp.Diff(want, b.Requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if b.Touched["d1"] != 3 {
		t.Errorf("d1 touched %d times, want 3", b.Touched["d1"])
	}
	last := b.Entries[len(b.Entries)-1]
	if last.Actor != "api:"+org || last.Operation != "deliveryOrderCancel" || !last.Applied || last.FromStatus != "PENDING" || last.Lines[0].Status != "CANCELED" {
		t.Errorf("last entry = %+v", last)
	}
}

func TestActionsOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.draft("d1")
	w.pending("d2")
	w.pending("d3")
	for _, body := range []string{
		`{"action":"move","delivery_order":"d1","location":"lille"}`,
		`{"action":"hold","order":"o1"}`,
		`{"action":"resume","order":"o1"}`,
		`{"action":"accept","delivery_order":"d2"}`,
		`{"action":"start","delivery_order":"d2"}`,
		`{"action":"ship","delivery_order":"d2"}`,
		`{"action":"reject","delivery_order":"d3"}`,
		`{"action":"proceed","delivery_order":"d3"}`,
		`{"action":"order_state","order":"o1","state":"COMPLETED"}`,
	} {
		if status, raw := w.command("POST", "act", body); status != 200 {
			t.Errorf("%s = %d %s", body, status, raw)
		}
	}
	if got := w.at("d1").Location + " " + w.at("d1").Status + " " + w.lineStates("d2") + " " + w.lineStates("d3"); got != lille+" PENDING DELIVERED DELIVERED REJECTED REJECTED" {
		t.Errorf("after all: %s", got)
	}
	for _, body := range []string{
		`{"action":"cancel","delivery_order":"d2"}`, `{"action":"request","delivery_order":"d2"}`, `{"action":"resume","order":"nope"}`,
	} {
		if status, _ := w.command("POST", "act", body); status != 400 {
			t.Errorf("%s = %d, want 400", body, status)
		}
	}
	req, err := http.NewRequest(http.MethodGet, "http://platform/nowhere", nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := w.send(req); r.status != 404 {
		t.Errorf("an unknown path = %d %s, want 404", r.status, r.raw)
	}
}

func TestCancelsOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"d1", "d2", "d3", "d4"} {
		w.pending(id)
	}
	for _, body := range []string{
		`{"action":"ask_cancel","delivery_order":"d1","show_canceled":true,"hangs":true}`,
		`{"action":"ask_cancel","delivery_order":"d2","after":"1m"}`,
		`{"action":"ask_cancel","delivery_order":"d3","event_at_once":true,"hangs":true}`,
		`{"action":"confirm_cancel","delivery_order":"d3"}`,
		`{"action":"ask_cancel","delivery_order":"d4","after":"1m","rejected":true}`,
	} {
		if status, raw := w.command("POST", "act", body); status != 200 {
			t.Errorf("%s = %d %s", body, status, raw)
		}
	}
	w.pass(time.Minute)
	for id, want := range map[string]string{
		"d1": "CANCELED CANCELED / FULFILLMENT_REQUESTED", "d2": "CANCELED CANCELED / FULFILLMENT_REQUESTED CANCELED",
		"d3": "CANCELED CANCELED / FULFILLMENT_REQUESTED CANCELED", "d4": "PENDING PENDING / FULFILLMENT_REQUESTED",
	} {
		if got := w.shows(id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	for _, body := range []string{`{"action":"reject_cancel","delivery_order":"d1"}`, `{"action":"cancel_order","order":"o1"}`} {
		if status, raw := w.command("POST", "act", body); status != 200 {
			t.Errorf("%s = %d %s", body, status, raw)
		}
	}
	if got := w.shows("d1"); got != "CANCELED CANCELED / FULFILLMENT_REQUESTED CANCELED" {
		t.Errorf("d1 with its order: %s", got)
	}
	for _, body := range []string{`{"action":"ask_cancel","delivery_order":"d4","after":"soon"}`, `{"action":"confirm_cancel","delivery_order":"d1"}`} {
		if status, _ := w.command("POST", "act", body); status != 400 {
			t.Errorf("%s = %d, want 400", body, status)
		}
	}
}
