package happycolis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestEveryAnswerHasItsKind(t *testing.T) {
	t.Parallel()
	const order = "deliveryOrder"
	tests := []struct {
		name        string
		say         cannedAnswer
		mutation    bool
		want        Kind
		code        string
		notExecuted bool
	}{
		{name: "HTTP 500", say: cannedAnswer{status: 500, body: canary}, want: KindServer},
		{name: "HTTP 503 to a mutation", say: cannedAnswer{status: 503}, mutation: true, want: KindServer},
		{name: "HTTP 408 says nothing about the outcome", say: cannedAnswer{status: 408}, mutation: true, want: KindServer},
		{name: "HTTP 429", say: cannedAnswer{status: 429, body: `{"statusCode":429,"message":"` + canary + `"}`}, want: KindThrottled, notExecuted: true},
		{name: "HTTP 401, also with a new token", say: cannedAnswer{status: 401, body: canary}, want: KindUnauthorized, notExecuted: true},
		{name: "code UNAUTHORIZED, also with a new token", say: errored(`null`, "UNAUTHORIZED", `[]`), want: KindUnauthorized, code: "UNAUTHORIZED"},
		{name: "HTTP 403", say: cannedAnswer{status: 403}, want: KindForbidden, notExecuted: true},
		{name: "code FORBIDDEN", say: errored(`null`, "FORBIDDEN", `["deliveryOrder"]`), want: KindForbidden, code: "FORBIDDEN"},
		{name: "code FORBIDDEN of no field", say: errored(`null`, "FORBIDDEN", `null`), want: KindForbidden, code: "FORBIDDEN"},
		{name: "code INSUFFICIENT_SCOPE to a mutation", say: errored(`{"deliveryOrderCancel":null}`, "INSUFFICIENT_SCOPE", `["deliveryOrderCancel"]`), mutation: true, want: KindForbidden, code: "INSUFFICIENT_SCOPE"},
		{name: "code NOT_FOUND", say: errored(`{"deliveryOrder":null}`, "NOT_FOUND", `["deliveryOrder"]`), want: KindNotFound, code: "NOT_FOUND"},
		{name: "null without errors", say: ok(`{"deliveryOrder":null}`), want: KindNotFound},
		{name: "something else is not found", say: errored(`{"deliveryOrder":{"id":"do_1"}}`, "NOT_FOUND", `["deliveryOrder","location"]`), want: KindRefused, code: "NOT_FOUND"},
		{name: "code BAD_USER_INPUT", say: errored(`{"deliveryOrder":null}`, "BAD_USER_INPUT", `["deliveryOrder"]`), want: KindRefused, code: "BAD_USER_INPUT"},
		{name: "an unknown code", say: errored(`{"deliveryOrder":null}`, "TRUCK_ON_FIRE", `["deliveryOrder"]`), want: KindUnclear, code: "TRUCK_ON_FIRE"},
		{name: "a code that is a text", say: errored(`{"deliveryOrder":null}`, canary+" is no code", `["deliveryOrder"]`), want: KindUnclear},
		{name: "a gateway that waited too long", say: errored(`{"deliveryOrder":null}`, "GATEWAY_TIMEOUT", `["deliveryOrder"]`), want: KindServer, code: "GATEWAY_TIMEOUT"},
		{name: "a gateway whose service is away", say: errored(`{"deliveryOrder":null}`, "SUBREQUEST_SOMETHING_NEW", `["deliveryOrder"]`), want: KindServer, code: "SUBREQUEST_SOMETHING_NEW"},
		{name: "a gateway that has too much to do", say: errored(`null`, "REQUEST_RATE_LIMITED", `null`), want: KindThrottled, code: "REQUEST_RATE_LIMITED"},
		{name: "HTTP 409", say: cannedAnswer{status: 409, body: canary}, want: KindUnclear},
		{name: "state error", say: ok(`{"deliveryOrderCancel":{"state":"error","message":"` + canary + `"}}`), mutation: true, want: KindRefused},
		{name: "an internal error beside HTTP 200", say: errored(`{"deliveryOrderCancel":null}`, "INTERNAL_SERVER_ERROR", `["deliveryOrderCancel"]`), mutation: true, want: KindServer, code: "INTERNAL_SERVER_ERROR"},
		{name: "HTTP 400", say: cannedAnswer{status: 400, body: `{"errors":[{"message":"` + canary + `","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`}, mutation: true, want: KindInvalid, code: "GRAPHQL_VALIDATION_FAILED", notExecuted: true},
		{name: "HTTP 400 with a result", say: cannedAnswer{status: 400, body: `{"data":{"deliveryOrderCancel":{"state":"success"}}}`}, mutation: true, want: KindResponse},
		{name: "HTTP 404", say: cannedAnswer{status: 404, body: canary}, want: KindInvalid, notExecuted: true},
		{name: "a redirect is not followed", say: cannedAnswer{status: 307, header: map[string]string{"Location": "/graphql"}}, mutation: true, want: KindResponse},
		{name: "not JSON", say: cannedAnswer{body: canary}, want: KindResponse},
		{name: "neither data nor errors", say: cannedAnswer{body: `{}`}, want: KindResponse},
		{name: "data null without errors", say: ok(`null`), want: KindResponse},
		{name: "data of another question", say: ok(`{}`), want: KindResponse},
		{name: "lines null without errors", say: ok(`{"deliveryOrder":{"id":"do_1","lines":null}}`), want: KindResponse},
		{name: "a quantity that is a text", say: ok(`{"deliveryOrder":{"id":"do_1","lines":[{"id":"l","quantity":"` + canary + `"}]}}`), want: KindResponse},
		{name: "half a unit", say: ok(`{"deliveryOrder":{"id":"do_1","lines":[{"id":"l","quantity":0.5}]}}`), want: KindResponse},
		{name: "more units than there are", say: ok(`{"deliveryOrder":{"id":"do_1","lines":[{"id":"l","quantity":1e300}]}}`), want: KindResponse},
		{name: "something behind the answer", say: cannedAnswer{body: `{"data":{"deliveryOrder":{"id":"do_1","lines":[]}}} {"errors":[]}`}, want: KindResponse},
		{name: "a mutation that answers null", say: ok(`{"deliveryOrderCancel":null}`), mutation: true, want: KindResponse},
		{name: "a mutation with an unknown state", say: ok(`{"deliveryOrderCancel":{"state":"maybe"}}`), mutation: true, want: KindResponse},
		{name: "a mutation that ran, beside a forbidden field", say: errored(`{"deliveryOrderCancel":{"state":"success"}}`, "FORBIDDEN", `["deliveryOrderCancel","id"]`), mutation: true, want: KindResponse, code: "FORBIDDEN"},
		{name: "a mutation that ran, though null rose to it", say: errored(`{"deliveryOrderCancel":null}`, "UNAUTHORIZED", `["deliveryOrderCancel","id"]`), mutation: true, want: KindResponse, code: "UNAUTHORIZED"},
		{name: "a body over the limit", say: cannedAnswer{body: `"` + strings.Repeat("x", maxResponse) + `"`}, want: KindResponse},
		{name: "complete data beside an error", say: errored(`{"deliveryOrder":{"id":"do_1","lines":[]}}`, "ODD", `["deliveryOrder","total"]`), want: KindUnclear, code: "ODD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, always(tt.say))
			var outcomes []string
			a := p.account(func(o *Options) { o.Observe = func(c Call) { outcomes = append(outcomes, c.Outcome) } })
			operation, call := order, func() error {
				_, err := a.readDeliveryOrder(t.Context(), order, map[string]any{"id": "do_1"}, true)
				return err
			}
			if tt.mutation {
				operation, call = "deliveryOrderCancel", func() error { return a.CancelDeliveryOrder(t.Context(), "do_1") }
			}
			err := call()
			e := mustError(t, err)
			if e.Kind != tt.want || KindOf(fmt.Errorf("doing: %w", err)) != tt.want {
				t.Errorf("got kind %q (%v), want %q", e.Kind, err, tt.want)
			}
			if e.Code != tt.code {
				t.Errorf("got code %q, want %q", e.Code, tt.code)
			}
			if got := e.IsNotExecuted(); got != tt.notExecuted {
				t.Errorf("got NotExecuted %v, want %v", got, tt.notExecuted)
			}
			if e.Organization != "org_1" || e.Operation != operation {
				t.Errorf("got %q of %q, want %q of org_1", e.Operation, e.Organization, operation)
			}
			if got := outcomes[len(outcomes)-1]; got != string(tt.want) {
				t.Errorf("observed outcome %q, want %q", got, tt.want)
			}
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", e)} {
				if strings.Contains(text, "CANARY") || strings.Contains(text, "token-") {
					t.Errorf("the error quotes what it must not: %s", text)
				}
			}
		})
	}
}

