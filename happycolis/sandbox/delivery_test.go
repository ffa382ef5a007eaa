package sandbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

func TestLifeOfADeliveryOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.created(lyon)
	if got := w.at(id); got.Status != sandbox.Draft || got.Number != "SO-1" || w.lineStates(id) != "NEW NEW" {
		t.Errorf("a new delivery order is %+v, want a DRAFT of new lines", got)
	}
	if got := w.request(id); got != "error" {
		t.Errorf("request on a DRAFT = %s, want error", got)
	}
	if got := w.move(id, paris); got != "success" || w.at(id).Location != paris {
		t.Errorf("moving a DRAFT = %s at %s, want success at %s", got, w.at(id).Location, paris)
	}
	if got := w.open(id); got != "success" || w.at(id).Status != sandbox.Pending {
		t.Errorf("open = %s, status %s", got, w.at(id).Status)
	}
	if got := w.move(id, lyon); got != "error" || w.at(id).Location != paris {
		t.Errorf("moving a PENDING one = %s at %s, want error at %s", got, w.at(id).Location, paris)
	}
	if got := w.open(id); got != "error" {
		t.Errorf("opening twice = %s, want error", got)
	}
	if got := w.request(id); got != "success" {
		t.Errorf("request = %s, want success", got)
	}
	if got := w.request(id); got != "error" {
		t.Errorf("requesting twice = %s, want error", got)
	}
	w.pass(sandbox.DefaultAcceptAfter)
	if got := w.at(id); got.Status != sandbox.Pending || w.lineStates(id) != "ACCEPTED ACCEPTED" {
		t.Errorf("after acceptance: %s, %s", got.Status, w.lineStates(id))
	}
	if err := w.WarehouseShip(id); err != nil {
		t.Fatal(err)
	}
	if got := w.at(id); got.Status != sandbox.Completed || got.Shipments != 1 || got.Lines[0].Fulfilled != 2 {
		t.Errorf("after shipping: %+v", got)
	}
	if got := w.cancel(id); got != "error" {
		t.Errorf("cancelling a completed one = %s, want error", got)
	}
	want := []string{
		"delivery_order/created", "delivery_order/pending", "delivery_order/fulfillment_accepted",
		"shipment/created", "delivery_order/completed",
	}
	if diff := cmp.Diff(want, w.heard()); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	wantEvents := []string{sandbox.EventRequested, sandbox.EventAccepted, sandbox.EventCompleted}
	if diff := cmp.Diff(wantEvents, w.at(id).Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestOpenAndRequestInOneDocument(t *testing.T) {
	t.Parallel()
	const both = `mutation($id:String!){a:deliveryOrderOpen(id:$id){state} b:deliveryOrderRequestFulfillment(id:$id){state}}`
	for _, c := range []struct {
		name, mood, a, b string
	}{
		{name: "works by default", a: "success", b: "success"},
		{name: "is refused where the request still sees a DRAFT", mood: sandbox.RefuseRequestOnDraft, a: "success", b: "error"},
		{name: "is refused where a document may hold one mutation", mood: sandbox.RefuseSecondMutation, a: "success"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if c.mood != "" {
				w.AddFault(sandbox.Fault{Kind: c.mood})
			}
			r := w.askAs("token", both, map[string]any{"id": w.created(lyon)})
			if r.state("a") != c.a {
				t.Errorf("open = %s, want %s", r.state("a"), c.a)
			}
			if c.b == "" && (r.Data["b"] != nil || r.code() != "BAD_REQUEST") {
				t.Errorf("second mutation = %s, want null and an error", r.raw)
			}
			if c.b != "" && r.state("b") != c.b {
				t.Errorf("request = %s, want %s", r.state("b"), c.b)
			}
		})
	}
	t.Run("is not needed where a request opens a DRAFT", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.AddFault(sandbox.Fault{Kind: sandbox.RequestOnDraft})
		if id := w.created(lyon); w.request(id) != "success" || w.at(id).Status != sandbox.Pending {
			t.Errorf("request on a DRAFT left %+v", w.at(id))
		}
	})
}

func TestCreateIsChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ input, want string }{
		"an unknown order":            {`orderId:"nope",locationId:"loc-lyon",lines:[{orderLineId:"ol1",quantity:1}]`, "NOT_FOUND"},
		"an unknown location":         {`orderId:"o1",locationId:"nope",lines:[{orderLineId:"ol1",quantity:1}]`, "NOT_FOUND"},
		"a foreign order line":        {`orderId:"o1",locationId:"loc-lyon",lines:[{orderLineId:"x",quantity:1}]`, "BAD_REQUEST"},
		"a quantity of zero":          {`orderId:"o1",locationId:"loc-lyon",lines:[{orderLineId:"ol1",quantity:0}]`, "BAD_REQUEST"},
		"no lines":                    {`orderId:"o1",locationId:"loc-lyon",lines:[]`, "BAD_REQUEST"},
		"no location":                 {`orderId:"o1",lines:[{orderLineId:"ol1",quantity:1}]`, "BAD_REQUEST"},
		"the same order line, double": {`orderId:"o1",locationId:"loc-lyon",lines:[{orderLineId:"ol1",quantity:1},{orderLineId:"ol1",quantity:1}]`, "BAD_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.ask(`mutation{deliveryOrderCreate(input:{` + c.input + `}){id}}`)
			if r.status != 200 || r.code() != c.want {
				t.Errorf("create = %d %s, want 200 and %s", r.status, r.raw, c.want)
			}
			if n := len(w.Books().DeliveryOrders); n != 0 {
				t.Errorf("%d delivery orders after a refusal, want none", n)
			}
		})
	}
}

