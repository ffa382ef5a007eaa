package sandbox_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

func TestOnlyWhatIsSelectedComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	r := w.ask(`{deliveryOrder(id:"d1"){status location{name}}}`)
	want := map[string]any{"deliveryOrder": map[string]any{"status": "PENDING", "location": map[string]any{"name": "paris"}}}
	if diff := cmp.Diff(want, r.Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

func TestEveryFieldResolves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	if err := w.WarehouseStart("d1"); err != nil {
		t.Fatal(err)
	}
	if err := w.WarehouseShip("d1"); err != nil {
		t.Fatal(err)
	}
	const place = `{id name title description locationType active socialReason address addressComplement zipCode city country
		phone email fulfillmentConfig{allowedCountries excludedCountries preparationDelay inventoryPolicy}
		integration{id state fulfillmentService{id name}}}`
	r := w.ask(`{
		deliveryOrder(id:"d1"){id orderNumber invoiceNumber status type priority total currency location` + place + `
			deliveryAddress{fullname address city zipcode country} lines{id sku label quantity fulfilledQuantity status}
			orders{id fulfillmentData{deliveryOrders{id}}} fulfillmentData{events{type level message date}}
			shipments{id reference tracking trackingUrl carrierName state lastEvent details{sku quantity} location{id} deliveryOrder{id}}}
		deliveryOrders(orderId:"o1"){id}
		order(byExternalReference:{externalReference:"shop-1",tpAppId:"app"}){id externalReference invoiceNumber state type
			dispatchingType priority inventoryPolicy total totalTaxInclusive currency locked
			deliveryContact{fullname email address city zipcode country phone}
			lines{id sku label quantity fulfilledQuantity status} fulfillmentData{deliveryOrders{id}}}
		location(byName:{organizationId:"org-1",name:"lyon"}){id}
	}`)
	if r.status != 200 || len(r.Errors) > 0 {
		t.Fatalf("answer %d %s", r.status, r.raw)
	}
	for field, v := range r.Data {
		if v == nil {
			t.Errorf("%s is null", field)
		}
	}
}

func TestRefusalsOfGraphQL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, token, query string
		status             int
		code               string
	}{
		{"an unknown field", "token", `{deliveryOrder(id:"d1"){orderLineId}}`, 400, ""},
		{"a syntax error", "token", `{deliveryOrder(id:`, 400, ""},
		{"a missing argument", "token", `{deliveryOrder{id}}`, 400, ""},
		{"no such operation", "token", ``, 400, ""},
		{"no token", "nonsense", `{deliveryOrder(id:"d1"){id}}`, 401, ""},
		{"an unknown id", "token", `{deliveryOrder(id:"d9"){id}}`, 200, "NOT_FOUND"},
		{"another organization's delivery order", "token-2", `{deliveryOrder(id:"d1"){id}}`, 200, "NOT_FOUND"},
		{"another organization's order", "token-2", `{deliveryOrders(orderId:"o1"){id}}`, 200, "NOT_FOUND"},
		{"another organization's location", "token-2", `{location(id:"loc-paris"){id}}`, 200, "NOT_FOUND"},
		{"a change of another organization's", "token-2", `mutation{deliveryOrderCancel(id:"d1"){state}}`, 200, "NOT_FOUND"},
		{"both arguments", "token", `{order(id:"o1",byExternalReference:{externalReference:"x",tpAppId:"y"}){id}}`, 200, "BAD_REQUEST"},
		{"a scope that is missing", "token", `mutation{orderHold(id:"o1"){id}}`, 200, "FORBIDDEN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pending("d1")
			w.SetScopes(org, "view_delivery_orders", "edit_delivery_orders", "view_orders", "view_locations")
			r := w.askAs(c.token, c.query, nil)
			if r.status != c.status {
				t.Errorf("status = %d, want %d: %s", r.status, c.status, r.raw)
			}
			if c.code != "" && r.code() != c.code {
				t.Errorf("code = %s, want %s", r.code(), c.code)
			}
			if !strings.Contains(r.raw, sandbox.CanaryText) && c.status != 400 {
				t.Errorf("the free text carries no canary: %s", r.raw)
			}
		})
	}
}