func TestTransportFailures(t *testing.T) {
	t.Parallel()
	cancel := func(t *testing.T, url string, with func(*Options)) *Error {
		t.Helper()
		o := Options{GraphQLURL: url}
		with(&o)
		a := New(o).Account(Credentials{Organization: "org_1", IntegrationToken: testSecret}, ClassUrgent)
		return mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1"))
	}
	none := func(*Options) {}
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see the client leave
		<-r.Context().Done()
	}))
	t.Cleanup(slow.Close)
	hangUp := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(hangUp.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()

	t.Run("a lost reply leaves the outcome open", func(t *testing.T) {
		t.Parallel()
		if e := cancel(t, hangUp.URL, none); e.Kind != KindTransport || e.IsNotExecuted() {
			t.Errorf("got %v, NotExecuted %v; want transport, false", e, e.IsNotExecuted())
		}
	})
	t.Run("a timeout leaves the outcome open", func(t *testing.T) {
		t.Parallel()
		e := cancel(t, slow.URL, func(o *Options) { o.Timeout = 20 * time.Millisecond })
		if e.Kind != KindTransport || e.IsNotExecuted() || e.Unwrap() != nil {
			t.Errorf("got %v, NotExecuted %v, cause %v; want transport, false, none", e, e.IsNotExecuted(), e.Unwrap())
		}
	})
	t.Run("a refused connection did nothing", func(t *testing.T) {
		t.Parallel()
		if e := cancel(t, gone.URL, none); e.Kind != KindTransport || !e.IsNotExecuted() {
			t.Errorf("got %v, NotExecuted %v; want transport, true", e, e.IsNotExecuted())
		}
	})
	t.Run("a foreign transport is trusted only when it fails to dial", func(t *testing.T) {
		t.Parallel()
		for _, tt := range []struct {
			err  error
			want bool
		}{
			{errors.New("lost after it was applied"), false},
			{&net.OpError{Op: "read", Err: errors.New("reset")}, false},
			{&net.OpError{Op: "dial", Err: errors.New("refused")}, true},
		} {
			e := cancel(t, gone.URL, func(o *Options) { o.Transport = failing{tt.err} })
			if e.Kind != KindTransport || e.IsNotExecuted() != tt.want {
				t.Errorf("%v: got %v, NotExecuted %v; want transport, %v", tt.err, e, e.IsNotExecuted(), tt.want)
			}
		}
	})
	t.Run("a context that is over sends nothing", func(t *testing.T) {
		t.Parallel()
		ctx, stop := context.WithCancel(t.Context())
		stop()
		p := start(t, always(ok(`{}`)))
		e := mustError(t, p.account().CancelDeliveryOrder(ctx, "do_1"))
		if !errors.Is(e, context.Canceled) || !e.IsNotExecuted() || len(p.operations()) != 0 {
			t.Errorf("got %v, NotExecuted %v, sent %v; want context canceled, true, nothing", e, e.IsNotExecuted(), p.operations())
		}
	})
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestErrorText(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*Error{
		"deliveryOrderCancel for organization org_1: throttled (HTTP 429), retry after 3s": {Organization: "org_1",
			Operation: "deliveryOrderCancel", Kind: KindThrottled, Status: 429, RetryAfter: 3 * time.Second},
		"deliveryOrderOpenAndRequest for organization org_1: refused (code NO), after 1 done": {Organization: "org_1",
			Operation: "deliveryOrderOpenAndRequest", Kind: KindRefused, Status: 200, Code: "NO", Done: 1},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
