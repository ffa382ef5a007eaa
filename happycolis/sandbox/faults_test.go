package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

const cancelD1 = `mutation{c:deliveryOrderCancel(id:"d1"){state}}`

func TestAnyCodeAnswersAMutationBeforeOrAfterIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		mood   sandbox.Fault
		status int
		path   []any
	}{
		{"at its field", sandbox.Fault{Code: "CONFLICT"}, 200, []any{"c"}},
		{"by a gateway", sandbox.Fault{Code: "GATEWAY_TIMEOUT", Whole: true}, 200, nil},
		{"by a gateway, with a status", sandbox.Fault{Code: "SERVICE_UNAVAILABLE", Status: 503}, 503, nil},
		{"by a status alone", sandbox.Fault{Status: 504}, 504, nil},
	} {
		for applied, want := range map[bool]string{false: "PENDING PENDING", true: "CANCELED CANCELED"} {
			t.Run(fmt.Sprintf("%s, applied %v", c.name, applied), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.pending("d1")
				m := c.mood
				m.Kind, m.Operation, m.Count, m.Applied = sandbox.AnswerCode, "deliveryOrderCancel", 1, applied
				w.AddFault(m)
				r := w.ask(cancelD1)
				if r.status != c.status || r.Data["c"] != nil {
					t.Errorf("answer %d %s, want %d and no data", r.status, r.raw, c.status)
				}
				if m.Code != "" && (r.code() != m.Code || cmp.Diff(c.path, r.Errors[0].Path) != "") {
					t.Errorf("answer %s, want %s at %v", r.raw, m.Code, c.path)
				}
				if got := w.lineStates("d1"); got != want {
					t.Errorf("lines %s, want %s", got, want)
				}
				entries := w.Books().Entries
				if last := entries[len(entries)-1]; last.Operation != "deliveryOrderCancel" || last.Applied != applied {
					t.Errorf("booked %+v, want applied %v", last, applied)
				}
				if r := w.ask(read); r.status != 200 || len(r.Errors) > 0 {
					t.Errorf("the next request = %d %s", r.status, r.raw)
				}
			})
		}
	}
}

func TestAnyCodeAnswersACreate(t *testing.T) {
	t.Parallel()
	for applied, want := range map[bool]int{false: 0, true: 1} {
		w := newWorld(t)
		w.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrderCreate", Code: "BAD_USER_INPUT", Applied: applied})
		r := w.create(lyon)
		if r.code() != "BAD_USER_INPUT" || r.Data["deliveryOrderCreate"] != nil {
			t.Errorf("create = %s", r.raw)
		}
		if n := len(w.Books().DeliveryOrders); n != want {
			t.Errorf("applied %v: %d delivery orders, want %d", applied, n, want)
		}
	}
}

func TestAnErrorOfOneFieldLeavesTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrderOpen", Code: "TIMEOUT", Applied: true})
	r := w.askAs("token", `mutation($id:String!){a:deliveryOrderOpen(id:$id){state} b:deliveryOrderRequestFulfillment(id:$id){state}}`,
		map[string]any{"id": w.created(lyon)})
	if r.Data["a"] != nil || r.state("b") != "success" || r.code() != "TIMEOUT" {
		t.Errorf("answer %s", r.raw)
	}
}

func TestAnyCodeAnswersAQuery(t *testing.T) {
	t.Parallel()
	const nested = `{deliveryOrder(id:"d1"){status orders{fulfillmentData{deliveryOrders{id}}}}}`
	for operation, query := range map[string]string{
		"deliveryOrder": read, "deliveryOrders": `{deliveryOrders(orderId:"o1"){id}}`, "order": `{order(id:"o1"){id}}`,
		"location": `{location(byName:{organizationId:"org-1",name:"paris"}){id}}`, "shipment": `{shipment(shipmentId:"s"){id}}`,
	} {
		w := newWorld(t)
		w.pending("d1")
		w.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: operation, Code: "INSUFFICIENT_SCOPE"})
		if r := w.ask(query); r.status != 200 || r.Data[operation] != nil || r.code() != "INSUFFICIENT_SCOPE" {
			t.Errorf("%s = %s", operation, r.raw)
		}
		if n := len(w.Books().Reads); n != 0 {
			t.Errorf("%s: %d reads in the books of what was not shown", operation, n)
		}
	}
	w := newWorld(t)
	w.pending("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.RefuseNested, Code: "DOWNSTREAM_SERVICE_ERROR"})
	if r := w.ask(nested); r.code() != "DOWNSTREAM_SERVICE_ERROR" || r.Data["deliveryOrder"] == nil || len(r.Errors[0].Path) != 5 {
		t.Errorf("nested = %s", r.raw)
	}
}

