package happycolis

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// date is the Date header of answers that tell one, asked our own clock's time.
var (
	date   = noon.Add(-time.Minute)
	dated  = map[string]string{"Date": date.Format(http.TimeFormat)}
	atNoon = func(o *Options) { o.Now = func() time.Time { return noon } }
	read   = Read{SentAt: noon, Date: date}
)

func told(data string) cannedAnswer {
	return cannedAnswer{header: dated, body: `{"data":` + data + `}`}
}

const flat = `"id":"do_1","orderNumber":"N1","status":"TELEPORTED","type":"WAREHOUSE","priority":"HIGH",
	"location":{"id":"loc_1","name":"paris"},"deliveryAddress":{"country":"FR"},
	"lines":[{"id":"l_1","sku":"MUG","quantity":3,"fulfilledQuantity":null,"status":"BEAMED"}],
	"fulfillmentData":{"events":[{"type":"CANCELED","level":"NORMAL","date":"2026-05-18T06:40:12.377Z"},{"type":"ODD","level":null,"date":"soon"}]},
	"orders":[{"id":"o_1"}]`

func flatOrder() DeliveryOrder {
	return DeliveryOrder{
		Read: read, ID: "do_1", OrderNumber: "N1", Status: "TELEPORTED", Priority: "HIGH", Country: "FR",
		Location: Location{Read: read, ID: "loc_1", Slug: "paris"},
		Lines:    []Line{{ID: "l_1", SKU: "MUG", Status: "BEAMED", Quantity: 3}},
		Events: []Event{
			{Type: "CANCELED", Date: time.Date(2026, 5, 18, 6, 40, 12, 377e6, time.UTC)},
			{Type: "ODD"},
		},
		Orders: []Order{{Read: read, ID: "o_1"}},
	}
}

