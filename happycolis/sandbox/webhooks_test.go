package sandbox_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

func TestWebhooksAreSignedAndCompact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Announce("delivery_order/opened", "nothing-known")
	w.pending("d1")
	w.Break("paris")
	w.Announce("delivery_order/created", "d1")
	w.pass(0)
	if len(w.hooks) != 3 {
		t.Fatalf("%d webhooks, want 3", len(w.hooks))
	}
	for _, h := range w.hooks {
		mac := hmac.New(sha256.New, []byte("secret"))
		mac.Write(h.raw)
		if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); h.signature != want {
			t.Errorf("%s: signature %q, want %q", h.Header.Type, h.signature, want)
		}
		if bytes.ContainsAny(h.raw, "\n\t") || h.Header.Date != "2026-05-17T14:00:00.000Z" || h.Header.OrganizationID != org {
			t.Errorf("envelope: %s", h.raw)
		}
	}
	errored, created := w.hooks[1], w.hooks[2]
	if errored.Header.Type != "location/fulfillment_service_integration/errored" || errored.Body["locationId"] != paris ||
		errored.Body["state"] != "ERROR" || !strings.HasPrefix(errored.Body["accessToken"].(string), sandbox.CanaryToken) {
		t.Errorf("errored: %s", errored.raw)
	}
	for _, mark := range []string{sandbox.CanaryName, sandbox.CanaryText} {
		if !bytes.Contains(created.raw, []byte(mark)) {
			t.Errorf("created lacks %s: %s", mark, created.raw)
		}
	}
	if line := created.Body["lines"].([]any)[0].(map[string]any); line["orderLineId"] != nil || line["sku"] != "MUG" {
		t.Errorf("line = %v, want no order line", line)
	}
	w.AddFault(sandbox.Fault{Kind: sandbox.WebhookOrderLine})
	w.Announce("delivery_order/created", "d1")
	w.pass(0)
	if line := w.hooks[3].Body["lines"].([]any)[0].(map[string]any); line["orderLineId"] != "ol1" {
		t.Errorf("line = %v, want its order line", line)
	}
}

func TestAddingAnnounces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "x", Location: lyon, Orders: []string{"o1"}, Status: sandbox.Pending,
		Pickup: true, Events: []string{sandbox.EventRequested}, Lines: []sandbox.Line{{SKU: "MUG", Quantity: 1}}})
	w.AddStock(sandbox.Stock{Location: lyon, SKU: "MUG", Physical: 3})
	if diff := cmp.Diff([]string{"delivery_order/created", "delivery_order/pending", "stock_reference/updated"}, w.heard()); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
}

func TestStockMovesWithItsDeliveryOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddStock(sandbox.Stock{Location: lyon, SKU: "MUG", Physical: 10, Usable: 10})
	w.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "x", Location: lyon, Orders: []string{"o1"}, Status: sandbox.Draft,
		Lines: []sandbox.Line{{SKU: "MUG", Quantity: 3}}})
	figures := func(act func(string) error) [2]int {
		t.Helper()
		w.heard()
		if err := act("x"); err != nil {
			t.Fatal(err)
		}
		w.pass(0)
		for _, h := range w.hooks {
			if h.Header.Type == "stock_reference/movement_updated" {
				return [2]int{int(h.Body["usableQuantity"].(float64)), int(h.Body["reservedQuantity"].(float64))}
			}
		}
		return [2]int{-1, -1}
	}
	for _, step := range []struct {
		name string
		act  func(string) error
		want [2]int
	}{
		{"sent", w.PersonOpen, [2]int{10, 3}},
		{"accepted", w.WarehouseAccept, [2]int{-1, -1}},
		{"shipped", w.WarehouseShip, [2]int{7, 0}},
	} {
		if got := figures(step.act); got != step.want {
			t.Errorf("%s: told are %v usable and reserved, want %v (-1: nothing told)", step.name, got, step.want)
		}
	}
}

