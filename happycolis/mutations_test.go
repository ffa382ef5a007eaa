package happycolis

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMutationsSendOnlyWhatTheyMean(t *testing.T) {
	t.Parallel()
	id := map[string]any{"id": "do_1"}
	for _, tt := range []struct {
		operation string
		do        func(*Account) error
		variables map[string]any
	}{
		{"deliveryOrderUpdate", func(a *Account) error { return a.MoveDraft(t.Context(), "do_1", "loc_2") },
			map[string]any{"input": map[string]any{"id": "do_1", "locationId": "loc_2"}}},
		{"deliveryOrderOpen", func(a *Account) error { return a.OpenDeliveryOrder(t.Context(), "do_1") }, id},
		{"deliveryOrderRequestFulfillment", func(a *Account) error { return a.RequestFulfilment(t.Context(), "do_1") }, id},
		{"deliveryOrderCancel", func(a *Account) error { return a.CancelDeliveryOrder(t.Context(), "do_1") }, id},
	} {
		t.Run(tt.operation, func(t *testing.T) {
			t.Parallel()
			p := start(t, always(ok(fmt.Sprintf(`{%q:{"state":"success","message":null}}`, tt.operation))))
			if err := tt.do(p.account()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]recordedRequest{{tt.operation, tt.variables, "Bearer token-1"}}, p.log); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	p := start(t, always(told(`{"deliveryOrderCreate":{"id":"do_2","orderNumber":"N2","status":"DRAFT","location":{"id":"loc_2","name":"lyon"},
		"lines":[{"id":"l_2","sku":"MUG","quantity":3,"fulfilledQuantity":0,"status":"NEW"}]}}`)))
	got, err := p.account(atNoon).CreateDeliveryOrder(t.Context(), NewDeliveryOrder{
		OrderID: "o_1", LocationID: "loc_2", Priority: "HIGH", Lines: []NewLine{{OrderLineID: "ol_1", Quantity: 3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &DeliveryOrder{
		Read: read, ID: "do_2", OrderNumber: "N2", Status: "DRAFT", Location: Location{Read: read, ID: "loc_2", Slug: "lyon"},
		Lines: []Line{{ID: "l_2", SKU: "MUG", Status: "NEW", Quantity: 3}}, ShipmentsUnknown: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	sent := map[string]any{"input": map[string]any{"orderId": "o_1", "locationId": "loc_2", "priority": "HIGH",
		"lines": []any{map[string]any{"orderLineId": "ol_1", "quantity": 3.0}}}}
	if diff := cmp.Diff(sent, p.log[0].Variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

func TestCreatedWithAnErrorBesideIsNeverSafeToRepeat(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"FORBIDDEN", "UNAUTHORIZED", "NOT_FOUND", "RATE_LIMITED", "BAD_USER_INPUT"} {
		p := start(t, always(errored(`{"deliveryOrderCreate":{"id":"do_2","lines":[],"location":null}}`, code, `["deliveryOrderCreate","location"]`)))
		_, err := p.account().CreateDeliveryOrder(t.Context(), NewDeliveryOrder{OrderID: "o_1"})
		if e := mustError(t, err); e.Kind != KindResponse || e.IsNotExecuted() || len(p.operations()) != 1 {
			t.Errorf("%s: got %v, NotExecuted %v, %d requests; want response, false, 1", code, e, e.IsNotExecuted(), len(p.operations()))
		}
	}
}

func TestOpenAndRequest(t *testing.T) {
	t.Parallel()
	result := func(first, second string) string {
		return `{"deliveryOrderOpen":` + first + `,"deliveryOrderRequestFulfillment":` + second + `}`
	}
	const success, refusal = `{"state":"success"}`, `{"state":"error"}`
	const atFirst, atSecond = `["deliveryOrderOpen"]`, `["deliveryOrderRequestFulfillment"]`
	for _, tt := range []struct {
		name        string
		say         cannedAnswer
		want        Kind // "": success
		done        int
		notExecuted bool
	}{
		{name: "both succeed", say: ok(result(success, success))},
		{name: "not opened, and yet requested", say: ok(result(refusal, success))},
		{name: "opened, request refused", say: ok(result(success, refusal)), want: KindRefused, done: 1},
		{name: "opened, request forbidden", say: errored(result(success, `null`), "FORBIDDEN", atSecond), want: KindForbidden, done: 1},
		{name: "opened, request with an error of no field", say: errored(result(success, `null`), "ODD", `null`), want: KindUnclear, done: 1},
		{name: "opened, request null without a word", say: ok(result(success, `null`)), want: KindResponse, done: 1},
		{name: "both refused", say: ok(result(refusal, refusal)), want: KindRefused},
		{name: "forbidden, and nobody says what", say: errored(`null`, "FORBIDDEN", `[]`), want: KindUnclear},
		{name: "neither was read", say: errored(`null`, "GRAPHQL_VALIDATION_FAILED", `[]`), want: KindInvalid, notExecuted: true},
		{name: "neither may do it", say: cannedAnswer{body: `{"data":` + result(`null`, `null`) + `,"errors":[
			{"path":` + atFirst + `,"extensions":{"code":"FORBIDDEN"}},{"path":` + atSecond + `,"extensions":{"code":"FORBIDDEN"}}]}`}, want: KindForbidden},
		{name: "neither may do it, and nothing is left", say: cannedAnswer{body: `{"data":null,"errors":[
			{"path":` + atFirst + `,"extensions":{"code":"FORBIDDEN"}},{"path":` + atSecond + `,"extensions":{"code":"FORBIDDEN"}}]}`}, want: KindForbidden},
		{name: "not opened, and who knows whether requested", say: errored(result(refusal, `null`), "GATEWAY_TIMEOUT", atSecond), want: KindServer},
		{name: "not opened, and nobody may request", say: errored(result(refusal, `null`), "FORBIDDEN", atSecond), want: KindRefused},
		{name: "nothing left of the first but an error at the second", say: errored(`null`, "FORBIDDEN", atSecond), want: KindResponse},
		{name: "first forbidden, second unclear", say: errored(result(`null`, `null`), "FORBIDDEN", atFirst), want: KindResponse},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := start(t, always(tt.say)).account().OpenAndRequest(t.Context(), "do_1")
			if got := KindOf(err); got != tt.want {
				t.Fatalf("got %v, want kind %q", err, tt.want)
			}
			if err == nil {
				return
			}
			if e := mustError(t, err); e.Done != tt.done || e.IsNotExecuted() != tt.notExecuted {
				t.Errorf("got done %d, NotExecuted %v; want %d, %v", e.Done, e.IsNotExecuted(), tt.done, tt.notExecuted)
			}
		})
	}
}

func TestVendorTextsGoToTheHookAlone(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]cannedAnswer{
		"an error's message": errored(`null`, "ODD", `[]`),
		"a result's message": ok(`{"deliveryOrderCancel":{"state":"error","message":"` + canary + `"}}`),
		"a throttle's":       {status: 429, body: `{"statusCode":429,"message":"` + canary + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var got []string
			a := start(t, always(say)).account(func(o *Options) {
				o.VendorText = func(organization, operation, text string) {
					mu.Lock()
					defer mu.Unlock()
					got = append(got, organization+" "+operation+" "+text)
				}
			})
			if err := a.CancelDeliveryOrder(t.Context(), "do_1"); err == nil {
				t.Error("got success, want an error")
			}
			if diff := cmp.Diff([]string{"org_1 deliveryOrderCancel " + canary}, got); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
		})
	}
}