func TestQueriesReadWhatIsThere(t *testing.T) {
	t.Parallel()
	shipped, listed := flatOrder(), flatOrder()
	shipped.Shipments = []Shipment{{ID: "s_1", State: "DRAFT"}}
	listed.ShipmentsUnknown = true
	location := &Location{
		Read: read, ID: "loc_1", Slug: "paris", Type: "WAREHOUSE", Active: true,
		Integration:      &Integration{ID: "int_1", State: "ERROR"},
		AllowedCountries: []string{"FR"}, ExcludedCountries: []string{},
	}
	const place = `{"location":{"id":"loc_1","name":"paris","locationType":"WAREHOUSE","country":"FR","active":true,
		"fulfillmentConfig":{"allowedCountries":["FR"],"excludedCountries":[]},
		"integration":{"id":"int_1","state":"ERROR","fulfillmentService":{"id":"svc_1"}}}}`
	order := &Order{Read: read, ID: "o_1", State: "OPENED", DispatchingType: "MANUAL", Lines: []OrderLine{{ID: "ol_1", SKU: "MUG", Quantity: 3}}}
	const parent = `{"order":{"id":"o_1","state":"OPENED","dispatchingType":"MANUAL","lines":[{"id":"ol_1","sku":"MUG","quantity":3}]}}`

	tests := []struct {
		name      string
		say       string
		ask       func(*Account) (any, error)
		operation string
		variables map[string]any
		want      any
	}{
		{"a delivery order", `{"deliveryOrder":{` + flat + `,"shipments":[{"id":"s_1","state":"DRAFT"}]}}`,
			func(a *Account) (any, error) { return a.DeliveryOrder(t.Context(), "do_1") },
			"deliveryOrder", map[string]any{"id": "do_1"}, &shipped},
		{"the delivery orders of an order", `{"deliveryOrders":[{` + flat + `}]}`,
			func(a *Account) (any, error) { return a.DeliveryOrders(t.Context(), "o_1") },
			"deliveryOrders", map[string]any{"orderId": "o_1"}, []DeliveryOrder{listed}},
		{"an order", parent,
			func(a *Account) (any, error) { return a.Order(t.Context(), "o_1") },
			"order", map[string]any{"id": "o_1"}, order},
		{"an order by the shop's reference", parent,
			func(a *Account) (any, error) { return a.OrderByReference(t.Context(), "app", "#7") },
			"orderByReference", map[string]any{"reference": map[string]any{"tpAppId": "app", "externalReference": "#7"}}, order},
		{"a location", place,
			func(a *Account) (any, error) { return a.Location(t.Context(), "loc_1") },
			"location", map[string]any{"id": "loc_1"}, location},
		{"a location by its slug", place,
			func(a *Account) (any, error) { return a.LocationBySlug(t.Context(), "paris") },
			"locationBySlug", map[string]any{"name": map[string]any{"organizationId": "org_1", "name": "paris"}}, location},
		{"a shipment's delivery order", `{"shipment":{"deliveryOrder":{"id":"do_1"}}}`,
			func(a *Account) (any, error) { return a.ShipmentDeliveryOrder(t.Context(), "s_1") },
			"shipmentDeliveryOrder", map[string]any{"id": "s_1"}, "do_1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, always(told(tt.say)))
			got, err := tt.ask(p.account(atNoon))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]recordedRequest{{tt.operation, tt.variables, "Bearer token-1"}}, p.log); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMissingThingsAreNotFound(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Kind{
		`{"order":null}`:                         KindNotFound,
		`{"location":null}`:                      KindNotFound,
		`{"shipment":null}`:                      KindNotFound,
		`{"shipment":{"deliveryOrder":null}}`:    KindResponse,
		`{"deliveryOrders":null}`:                KindResponse,
		`{"deliveryOrders":[{"id":"do_1"}]}`:     KindResponse,
		`{"order":{"id":"o_1","lines":null}}`:    KindResponse,
		`{"location":{"id":null,"name":"lyon"}}`: KindResponse,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, always(ok(name))).account()
			var err error
			switch name[2:7] {
			case "order":
				_, err = a.Order(t.Context(), "x")
			case "locat":
				_, err = a.Location(t.Context(), "x")
			case "shipm":
				_, err = a.ShipmentDeliveryOrder(t.Context(), "x")
			default:
				_, err = a.DeliveryOrders(t.Context(), "x")
			}
			if got := KindOf(err); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestAQuantityThatCannotBeSummedIsUnknown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Line{
		`"quantity":3,"fulfilledQuantity":1`:       {Quantity: 3, Fulfilled: 1},
		`"quantity":3.0,"fulfilledQuantity":"1.0"`: {Quantity: 3, Fulfilled: 1},
		`"quantity":3,"fulfilledQuantity":null`:    {Quantity: 3},
		`"quantity":0`:                             {},
		`"quantity":null`:                          {QuantityUnknown: true},
		`"sku":""`:                                 {QuantityUnknown: true},
		`"quantity":-2`:                            {Quantity: -2, QuantityUnknown: true},
		`"quantity":3,"fulfilledQuantity":-1`:      {Quantity: 3, Fulfilled: -1, QuantityUnknown: true},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			lines := `"lines":[{` + text + `}]`
			p := start(t, func(operation string, _ int) cannedAnswer {
				if operation == "order" {
					return ok(`{"order":{"id":"o_1",` + lines + `}}`)
				}
				return ok(`{"deliveryOrder":{"id":"do_1",` + lines + `}}`)
			})
			d, err := p.account().DeliveryOrder(t.Context(), "do_1")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Line{want}, d.Lines); diff != "" {
				t.Errorf("delivery order (-want +got):\n%s", diff)
			}
			o, err := p.account().Order(t.Context(), "o_1")
			if err != nil {
				t.Fatal(err)
			}
			ordered := OrderLine{Quantity: want.Quantity, QuantityUnknown: want.QuantityUnknown && want.Fulfilled >= 0}
			if diff := cmp.Diff([]OrderLine{ordered}, o.Lines); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}
