package happycolis

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	sibling  = `{"id":"do_0","orderNumber":"N0","status":"PENDING","location":{"id":"loc_2","name":"lyon"},"lines":[],"fulfillmentData":null,"orders":[{"id":"o_1"}]}`
	parents  = `[{"id":"o_1","state":"OPENED","dispatchingType":"MANUAL","lines":[{"id":"ol_1","sku":"MUG","quantity":3}],"fulfillmentData":{"deliveryOrders":[` + sibling + `]}}]`
	place    = `{"id":"loc_1","name":"paris","active":true,"integration":{"id":"int_1","state":"ERROR"}}`
	head     = `"id":"do_1","status":"PENDING","lines":[],"fulfillmentData":null,"shipments":[]`
	nested   = `{"deliveryOrder":{` + head + `,"location":` + place + `,"orders":` + parents + `}}`
	inOrders = `["deliveryOrder","orders",0,"fulfillmentData"]`
)

// parts answers the separate calls, and nested what it is given.
func parts(nested cannedAnswer) func(string, int) cannedAnswer {
	return func(operation string, _ int) cannedAnswer {
		switch operation {
		case "handover", "handoverWithoutShipments":
			return nested
		case "deliveryOrder":
			return told(`{"deliveryOrder":{` + head + `,"location":{"id":"loc_1","name":"paris"},"orders":[{"id":"o_1"}]}}`)
		case "location":
			return told(`{"location":` + place + `}`)
		case "order":
			return told(`{"order":{"id":"o_1","state":"OPENED","dispatchingType":"MANUAL","lines":[{"id":"ol_1","sku":"MUG","quantity":3}]}}`)
		case "deliveryOrders":
			return told(`{"deliveryOrders":[` + sibling + `]}`)
		}
		return cannedAnswer{status: 400}
	}
}

func allThere() *DeliveryOrder {
	return &DeliveryOrder{
		Read: read, ID: "do_1", Status: "PENDING",
		Location: Location{Read: read, ID: "loc_1", Slug: "paris", Active: true, Integration: &Integration{ID: "int_1", State: "ERROR"}},
		Orders: []Order{{
			Read: read, ID: "o_1", State: "OPENED", DispatchingType: "MANUAL", Lines: []OrderLine{{ID: "ol_1", SKU: "MUG", Quantity: 3}},
			DeliveryOrders: []DeliveryOrder{{
				Read: read, ID: "do_0", OrderNumber: "N0", Status: "PENDING", Location: Location{Read: read, ID: "loc_2", Slug: "lyon"},
				Orders: []Order{{Read: read, ID: "o_1"}}, ShipmentsUnknown: true,
			}},
		}},
	}
}