func TestNestedReadsCanBeRefused(t *testing.T) {
	t.Parallel()
	const nested = `{deliveryOrder(id:"d1"){id orders{id fulfillmentData{deliveryOrders{id}}}}}`
	for _, c := range []struct {
		name  string
		whole bool
	}{{"with null below", false}, {"with no answer at all", true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pending("d1")
			w.AddFault(sandbox.Fault{Kind: sandbox.RefuseNested, Whole: c.whole})
			r := w.ask(nested)
			if r.code() != "INTERNAL_SERVER_ERROR" || (r.Data["deliveryOrder"] == nil) != c.whole {
				t.Errorf("nested read = %s", r.raw)
			}
			if r := w.ask(`{deliveryOrders(orderId:"o1"){id}}`); len(r.Errors) > 0 {
				t.Errorf("the same by a read of its own = %s", r.raw)
			}
		})
	}
}

func TestAStaleReadComesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.cancel("d1")
	w.Break("paris")
	w.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: "d1", Count: 1})
	w.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, Location: "paris", Count: 1})
	status := func() string {
		d := w.ask(`{deliveryOrder(id:"d1"){status}}`).Data["deliveryOrder"].(map[string]any)
		l := w.ask(`{location(id:"loc-paris"){integration{state}}}`).Data["location"].(map[string]any)
		return d["status"].(string) + " " + l["integration"].(map[string]any)["state"].(string)
	}
	if got := status(); got != "PENDING ACTIVE" {
		t.Errorf("stale read = %s, want the state before", got)
	}
	if got := status(); got != "COMPLETED ERROR" {
		t.Errorf("later read = %s, want COMPLETED ERROR", got)
	}
}

func TestOrderMutations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.created(lyon)
	held := w.ask(`mutation{orderHold(id:"o1"){type state}}`)
	if held.state("orderHold") != "PENDING" {
		t.Fatalf("hold = %s", held.raw)
	}
	w.pass(0)
	if got := w.open(id); got != "error" {
		t.Errorf("opening on hold = %s, want error", got)
	}
	w.ask(`mutation{orderResume(id:"o1"){state}}`)
	w.pass(0)
	if got := w.at(id); got.Status != sandbox.Pending || len(got.Events) != 1 {
		t.Errorf("after the resume: %+v, want it requested", got)
	}
	w.ask(`mutation{orderCancel(id:"o1"){state}}`)
	w.pass(0)
	if got := w.Books().Orders[0].State; got != sandbox.Completed {
		t.Errorf("order after its cancel = %s, want COMPLETED", got)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	p := sandbox.New(sandbox.Options{RatePerMinute: -1, RatePerSecond: -1})
	m := sandbox.Seed(p, sandbox.SeedOptions{Organization: org, Orders: 50, Seed: 1})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go p.Run(ctx)
	w := &world{Platform: p, t: t}
	p.Break(sandbox.Paris)
	var all sync.WaitGroup
	for _, id := range m.InFlight {
		all.Go(func() {
			r := w.askAs("token-"+org, `query($id:String!){a:deliveryOrder(id:$id){id location{integration{state}}
				orders{fulfillmentData{deliveryOrders{id lines{status}}}}} b:deliveryOrder(id:$id){status}}`, map[string]any{"id": id})
			if r.status != 200 || len(r.Errors) > 0 {
				t.Errorf("read = %d %s", r.status, r.raw)
			}
			w.askAs("token-"+org, `mutation($id:String!){deliveryOrderCancel(id:$id){state}}`, map[string]any{"id": id})
		})
	}
	all.Wait()
	if got := p.Books().Requests["deliveryOrderCancel"]; got != len(m.InFlight) {
		t.Errorf("%d cancels counted, want %d", got, len(m.InFlight))
	}
}

func TestOtherMutationsAndReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.created(lyon)
	w.SetOrderState("o1", sandbox.Draft)
	w.ask(`mutation{orderOpen(id:"o1"){state}}`)
	w.ask(`mutation{orderRequestFulfillment(id:"o1"){state}}`)
	w.pass(0)
	if got := w.at(id); got.Status != sandbox.Pending || len(got.Events) != 1 {
		t.Errorf("after the request of the order: %+v", got)
	}
	for _, field := range []string{"orderOpenLines", "orderRequestFulfillmentLines"} {
		if r := w.ask(`mutation{` + field + `(input:{orderId:"o1",lineIds:["ol1"]}){state}}`); r.state(field) != "REJECTED" {
			t.Errorf("%s = %s, want REJECTED", field, r.raw)
		}
	}
	if r := w.ask(`mutation{integrationWebhookCreate(input:{endPoint:"http://x",headers:{a:"b"}}){id type health endPoint}}`); r.Data["integrationWebhookCreate"] == nil {
		t.Errorf("integrationWebhookCreate = %s", r.raw)
	}
	if err := w.WarehouseShip(id); err != nil {
		t.Fatal(err)
	}
	w.pass(0)
	i := slices.IndexFunc(w.hooks, func(h hook) bool { return h.Header.Type == "shipment/created" })
	if i < 0 {
		t.Fatal("no shipment was announced")
	}
	r := w.askAs("token", `query($id:String!){shipment(shipmentId:$id){deliveryOrder{id}}}`, map[string]any{"id": w.hooks[i].Body["id"]})
	if !strings.Contains(r.raw, id) {
		t.Errorf("shipment = %s, want its delivery order %s", r.raw, id)
	}
	if r := w.ask(`{shipment(shipmentId:"nope"){id}}`); r.code() != "NOT_FOUND" {
		t.Errorf("unknown shipment = %s", r.raw)
	}
}

func TestWhatVanishedIsNotFound(t *testing.T) {
	t.Parallel()
	const one, list, order = `{deliveryOrder(id:"d1"){id}}`, `{deliveryOrders(orderId:"o1"){id}}`, `{order(id:"o1"){id}}`
	w := newWorld(t)
	w.pending("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "d1"})
	if r := w.ask(one); r.code() != "NOT_FOUND" {
		t.Errorf("the delivery order = %s", r.raw)
	}
	if r := w.ask(list); r.raw != `{"data":{"deliveryOrders":[]}}` {
		t.Errorf("those of its order = %s", r.raw)
	}
	if r := w.ask(order); len(r.Errors) != 0 {
		t.Errorf("its order = %s", r.raw)
	}
	if r := w.ask(`mutation{deliveryOrderCancel(id:"d1"){state}}`); r.code() != "NOT_FOUND" {
		t.Errorf("its cancel = %s", r.raw)
	}
	w.AddFault(sandbox.Fault{Kind: sandbox.Vanished, Order: "o1"})
	for _, query := range []string{one, list, order} {
		if r := w.ask(query); r.code() != "NOT_FOUND" {
			t.Errorf("%s = %s", query, r.raw)
		}
	}
}

func TestFaultsSeeThroughFragments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: "deliveryOrder", DeliveryOrder: "d1"})
	for _, query := range []string{
		`{...f} fragment f on Query{deliveryOrder(id:"d1"){id}}`,
		`{...on Query{x:deliveryOrder(id:"d1"){id}}}`,
	} {
		if r := w.ask(query); r.status != 500 {
			t.Errorf("%s = %d, want 500", query, r.status)
		}
	}
}

func TestTheSchemaIsToldUnlessThePlatformIsMoody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const look = `{__schema{queryType{name}}}`
	if r := w.ask(look); r.status != 200 || !strings.Contains(r.raw, `"queryType":{"name":"Query"}`) {
		t.Errorf("the schema: got %d %s", r.status, r.raw)
	}
	w.AddFault(sandbox.Fault{Kind: sandbox.RefuseIntrospection})
	if r := w.ask(look); r.status != 400 || !strings.Contains(r.raw, "GRAPHQL_VALIDATION_FAILED") {
		t.Errorf("in its mood: got %d %s", r.status, r.raw)
	}
}