func TestTheQueueBlocks(t *testing.T) {
	t.Parallel()
	for _, resend := range []bool{true, false} {
		t.Run(map[bool]string{true: "and sends again", false: "and skips"}[resend], func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pending("d1")
			w.status = http.StatusServiceUnavailable
			w.Announce("delivery_order/a", "d1")
			w.Announce("delivery_order/b", "d1")
			w.pass(time.Hour)
			if blocked, why := w.Blocked(org); !blocked || !strings.Contains(why, "503") || w.Waiting(org) != 2 {
				t.Errorf("blocked = %v %q, %d waiting; want blocked by 503, 2 waiting", blocked, why, w.Waiting(org))
			}
			w.status = http.StatusOK
			w.pass(time.Hour)
			if got := w.heard(); len(got) != 0 {
				t.Errorf("a blocked queue delivered %v", got)
			}
			w.Unblock(org, resend)
			want := []string{"delivery_order/b"}
			if resend {
				want = []string{"delivery_order/a", "delivery_order/b"}
			}
			if diff := cmp.Diff(want, w.heard()); diff != "" {
				t.Errorf("webhooks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMoodsOfWebhooks(t *testing.T) {
	t.Parallel()
	announce := func(w *world) {
		w.pending("d1")
		for _, kind := range []string{"x/1", "x/2", "x/3"} {
			w.Announce(kind, "d1")
			w.pass(0)
		}
	}
	for _, c := range []struct {
		name string
		mood sandbox.Fault
		want []string
	}{
		{"dropped", sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: "x/2"}, []string{"x/1", "x/3"}},
		{"delayed", sandbox.Fault{Kind: sandbox.WebhookDelay, Webhook: "x/1", After: time.Minute}, []string{"x/2", "x/3", "x/1"}},
		{"out of order", sandbox.Fault{Kind: sandbox.WebhookSwap, Webhook: "x/1"}, []string{"x/2", "x/1", "x/3"}},
		{"out of order, nothing after it", sandbox.Fault{Kind: sandbox.WebhookSwap, Webhook: "x/3"}, []string{"x/1", "x/2", "x/3"}},
		{"duplicated", sandbox.Fault{Kind: sandbox.WebhookDuplicate, Webhook: "x/2"}, []string{"x/1", "x/2", "x/2", "x/3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.AddFault(c.mood)
			announce(w)
			w.pass(time.Hour)
			if diff := cmp.Diff(c.want, w.heard()); diff != "" {
				t.Errorf("webhooks (-want +got):\n%s", diff)
			}
		})
	}
	for _, newID := range []bool{true, false} {
		t.Run(map[bool]string{true: "duplicated under a new id", false: "duplicated under the same id"}[newID], func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.AddFault(sandbox.Fault{Kind: sandbox.WebhookDuplicate, NewID: newID, Count: 1})
			announce(w)
			if len(w.hooks) != 4 || (w.hooks[0].Header.MessageID != w.hooks[1].Header.MessageID) != newID {
				t.Errorf("%d webhooks, ids %q and %q", len(w.hooks), w.hooks[0].Header.MessageID, w.hooks[1].Header.MessageID)
			}
		})
	}
}

func TestAReceiverMayCallBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	var status string
	w.SubscribeFunc(org, func([]byte, http.Header) int {
		status, _ = w.ask(read).Data["deliveryOrder"].(map[string]any)["status"].(string)
		return http.StatusOK
	})
	w.Announce("delivery_order/opened", "d1")
	w.pass(0)
	if status != "PENDING" {
		t.Errorf("read from within a delivery = %q, want PENDING", status)
	}
}

func TestWebhooksOverRealHTTP(t *testing.T) {
	t.Parallel()
	got := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
	}))
	defer receiver.Close()
	p := sandbox.New(sandbox.Options{})
	p.AddOrganization(sandbox.Organization{ID: org, ClientSecret: "secret"})
	p.SubscribeURL(org, receiver.URL)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { p.Run(ctx); close(ended) }()
	p.AddLocation(sandbox.Location{ID: paris, Organization: org, Slug: "paris", Active: true})
	p.Break("paris")
	for _, want := range []string{"location/created", "errored"} {
		if body := <-got; !strings.Contains(body, want) {
			t.Errorf("webhook %s, want %s", body, want)
		}
	}
	cancel()
	<-ended

	receiver.Close()
	p.Announce("location/updated", "paris")
	p.RunDue()
	if blocked, _ := p.Blocked(org); !blocked {
		t.Error("a receiver that is gone did not block the queue")
	}
}

func TestRunsRepeat(t *testing.T) {
	t.Parallel()
	run := func() []string {
		w := newWorldWith(t, sandbox.Options{Seed: 7})
		id := w.created(lyon)
		w.open(id)
		w.request(id)
		w.Break("lyon")
		w.pass(time.Minute)
		var all []string
		for _, h := range w.hooks {
			all = append(all, string(h.raw))
		}
		return all
	}
	if a, b := run(), run(); len(a) == 0 || !slices.Equal(a, b) {
		t.Errorf("two runs of one seed differ:\n%s", cmp.Diff(a, b))
	}
}