func TestHandoverIsOneRequest(t *testing.T) {
	t.Parallel()
	p := start(t, parts(told(nested)))
	got, err := p.account(atNoon).ReadForHandover(t.Context(), "do_1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(allThere(), got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"handover"}, p.operations()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestRefusedNestingIsReadInParts(t *testing.T) {
	t.Parallel()
	separately := []string{"deliveryOrder", "location", "order", "deliveryOrders"}
	for name, refusal := range map[string]cannedAnswer{
		"HTTP 400":                     {status: 400},
		"an internal error":            errored(`null`, "INTERNAL_SERVER_ERROR", inOrders),
		"an error on a nested field":   errored(strings.ReplaceAll(nested, `"fulfillmentData":{"deliveryOrders":[`+sibling+`]}`, `"fulfillmentData":null`), "TOO_DEEP", inOrders),
		"an error on the whole":        errored(`null`, "QUERY_TOO_COMPLEX", `[]`),
		"null siblings without a word": ok(strings.ReplaceAll(nested, `[`+sibling+`]`, `null`)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forgotten := supportKept
			if name == "an internal error" {
				forgotten = supportKeptUnsure
			}
			now := noon
			p := start(t, parts(refusal))
			a := p.account(func(o *Options) { o.Now = func() time.Time { return now } })
			got, err := a.ReadForHandover(t.Context(), "do_1")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(allThere(), got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if _, err := a.ReadForHandover(t.Context(), "do_1"); err != nil {
				t.Fatal(err)
			}
			want := append(append([]string{"handover"}, separately...), separately...)
			if diff := cmp.Diff(want, p.operations()); diff != "" {
				t.Errorf("requests: the refused one is not repeated (-want +got):\n%s", diff)
			}
			now = now.Add(forgotten)
			if _, err := a.ReadForHandover(t.Context(), "do_1"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append(append(want, "handover"), separately...), p.operations()); diff != "" {
				t.Errorf("requests: later it is tried again (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOtherErrorsOfHandoverAreNotAnsweredWithMoreRequests(t *testing.T) {
	t.Parallel()
	for want, say := range map[Kind]cannedAnswer{
		KindNotFound:  ok(`{"deliveryOrder":null}`),
		KindForbidden: errored(`{"deliveryOrder":{}}`, "FORBIDDEN", inOrders),
		KindThrottled: {status: 429},
		KindServer:    {status: 502},
	} {
		p := start(t, parts(say))
		if _, err := p.account().ReadForHandover(t.Context(), "do_1"); KindOf(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if got := p.operations(); len(got) != 1 {
			t.Errorf("%s: got %v, want one request", want, got)
		}
	}
}

func TestUnknownShipmentsAreLeftOut(t *testing.T) {
	t.Parallel()
	// This platform knows nesting, and no shipments.
	p := start(t, func(operation string, _ int) cannedAnswer {
		switch operation {
		case "handover", "deliveryOrder":
			return cannedAnswer{status: 400}
		case "deliveryOrderWithoutShipments":
			return parts(cannedAnswer{})("deliveryOrder", 0)
		}
		return parts(told(nested))(operation, 0)
	})
	a := p.account(atNoon)
	for range 2 {
		got, err := a.ReadForHandover(t.Context(), "do_1")
		if err != nil {
			t.Fatal(err)
		}
		want := allThere()
		want.ShipmentsUnknown = true
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("result (-want +got):\n%s", diff)
		}
	}
	if _, err := a.DeliveryOrder(t.Context(), "do_1"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"handover", "deliveryOrder", "deliveryOrderWithoutShipments", "location", "order", "deliveryOrders",
		"handoverWithoutShipments", "deliveryOrderWithoutShipments",
	}
	if diff := cmp.Diff(want, p.operations()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestPartsWaitALittleForTheRateLimit(t *testing.T) {
	t.Parallel()
	var taken int
	p := start(t, parts(cannedAnswer{status: 400}))
	a := p.account(func(o *Options) {
		o.Limiter = limiterFunc(func(context.Context, string, Class) (time.Duration, error) {
			taken++
			if taken%2 == 0 && taken > 2 {
				return time.Millisecond, nil
			}
			return 0, nil
		})
	})
	if _, err := a.ReadForHandover(t.Context(), "do_1"); err != nil {
		t.Errorf("got %v, want the later parts to wait a millisecond each", err)
	}
}

func TestManyHandoversInPartsTakeTurns(t *testing.T) {
	t.Parallel()
	p := start(t, parts(told(nested)))
	a := p.account(atNoon)
	a.client.support.disableNesting(noon.Add(supportKept))
	for range partsAtOnce {
		a.client.parts <- struct{}{}
	}
	_, err := a.ReadForHandover(t.Context(), "do_1")
	if e := mustError(t, err); e.Kind != KindWaiting || e.RetryAfter <= 0 || len(p.operations()) != 0 {
		t.Errorf("got %v after %v, want waiting without a request", e, p.operations())
	}
}

func TestOldestPartDatesAHandover(t *testing.T) {
	t.Parallel()
	now := noon
	p := start(t, parts(cannedAnswer{status: 400}))
	a := p.account(func(o *Options) { o.Now = func() time.Time { now = now.Add(time.Millisecond); return now } })
	got, err := a.ReadForHandover(t.Context(), "do_1")
	if err != nil {
		t.Fatal(err)
	}
	if !got.SentAt.Before(got.Location.SentAt) || !got.SentAt.Before(got.Orders[0].SentAt) || !got.Orders[0].SentAt.Before(got.Orders[0].DeliveryOrders[0].SentAt) {
		t.Errorf("got Asked %s, location %s, order %s; want the delivery order's to be the oldest", got.SentAt, got.Location.SentAt, got.Orders[0].SentAt)
	}
}
