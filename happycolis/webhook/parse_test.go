package webhook_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/webhook"
)

func parse(t *testing.T, body string) *webhook.Event {
	t.Helper()
	e, err := webhook.Parse([]byte(body))
	if err != nil {
		t.Fatalf("got %v, want an event", err)
	}
	return e
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	body, found := webhook.Sample(name)
	if !found {
		t.Fatalf("no sample %q", name)
	}
	return body
}

func units(n int) *int { return &n }

func TestParseReadsEachFamily(t *testing.T) {
	t.Parallel()
	const (
		organization = "5f0c2b1e-7a34-4d19-9c58-1e6b7d20a4f3"
		lille        = "c81d4e2e-3f65-4b0a-8d7c-2a9e5b6f1d04"
		lyon         = "e4b7a9d3-6c12-4f88-b3a5-90d1c7e2f586"
	)
	active := true
	at := func(s string) time.Time {
		got, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := map[string]webhook.Event{
		"delivery-order-cancelled": {
			MessageID: "0e9c5a7d-41ab-4b62-8f3e-007d3c9c5445", WebhookID: "b7e4d1c2-5f38-4a60-9d0b-000000a1000b",
			Type: "delivery_order/cancelled", Date: at("2026-05-18T06:40:12.449Z"),
			DeliveryOrder: &webhook.DeliveryOrder{
				ID: "7b3e5d90-1c48-42a6-8f1b-6e0d9a2c4b57", OrderIDs: []string{"a6d2f4c8-9e31-4705-b6d8-3c5f1e7a8092"},
				LocationID: lille, OrganizationID: organization, PickupKnown: true, OrderType: "B2C", FulfillmentType: "WAREHOUSE",
				Priority: "NORMAL", Status: "COMPLETED", IssuedAt: at("2026-05-17T14:03:20Z"),
				Lines: []webhook.Line{
					{ID: "4d1b7e01-3a9c-4f05-8e62-c0b5d9f1a341", SKU: "MUG-ENAMEL-GRN", Status: "CANCELED", Quantity: 3},
					{ID: "4d1b7e02-3a9c-4f05-8e62-c0b5d9f1a342", SKU: "TEAPOT-CAST-08", Status: "CANCELED", Quantity: 1},
				},
				Events: []webhook.Milestone{
					{Type: "FULFILLMENT_REQUESTED", Level: "NORMAL", Date: at("2026-05-17T14:06:02.411Z")},
					{Type: "CANCELED", Level: "NORMAL", Date: at("2026-05-18T06:40:12.377Z")},
				},
			},
		},
		"location-fulfillment-service-integration-accepted": {
			MessageID: "0e9c5a7d-41a2-4b62-8f3e-007d3c9b3dde", WebhookID: "b7e4d1c2-5f38-4a60-9d0b-000000a10002",
			Type: "location/fulfillment_service_integration/accepted", Date: at("2026-02-02T09:41:37.655Z"),
			Integration: &webhook.Integration{ID: "2d9e8f71-5a06-4c3b-97e2-b4f1a6c0d835", LocationID: lille, ServiceID: "91f6c3a8-2b5d-4e70-a1c4-d83e7f09b26a", State: "ACTIVE"},
		},
		"location-updated": {
			MessageID: "0e9c5a7d-41ae-4b62-8f3e-007d3c9cb112", WebhookID: "b7e4d1c2-5f38-4a60-9d0b-000000a1000e",
			Type: "location/updated", Date: at("2026-04-09T12:00:45.218Z"),
			Location: &webhook.Location{ID: lyon, Slug: "lyon-sud", Type: "WAREHOUSE", Country: "FR", Active: &active,
				AcceptFulfillmentAt: at("2026-02-03T00:00:00Z"), AcceptKnown: true, AllowedCountries: []string{"FR", "CH", "IT"}},
		},
		"shipment-created": {
			MessageID: "0e9c5a7d-41b1-4b62-8f3e-007d3c9d0ddf", WebhookID: "b7e4d1c2-5f38-4a60-9d0b-000000a10011",
			Type: "shipment/created", Date: at("2026-05-17T16:12:33.087Z"),
			Shipment: &webhook.Shipment{ID: "3c7a1f5e-8b94-4d60-a2e7-5d9b0c6f8e13", LocationID: lille},
		},
		"stock-reference-updated": {
			MessageID: "0e9c5a7d-41b2-4b62-8f3e-007d3c9d2cce", WebhookID: "b7e4d1c2-5f38-4a60-9d0b-000000a10012",
			Type: "stock_reference/updated", Date: at("2026-05-18T05:58:14.339Z"),
			Stock: &webhook.Stock{ID: "f18c6d2a-4e07-4b95-9a3f-7c2d8e5b0a61", LocationID: lyon, SKU: "MUG-ENAMEL-GRN", Status: "VALID", Model: "PRODUCT", Usable: units(132), Reserved: units(17)},
		},
	}
	for name, want := range want {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want.Organization = organization
			if diff := cmp.Diff(&want, parse(t, string(sample(t, name)))); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEverySampleHasABodyAndNothingPersonal(t *testing.T) {
	t.Parallel()
	if len(webhook.Samples()) < 19 {
		t.Fatalf("got %d samples, want all", len(webhook.Samples()))
	}
	for _, name := range webhook.Samples() {
		e := parse(t, string(sample(t, name)))
		if e.DeliveryOrder == nil && e.Integration == nil && e.Location == nil && e.Shipment == nil && e.Stock == nil {
			t.Errorf("%s: got no body of type %s", name, e.Type)
		}
		text := fmt.Sprintf("%+v %+v %+v %+v %+v", e.DeliveryOrder, e.Integration, e.Location, e.Shipment, e.Stock)
		for _, leak := range []string{"EXAMPLE-NOT-A-REAL-TOKEN", "Not enough stock", "avenue", "quai@", "+333", "Enamel mug"} {
			if strings.Contains(text, leak) {
				t.Errorf("%s: got %q in %s", name, leak, text)
			}
		}
	}
	if _, found := webhook.Sample("../parse"); found {
		t.Error("Sample reads beyond the samples")
	}
}

func TestParseToleratesTheOtherEnvelope(t *testing.T) {
	t.Parallel()
	want := &webhook.Event{Organization: "org_1", MessageID: "m_1", Type: "order/created", Date: time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)}
	for _, organization := range []string{`"org_1"`, `{"id":"org_1","name":"Shop"}`} {
		got := parse(t, `{"header":{"id":"m_1","type":"Order/Created","timestamp":"2026-05-18T08:00:00+02:00","organization":`+organization+`,"application":{"id":"app"}},"body":{"x":1}}`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: event (-want +got):\n%s", organization, diff)
		}
	}
}

func TestParseToleratesTypesAndGaps(t *testing.T) {
	t.Parallel()
	envelope := func(kind, body string) string {
		return `{"header":{"organizationId":7,"type":"` + kind + `","date":"yesterday"},"body":` + body + `}`
	}
	tests := []struct {
		name, kind, body string
		want             *webhook.DeliveryOrder
	}{
		{"an empty body", "delivery_order/created", `{}`, &webhook.DeliveryOrder{}},
		{"the family with a hyphen", "delivery-order/Integration-Error", `{"id":"do_1"}`, &webhook.DeliveryOrder{ID: "do_1"}},
		{"ids as numbers", "delivery_order/created", `{"id":17,"orderIds":[4,"5"],"locationId":null}`, &webhook.DeliveryOrder{ID: "17", OrderIDs: []string{"4", "5"}}},
		{"no pickup point", "delivery_order/created", `{"collectPointId":null}`, &webhook.DeliveryOrder{PickupKnown: true}},
		{"a pickup point", "delivery_order/created", `{"collectPointId":"p_1","collectPointCountry":"BE"}`, &webhook.DeliveryOrder{PickupKnown: true, CollectPointID: "p_1", CollectPointCountry: "BE"}},
		{"quantities as text, fraction and null", "delivery_order/created", `{"lines":[{"quantity":"3","fulfilledQuantity":1.0,"orderLineId":"ol_1"},{"quantity":null}]}`,
			&webhook.DeliveryOrder{Lines: []webhook.Line{{Quantity: 3, Fulfilled: 1, OrderLineID: "ol_1"}, {}}}},
		{"a type nobody knows", "parcel/beamed", `[1]`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := parse(t, envelope(tt.kind, tt.body))
			if diff := cmp.Diff(tt.want, got.DeliveryOrder); diff != "" {
				t.Errorf("delivery order (-want +got):\n%s", diff)
			}
			if got.Organization != "7" || !got.Date.IsZero() {
				t.Errorf("got organization %q, date %s; want 7 and no date", got.Organization, got.Date)
			}
		})
	}
}

func TestParseTellsAtOnceFromNotTold(t *testing.T) {
	t.Parallel()
	june := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for body, want := range map[string]webhook.Location{
		`{}`:                             {},
		`{"acceptFulfillmentAt":null}`:   {AcceptKnown: true},
		`{"acceptFulfillmentAt":"soon"}`: {},
		`{"acceptFulfillmentAt":17}`:     {},
		`{"acceptFulfillmentAt":"0001-01-01T00:00:00.000Z"}`:  {AcceptKnown: true},
		`{"acceptFulfillmentAt":"2026-06-01T02:00:00+02:00"}`: {AcceptFulfillmentAt: june, AcceptKnown: true},
	} {
		got := parse(t, `{"header":{"type":"location/updated"},"body":`+body+`}`)
		if diff := cmp.Diff(&want, got.Location); diff != "" {
			t.Errorf("%s: location (-want +got):\n%s", body, diff)
		}
	}
}

func TestParseBoundsTexts(t *testing.T) {
	t.Parallel()
	long, longest := strings.Repeat("x", 257), strings.Repeat("x", 256)
	const header = `{"header":{"organizationId":"org_1","messageId":"m_1","type":"`
	for name, body := range map[string]string{
		"an id of a megabyte":            `delivery_order/created"},"body":{"id":"` + strings.Repeat("x", 1<<20) + `"}}`,
		"an id that is a little long":    `delivery_order/created"},"body":{"id":"` + long + `"}}`,
		"a number of 300 digits":         `delivery_order/created"},"body":{"id":1` + strings.Repeat("0", 300) + `}}`,
		"an id with a line break":        `delivery_order/created"},"body":{"id":"do_1\n"}}`,
		"an id that turns the text":      `delivery_order/created"},"body":{"id":"do_1\u202e"}}`,
		"an id that is half a character": `delivery_order/created"},"body":{"id":"do_\ud800"}}`,
		"an id that is no UTF-8":         `delivery_order/created"},"body":{"id":"do_` + "\xff" + `"}}`,
		"an order id":                    `delivery_order/created"},"body":{"id":"do_1","orderIds":["` + long + `"]}}`,
		"a location id":                  `delivery_order/created"},"body":{"id":"do_1","locationId":"` + long + `"}}`,
		"a line id":                      `delivery_order/created"},"body":{"id":"do_1","lines":[{"id":"` + long + `"}]}}`,
		"an integration id":              `location/fulfillment_service_integration/errored"},"body":{"id":"` + long + `","locationId":"loc_1"}}`,
		"a location":                     `location/updated"},"body":{"id":"\u0007"}}`,
		"a shipment":                     `shipment/created"},"body":{"id":"` + long + `","locationId":"loc_1"}}`,
		"a place of stock":               `stock_reference/updated"},"body":{"locationId":"` + long + `","sku":"MUG"}}`,
	} {
		if e, err := webhook.Parse([]byte(header + body)); !errors.Is(err, webhook.ErrUndecodable) || e == nil {
			t.Errorf("%s: got %v, want ErrUndecodable, and the header", name, err)
		}
	}
	for name, field := range map[string]string{"an organization": "organizationId", "a message": "messageId", "an id of a message": "id"} {
		if e, err := webhook.Parse([]byte(`{"header":{"type":"order/created","` + field + `":"` + long + `"}}`)); !errors.Is(err, webhook.ErrUndecodable) || e != nil {
			t.Errorf("%s: got %v, %v, want ErrUndecodable and nothing", name, e, err)
		}
	}
	got := parse(t, header+`delivery_order/created"},"body":{"id":"`+longest+`","orderNumber":"SO\u001b[31m","collectPointId":"\u0000","priority":"`+long+
		`","status":"PENDING","label":"`+"\xff"+`","lines":[{"id":"Größe\u00a0é","sku":"M\u200bUG","status":"NEW"}]}}`)
	want := &webhook.DeliveryOrder{ID: longest, Status: "PENDING", Lines: []webhook.Line{{ID: "Größe\u00a0é", Status: "NEW"}}}
	if diff := cmp.Diff(want, got.DeliveryOrder); diff != "" {
		t.Errorf("what is no id is left out (-want +got):\n%s", diff)
	}
	for kind, want := range map[string]string{long: longest, `order\u0007`: ""} {
		if got := parse(t, `{"header":{"type":"`+kind+`"}}`); got.Type != want {
			t.Errorf("the type is %q, want %q", got.Type, want)
		}
	}
}

func TestParseTellsNoneFromNotTold(t *testing.T) {
	t.Parallel()
	got := parse(t, `{"header":{"type":"delivery_order/created"},"body":{"lines":[{"quantity":0},{"quantity":0.0,"fulfilledQuantity":"0"},{"quantity":null},{},`+
		`{"quantity":-2,"fulfilledQuantity":-1},{"quantity":"3","fulfilledQuantity":1}]}}`)
	want := []webhook.Line{{Empty: true}, {Empty: true}, {}, {}, {}, {Quantity: 3, Fulfilled: 1}}
	if diff := cmp.Diff(want, got.DeliveryOrder.Lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestParseRefusesWrongShapes(t *testing.T) {
	t.Parallel()
	const secret = "CANARY"
	tests := []struct {
		name, body string
		header     bool // can be read
	}{
		{"nothing", ``, false},
		{"not JSON", secret, false},
		{"a list", `["` + secret + `"]`, false},
		{"a second document behind it", `{"header":{"type":"shipment/created"},"body":{"id":"sh_1"}}{"header":{}}`, false},
		{"rubbish behind it", `{"header":{"type":"shipment/created"},"body":{"id":"sh_1"}} ` + secret, false},
		{"no header", `{"body":{}}`, false},
		{"a header that is a text", `{"header":"` + secret + `"}`, false},
		{"no body", `{"header":{"type":"shipment/created"}}`, true},
		{"a body that is null", `{"header":{"type":"location/updated"},"body":null}`, true},
		{"a body that is a list", `{"header":{"type":"stock_reference/updated"},"body":["` + secret + `"]}`, true},
		{"an id that is an object", `{"header":{"type":"delivery_order/created"},"body":{"id":{"x":"` + secret + `"}}}`, true},
		{"lines that are a text", `{"header":{"type":"delivery_order/created"},"body":{"lines":"` + secret + `"}}`, true},
		{"half a unit", `{"header":{"type":"delivery_order/created"},"body":{"lines":[{"quantity":0.5}]}}`, true},
		{"more units than there are", `{"header":{"type":"stock_reference/updated"},"body":{"usableQuantity":1e300}}`, true},
		{"an activity that is a text", `{"header":{"type":"location/updated"},"body":{"active":"` + secret + `"}}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := webhook.Parse([]byte(tt.body))
			if !errors.Is(err, webhook.ErrUndecodable) || strings.Contains(err.Error(), secret) {
				t.Errorf("got %v, want ErrUndecodable without a word of the body", err)
			}
			if (e != nil) != tt.header {
				t.Errorf("got event %+v, want one: %v", e, tt.header)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range webhook.Samples() {
		body, _ := webhook.Sample(name)
		f.Add(body)
	}
	f.Add([]byte(`{"header":{"type":"delivery_order/` + strings.Repeat("Ⱥ", 120) + `"},"body":{"issuedAt":"9999-12-31T23:59:59-01:00"}}`))
	f.Add([]byte(`{"header":{"type":"location/x"},"body":{"acceptFulfillmentAt":"0000-01-01T00:00:00+01:00"}}`))
	f.Add([]byte(`{"header":{"type":"delivery_order/x","organization":{"id":1}},"body":{"lines":[null]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := webhook.Parse(body)
		switch {
		case err != nil && !errors.Is(err, webhook.ErrUndecodable):
			t.Errorf("got %v, want ErrUndecodable", err)
		case err == nil && e == nil:
			t.Error("got neither an event nor an error")
		case err == nil && e.CheckBounds() != nil:
			t.Errorf("it returns what is out of bounds: %v", e.CheckBounds())
		case err == nil && e.Is("delivery_order/") != (e.DeliveryOrder != nil):
			t.Errorf("type %q, delivery order %v", e.Type, e.DeliveryOrder)
		}
	})
}