func TestAnAnswerThatCannotBeIsNoMood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, body := range []string{
		`{"kind":"answer_code"}`, `{"kind":"answer_code","status":200}`, `{"kind":"answer_code","status":401,"applied":true}`,
	} {
		if status, raw := w.command("POST", "moods", body); status != 400 {
			t.Errorf("%s = %d %s, want 400", body, status, raw)
		}
	}
	w.pending("d1")
	if status, raw := w.command("POST", "moods", `{"kind":"answer_code","status":503,"after":"90s","operation":"deliveryOrder"}`); status != 200 {
		t.Fatalf("%d %s", status, raw)
	}
	if r := w.ask(read); r.status != 503 || r.header.Get("Retry-After") != "90" {
		t.Errorf("read = %d, Retry-After %q; want 503 and 90", r.status, r.header.Get("Retry-After"))
	}
}

func TestAProxyAnswersInThePlaceOfThePlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.FaultHTML, Operation: "deliveryOrderCancel"})
	r := w.ask(cancelD1)
	if r.status != 200 || r.header.Get("Content-Type") != "text/html" || !strings.HasPrefix(r.raw, "<!doctype html>") {
		t.Errorf("answer %d %v %s", r.status, r.header, r.raw)
	}
	if got := w.lineStates("d1"); got != "PENDING PENDING" {
		t.Errorf("lines %s", got)
	}
}

func TestTheTokenEndpointFails(t *testing.T) {
	t.Parallel()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {"secret"}, "organization_id": {org},
	}
	for _, c := range []struct {
		mood   sandbox.Fault
		status int
	}{
		{sandbox.Fault{Kind: sandbox.Fault500}, 500}, {sandbox.Fault{Kind: sandbox.Fault429}, 429}, {sandbox.Fault{Kind: sandbox.FaultHTML}, 200},
		{sandbox.Fault{Kind: sandbox.DropBefore}, 0}, {sandbox.Fault{Kind: sandbox.AnswerCode, Status: 502}, 502},
	} {
		w := newWorld(t)
		ask := func() (int, bool) {
			req, err := http.NewRequest(http.MethodPost, "http://platform/token", strings.NewReader(form.Encode()))
			w.must(err)
			r := w.send(req)
			return r.status, strings.Contains(r.raw, `"access_token"`)
		}
		unnamed := c.mood
		w.AddFault(unnamed)
		if status, token := ask(); status != 200 || !token {
			t.Errorf("%s without an operation: %d, token %v; want the endpoint to work", c.mood.Kind, status, token)
		}
		c.mood.Operation, c.mood.Count = sandbox.TokenEndpoint, 1
		w.AddFault(c.mood)
		if status, token := ask(); status != c.status || token {
			t.Errorf("%s: %d, token %v; want %d without", c.mood.Kind, status, token, c.status)
		}
		if status, token := ask(); status != 200 || !token {
			t.Errorf("after %s: %d, token %v", c.mood.Kind, status, token)
		}
	}
}

func TestTheTokenEndpointTakesItsTime(t *testing.T) {
	t.Parallel()
	p := sandbox.New(sandbox.Options{})
	p.AddFault(sandbox.Fault{Kind: sandbox.Latency, Operation: sandbox.TokenEndpoint, After: 30 * time.Millisecond})
	server := httptest.NewServer(p)
	defer server.Close()
	start := time.Now()
	resp, err := server.Client().Get(server.URL + "/token?grant_type=client_credentials")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if took := time.Since(start); took < 30*time.Millisecond {
		t.Errorf("answered after %v, want 30 ms at least", took)
	}
}

func TestTokensAreRevokedBetweenTwoRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	issue := func() string {
		_, v := w.token("/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {"secret"}, "organization_id": {org}})
		return v["access_token"].(string)
	}
	token, other := issue(), issue()
	w.AddFault(sandbox.Fault{Kind: sandbox.TokensRevoked, Operation: "deliveryOrderCancel", Count: 1})
	if r := w.askAs(token, read, nil); r.status != 200 {
		t.Errorf("a read = %d", r.status)
	}
	if r := w.askAs(token, cancelD1, nil); r.status != 401 || w.lineStates("d1") != "PENDING PENDING" {
		t.Errorf("the cancel = %d, %s; want 401 and nothing done", r.status, w.lineStates("d1"))
	}
	if r := w.askAs(other, read, nil); r.status != 401 {
		t.Errorf("another token = %d, want 401", r.status)
	}
	if r := w.askAs(issue(), cancelD1, nil); r.status != 200 || w.lineStates("d1") != "CANCELED CANCELED" {
		t.Errorf("with a new token = %d, %s", r.status, w.lineStates("d1"))
	}
	w.command("POST", "moods", `{"kind":"tokens_revoked"}`)
	if r := w.ask(read); r.status != 200 {
		t.Errorf("the integration token = %d, want 200", r.status)
	}
	w.ClearFaults()
	token = issue()
	if status, raw := w.command("POST", "revoke-tokens", `{"organization":"org-1"}`); status != 200 {
		t.Errorf("revoking over HTTP = %d %s", status, raw)
	}
	if r := w.askAs(token, read, nil); r.status != 401 {
		t.Errorf("after it a read = %d, want 401", r.status)
	}
}