func TestARequestNeedsALocationAndAnOrderThatGoOn(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*world){
		"an inactive location": func(w *world) { w.SetActive("lyon", false) },
		"an order on hold":     func(w *world) { w.HoldOrder("o1") },
		"a completed order":    func(w *world) { w.SetOrderState("o1", sandbox.Completed) },
		"a location that accepts later": func(w *world) {
			w.AddLocation(sandbox.Location{ID: lyon, Organization: org, Slug: "lyon", Active: true, AcceptFulfillmentAt: w.clock().Add(time.Hour)})
		},
	} {
		t.Run("refused at "+name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.created(lyon)
			if err := w.PersonOpen(id); err != nil {
				t.Fatal(err)
			}
			stop(w)
			if got := w.request(id); got != "error" {
				t.Errorf("request = %s, want error", got)
			}
		})
	}
}

func TestABrokenLocationStaysSilentUntilItRecovers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.created(lyon)
	w.Break("lyon")
	w.open(id)
	if got := w.request(id); got != "success" {
		t.Fatalf("request at a broken location = %s, want success", got)
	}
	w.pass(time.Hour)
	if got := w.lineStates(id); got != "PENDING PENDING" {
		t.Errorf("lines while broken = %s, want PENDING", got)
	}
	w.Recover("lyon", true)
	w.pass(time.Minute)
	if got := w.lineStates(id); got != "ACCEPTED ACCEPTED" {
		t.Errorf("lines after the recovery = %s, want ACCEPTED", got)
	}
	heard := w.heard()
	for _, kind := range []string{"errored", "accepted"} {
		if !slices.Contains(heard, "location/fulfillment_service_integration/"+kind) {
			t.Errorf("webhooks %v lack the integration's %s", heard, kind)
		}
	}
}

func TestOtherHands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.draft("d1")
	if err := w.PersonMove("d1", "lille"); err != nil || w.at("d1").Location != lille {
		t.Errorf("move: %v, at %s", err, w.at("d1").Location)
	}
	if err := w.PersonEdit("d1", 1); err != nil || w.at("d1").Lines[0].Quantity != 1 {
		t.Errorf("edit: %v, %+v", err, w.at("d1").Lines)
	}
	if err := w.ResumeOrder("o1"); err != nil || w.at("d1").Status != sandbox.Pending || len(w.at("d1").Events) != 1 {
		t.Errorf("resume: %v, %+v", err, w.at("d1"))
	}
	if err := w.WarehouseStart("d1"); err != nil || w.at("d1").Status != sandbox.Opened {
		t.Errorf("start: %v, %s", err, w.at("d1").Status)
	}
	if err := w.PersonCancel("d1"); err == nil {
		t.Error("a person cancelled what is being picked")
	}
	if got := w.cancel("d1"); got != "error" {
		t.Errorf("API cancel of what is being picked = %s, want error", got)
	}
	for _, e := range w.Books().Entries {
		if e.DeliveryOrder == "d1" && e.Operation == "deliveryOrderUpdate" && e.Actor != "person" {
			t.Errorf("entry %+v, want actor person", e)
		}
	}
}

func TestADraftIsEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.created(lyon)
	before := w.at(id).Lines[0].ID
	r := w.ask(`mutation{deliveryOrderUpdate(input:{id:"` + id + `",priority:HIGH,lines:[{orderLineId:"ol1",quantity:1}]}){state}}`)
	if r.state("deliveryOrderUpdate") != "success" {
		t.Fatalf("update = %s", r.raw)
	}
	d := w.at(id)
	if d.Priority != "HIGH" || len(d.Lines) != 1 || d.Lines[0].Quantity != 1 || d.Lines[0].ID != before || d.Location != lyon {
		t.Errorf("after the update: %+v", d)
	}
	if r := w.ask(`mutation{deliveryOrderUpdate(input:{id:"` + id + `",lines:[{orderLineId:"x",quantity:1}]}){state}}`); r.code() != "BAD_REQUEST" {
		t.Errorf("update with a foreign order line = %s", r.raw)
	}
	if r := w.ask(`mutation{deliveryOrderUpdate(input:{locationId:"loc-lyon"}){state}}`); r.code() != "BAD_REQUEST" {
		t.Errorf("update without an id = %s", r.raw)
	}
	if got := w.move(id, "nowhere"); got != "error" {
		t.Errorf("moving to an unknown location = %s, want error", got)
	}
}
