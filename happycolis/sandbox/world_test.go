package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

// world is a platform on a clock of its own, with one organization, three locations and one order.
type world struct {
	*sandbox.Platform
	t *testing.T

	mu    sync.Mutex
	now   time.Time
	hooks []hook
	// status is what the receiver answers.
	status int
}

// hook is one webhook as it was received.
type hook struct {
	Header struct {
		OrganizationID, MessageID, WebhookID, Type, Date string
	}
	Body      map[string]any
	raw       []byte
	signature string
}

const (
	org   = "org-1"
	paris = "loc-paris"
	lyon  = "loc-lyon"
	lille = "loc-lille"
)

func newWorld(t *testing.T) *world { return newWorldWith(t, sandbox.Options{}) }

func newWorldWith(t *testing.T, o sandbox.Options) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 5, 17, 14, 0, 0, 0, time.UTC), status: http.StatusOK}
	o.Now = w.clock
	w.Platform = sandbox.New(o)
	w.AddOrganization(sandbox.Organization{ID: org, ClientID: "client", ClientSecret: "secret", IntegrationToken: "token"})
	w.AddOrganization(sandbox.Organization{ID: "org-2", ClientID: "client", ClientSecret: "secret", IntegrationToken: "token-2"})
	w.AddLocation(sandbox.Location{ID: paris, Organization: org, Slug: "paris", Active: true})
	w.AddLocation(sandbox.Location{ID: lyon, Organization: org, Slug: "lyon", Active: true})
	w.AddLocation(sandbox.Location{ID: lille, Organization: org, Slug: "lille", Type: sandbox.Internal, Active: true})
	w.AddOrder(sandbox.Order{ID: "o1", Organization: org, Number: "SO-1", ExternalReference: "shop-1", Lines: []sandbox.OrderLine{
		{ID: "ol1", SKU: "MUG", Quantity: 2}, {ID: "ol2", SKU: "POT", Quantity: 1},
	}})
	w.SubscribeFunc(org, w.receive)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass moves the clock, stopping wherever something is due.
func (w *world) pass(d time.Duration) {
	end := w.clock().Add(d)
	for {
		due, ok := w.NextDue()
		if !ok || due.After(end) {
			break
		}
		w.set(due)
		w.RunDue()
	}
	w.set(end)
}

func (w *world) set(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t.After(w.now) {
		w.now = t
	}
}

func (w *world) receive(body []byte, h http.Header) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == http.StatusOK {
		v := hook{raw: body, signature: h.Get("x-happycolis-webhook-signature")}
		if err := json.Unmarshal(body, &v); err != nil {
			w.t.Errorf("webhook does not decode: %v", err)
		}
		w.hooks = append(w.hooks, v)
	}
	return w.status
}

// heard lists the types of the webhooks received so far, without delivery_order/updated, and
// forgets them.
func (w *world) heard() []string {
	w.pass(0)
	w.mu.Lock()
	defer w.mu.Unlock()
	types := []string{}
	for _, h := range w.hooks {
		if h.Header.Type != "delivery_order/updated" {
			types = append(types, h.Header.Type)
		}
	}
	w.hooks = nil
	return types
}

// pending adds a delivery order that was requested at Paris, quietly.
func (w *world) pending(id string) {
	w.AddSilently(sandbox.DeliveryOrder{
		ID: id, Location: paris, Orders: []string{"o1"}, Status: sandbox.Pending, Events: []string{sandbox.EventRequested},
		Lines: []sandbox.Line{{ID: id + "-1", OrderLine: "ol1", Quantity: 2}, {ID: id + "-2", OrderLine: "ol2", Quantity: 1}},
	})
}

func (w *world) draft(id string) {
	w.AddSilently(sandbox.DeliveryOrder{
		ID: id, Location: paris, Orders: []string{"o1"},
		Lines: []sandbox.Line{{ID: id + "-1", OrderLine: "ol1", Quantity: 2}, {ID: id + "-2", OrderLine: "ol2", Quantity: 1}},
	})
}

// result is an answer to a GraphQL request.
type result struct {
	status int
	header http.Header
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code string }
	}
	raw string
	err error
}

// code is the code of the only error, or what is there instead.
func (r result) code() string {
	if len(r.Errors) != 1 {
		return "not one error: " + r.raw
	}
	return r.Errors[0].Extensions.Code
}

// state is the state of a MutationResult.
func (r result) state(field string) string {
	m, ok := r.Data[field].(map[string]any)
	if !ok {
		return "no result: " + r.raw
	}
	return m["state"].(string)
}

func (w *world) ask(query string) result { return w.askAs("token", query, nil) }

func (w *world) askAs(token, query string, variables map[string]any) result {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, "http://platform/graphql", strings.NewReader(string(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return w.send(req)
}

func (w *world) send(req *http.Request) result {
	w.t.Helper()
	resp, err := w.Transport().RoundTrip(req)
	if err != nil {
		return result{err: err}
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	r := result{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &r)
	return r
}

// The mutations, as the worker may write them.
func (w *world) create(location string) result {
	return w.ask(`mutation{deliveryOrderCreate(input:{orderId:"o1",locationId:"` + location + `",lines:[
		{orderLineId:"ol1",quantity:2},{orderLineId:"ol2",quantity:1}]}){id status orderNumber}}`)
}

func (w *world) created(location string) string {
	w.t.Helper()
	d, ok := w.create(location).Data["deliveryOrderCreate"].(map[string]any)
	if !ok {
		w.t.Fatal("create was refused")
	}
	return d["id"].(string)
}

func (w *world) cancel(id string) string {
	return w.ask(`mutation{deliveryOrderCancel(id:"` + id + `"){state}}`).state("deliveryOrderCancel")
}

func (w *world) open(id string) string {
	return w.ask(`mutation{deliveryOrderOpen(id:"` + id + `"){state}}`).state("deliveryOrderOpen")
}

func (w *world) request(id string) string {
	return w.ask(`mutation{deliveryOrderRequestFulfillment(id:"` + id + `"){state}}`).state("deliveryOrderRequestFulfillment")
}

func (w *world) move(id, to string) string {
	return w.ask(`mutation{deliveryOrderUpdate(input:{id:"` + id + `",locationId:"` + to + `"}){state}}`).state("deliveryOrderUpdate")
}

// look reads a delivery order and its location's integration, as the worker must before it acts.
func (w *world) look(id string) result {
	return w.ask(`{deliveryOrder(id:"` + id + `"){id status location{id integration{id state}} lines{status quantity}}}`)
}

// lookStale reads a delivery order as it was before its last change.
func (w *world) lookStale(id string) result {
	w.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, DeliveryOrder: id, Count: 1})
	return w.look(id)
}

// at is one delivery order in the books.
func (w *world) at(id string) sandbox.DeliveryOrder {
	w.t.Helper()
	d, ok := w.Books().DeliveryOrder(id)
	if !ok {
		w.t.Fatalf("no delivery order %s in the books", id)
	}
	return d
}

// lineStates are the statuses of its lines, in order.
func (w *world) lineStates(id string) string {
	w.t.Helper()
	var states []string
	for _, l := range w.at(id).Lines {
		states = append(states, l.Status)
	}
	return strings.Join(states, " ")
}
