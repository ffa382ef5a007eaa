package happycolis_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
)

// named is a map of a JSON document with a name.
type named = map[string]any

// otherSchema is a platform whose schema change may alter as it tells it.
type otherSchema struct {
	next   http.RoundTripper
	change func(types map[string]named)
}

func (o otherSchema) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := o.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	var told struct {
		Data struct {
			Schema struct {
				Query    named   `json:"queryType"`
				Mutation named   `json:"mutationType"`
				Types    []named `json:"types"`
			} `json:"__schema"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &told) == nil && len(told.Data.Schema.Types) > 0 {
		types := map[string]named{}
		for _, t := range told.Data.Schema.Types {
			types[t["name"].(string)] = t
		}
		o.change(types)
		if body, err = json.Marshal(told); err != nil {
			return nil, err
		}
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return res, nil
}

// without removes the part of that name from a type's list of fields, inputs or values.
func without(t named, list, name string) {
	var kept []any
	for _, f := range t[list].([]any) {
		if f.(named)["name"] != name {
			kept = append(kept, f)
		}
	}
	t[list] = kept
}

func with(t named, list, part string) {
	var f any
	if err := json.Unmarshal([]byte(part), &f); err != nil {
		panic(err)
	}
	t[list] = append(t[list].([]any), f)
}

func liveSchema(t *testing.T, change func(map[string]named)) *happycolis.LiveSchema {
	t.Helper()
	p := sandbox.New(sandbox.Options{})
	p.AddOrganization(sandbox.Organization{ID: "org_1", ClientID: "app", ClientSecret: "s"})
	client := happycolis.New(happycolis.Options{GraphQLURL: "http://p.test/graphql", TokenURL: "http://p.test/token",
		Transport: otherSchema{p.Transport(), change}})
	account := client.Account(happycolis.Credentials{Organization: "org_1", ClientID: "app", ClientSecret: "s"}, happycolis.ClassBackground)
	live, err := account.LiveSchema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return live
}

func TestWhatTheLiveSchemaLacks(t *testing.T) {
	t.Parallel()
	everyRead := []string{"deliveryOrder", "deliveryOrderWithoutShipments", "handover", "handoverWithoutShipments"}
	for _, c := range []struct {
		name   string
		change func(map[string]named)
		want   []happycolis.SchemaGap
		stops  bool
	}{
		{"nothing", func(map[string]named) {}, nil, false},
		{"a field that is only tried", func(types map[string]named) { without(types["DeliveryOrder"], "fields", "shipments") },
			[]happycolis.SchemaGap{{What: "DeliveryOrder.shipments", Operations: []string{"deliveryOrder", "handover"}}}, false},
		{"a field that every read needs", func(types map[string]named) { without(types["DeliveryOrder"], "fields", "orderNumber") },
			[]happycolis.SchemaGap{{What: "DeliveryOrder.orderNumber", Operations: []string{"deliveryOrder", "deliveryOrderCreate", "deliveryOrderWithoutShipments", "deliveryOrders", "handover", "handoverWithoutShipments"}}}, true},
		{"a mutation", func(types map[string]named) { without(types["Mutation"], "fields", "deliveryOrderCancel") },
			[]happycolis.SchemaGap{{What: "Mutation.deliveryOrderCancel", Operations: []string{"deliveryOrderCancel"}}}, true},
		{"a field of an input", func(types map[string]named) { without(types["DeliveryOrderInput"], "inputFields", "priority") },
			[]happycolis.SchemaGap{{What: "DeliveryOrderInput.priority", Operations: []string{"deliveryOrderCreate", "deliveryOrderUpdate"}}}, true},
		{"an input field that it demands", func(types map[string]named) {
			with(types["DeliveryOrderLineInput"], "inputFields", `{"name":"lot","type":{"kind":"NON_NULL","ofType":{"kind":"SCALAR","name":"String"}}}`)
		}, []happycolis.SchemaGap{{What: "DeliveryOrderLineInput.lot, which it demands", Operations: []string{"deliveryOrderCreate", "deliveryOrderUpdate"}}}, true},
		{"an argument of another name", func(types map[string]named) {
			without(types["Query"], "fields", "deliveryOrder")
			with(types["Query"], "fields", `{"name":"deliveryOrder","type":{"kind":"OBJECT","name":"DeliveryOrder"},"args":[
				{"name":"key","type":{"kind":"NON_NULL","ofType":{"kind":"SCALAR","name":"String"}}}]}`)
		}, []happycolis.SchemaGap{
			{What: "Query.deliveryOrder(id:)", Operations: everyRead}, {What: "Query.deliveryOrder(key:), which it demands", Operations: everyRead},
		}, true},
		{"an argument of another type", func(types map[string]named) {
			without(types["Query"], "fields", "deliveryOrder")
			with(types["Query"], "fields", `{"name":"deliveryOrder","type":{"kind":"OBJECT","name":"DeliveryOrder"},"args":[
				{"name":"id","type":{"kind":"NON_NULL","ofType":{"kind":"SCALAR","name":"ID"}}}]}`)
		}, []happycolis.SchemaGap{{What: "Query.deliveryOrder(id:) takes ID, we send String", Operations: everyRead}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := liveSchema(t, c.change).Gaps()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			stops := false
			for _, l := range got {
				stops = stops || l.BreaksHandover()
			}
			if stops != c.stops {
				t.Errorf("stops: got %t, want %t", stops, c.stops)
			}
		})
	}
}

func TestWhatTheLiveSchemaAnswers(t *testing.T) {
	t.Parallel()
	live := liveSchema(t, func(types map[string]named) {
		with(types["DeliveryOrderLine"], "fields", `{"name":"orderLineId","args":[],"type":{"kind":"SCALAR","name":"ID"}}`)
		with(types["Order"], "fields", `{"name":"onHold","args":[],"type":{"kind":"SCALAR","name":"Boolean"}}`)
		with(types["DeliveryOrderStatusEnum"], "enumValues", `{"name":"CANCELED"}`)
		with(types["LocationType"], "fields", `{"name":"acceptFulfillmentAt","args":[],"type":{"kind":"SCALAR","name":"DateTime"}}`)
		with(types["Query"], "fields", `{"name":"searchDeliveryOrders","type":{"kind":"OBJECT","name":"OrderFulfillmentData"},"args":[
			{"name":"locationId","type":{"kind":"SCALAR","name":"String"}},{"name":"after","type":{"kind":"SCALAR","name":"String"}}]}`)
	})
	got := map[string]string{}
	for _, q := range live.Questions() {
		got[q.Asked] = q.Answer
	}
	want := map[string]string{
		"a query that lists delivery orders by location": "searchDeliveryOrders(locationId, after)",
		"the order line on a delivery order's line":      "DeliveryOrderLine.orderLineId",
		"an order on hold":              "Order.onHold",
		"shipments on a delivery order": "DeliveryOrder.shipments",
		"a cancelled status":            "DeliveryOrderStatusEnum.CANCELED",
		"when a location begins to take orders (acceptFulfillmentAt)": "LocationType.acceptFulfillmentAt",
		"mutations that register webhooks":                            "Mutation.integrationWebhookCreate",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	words, err := live.NewWords()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"DeliveryOrderStatusEnum.CANCELED"}, words); diff != "" {
		t.Errorf("new words (-want +got):\n%s", diff)
	}
}

func TestARefusedLookAtTheSchemaIsAnErrorOfItsKind(t *testing.T) {
	t.Parallel()
	p := sandbox.New(sandbox.Options{})
	p.AddOrganization(sandbox.Organization{ID: "org_1", ClientID: "app", ClientSecret: "s"})
	p.AddFault(sandbox.Fault{Kind: sandbox.RefuseIntrospection})
	client := happycolis.New(happycolis.Options{GraphQLURL: "http://p.test/graphql", TokenURL: "http://p.test/token", Transport: p.Transport()})
	account := client.Account(happycolis.Credentials{Organization: "org_1", ClientID: "app", ClientSecret: "s"}, happycolis.ClassBackground)
	if _, err := account.LiveSchema(t.Context()); happycolis.KindOf(err) != happycolis.KindInvalid {
		t.Errorf("got %v, want invalid", err)
	}
}
