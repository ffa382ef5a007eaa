package happycolis

import (
	"encoding/json"
	"strings"
	"testing"
)

// Every answer to a mutation that is no success, and what is sure after it.
func TestWhatIsSureAboutAMutation(t *testing.T) {
	t.Parallel()
	const (
		null   = `{"deliveryOrderCancel":null}`
		result = `{"deliveryOrderCancel":{"state":"success"}}`
		own    = `["deliveryOrderCancel"]`
		below  = `["deliveryOrderCancel","id"]`
		nobody = `null`
	)
	status := func(code int, body string) cannedAnswer { return cannedAnswer{status: code, body: body} }
	several := func(data string, errors ...string) cannedAnswer {
		return cannedAnswer{body: `{"data":` + data + `,"errors":[` + strings.Join(errors, ",") + `]}`}
	}
	one := func(code, path string) string { return `{"path":` + path + `,"extensions":{"code":"` + code + `"}}` }
	tests := map[string]struct {
		kind Kind
		says []cannedAnswer
	}{
		"not executed": {KindInvalid, []cannedAnswer{
			status(400, ""), status(400, `{"errors":[{"extensions":{"code":"BAD_USER_INPUT"}}]}`), status(400, `{"data":null,"errors":[{}]}`),
			status(404, "<html>no such page</html>"), status(413, ""),
			errored(`null`, "GRAPHQL_PARSE_FAILED", nobody), errored(`null`, "GRAPHQL_VALIDATION_FAILED", own),
			errored(null, "GRAPHQL_VALIDATION_FAILED", own), {body: `{"errors":[` + one("GRAPHQL_VALIDATION_FAILED", nobody) + `]}`},
			status(422, `{"errors":[`+one("GRAPHQL_VALIDATION_FAILED", nobody)+`]}`),
		}},
		"not executed, unauthorized": {KindUnauthorized, []cannedAnswer{status(401, ""), status(401, `{"errors":[`+one("UNAUTHENTICATED", nobody)+`]}`)}},
		"not executed, forbidden":    {KindForbidden, []cannedAnswer{status(403, ""), status(403, `{"errors":[`+one("FORBIDDEN", own)+`]}`)}},
		"not executed, throttled":    {KindThrottled, []cannedAnswer{status(429, ""), status(429, `{"statusCode":429}`)}},

		"refused": {KindRefused, []cannedAnswer{
			ok(`{"deliveryOrderCancel":{"state":"error"}}`), ok(`{"deliveryOrderCancel":{"state":"ERROR","message":"no"}}`),
			errored(null, "BAD_USER_INPUT", own), errored(`null`, "BAD_USER_INPUT", own),
			several(null, one("BAD_USER_INPUT", own), one("NOT_FOUND", own)),
		}},
		"refused, forbidden": {KindForbidden, []cannedAnswer{errored(null, "FORBIDDEN", own), errored(null, "INSUFFICIENT_SCOPE", own)}},
		"refused, not found": {KindNotFound, []cannedAnswer{errored(null, "NOT_FOUND", own)}},

		"unknown, unclear": {KindUnclear, []cannedAnswer{
			errored(null, "BAD_USER_INPUT", nobody), errored(null, "FORBIDDEN", nobody), errored(`null`, "INSUFFICIENT_SCOPE", `[]`),
			errored(`null`, "NOT_FOUND", nobody), errored(null, "CONFLICT", own), errored(null, "forbidden", own), errored(null, "", own),
			errored(null, "PERSISTED_QUERY_NOT_FOUND", nobody), several(null, one("BAD_USER_INPUT", own), one("CONFLICT", own)),
			several(null, one("BAD_USER_INPUT", own), one("BAD_USER_INPUT", nobody)),
			several(null, `{"path":["deliveryOrderCancel"],"message":"no code"}`), several(null, one("GRAPHQL_VALIDATION_FAILED", nobody)),
			several(null, one("GRAPHQL_VALIDATION_FAILED", own), one("FORBIDDEN", own)),
			status(409, ""), status(422, `{"errors":[`+one("BAD_USER_INPUT", own)+`]}`), status(405, ""), status(418, ""),
		}},
		"unknown, of a gateway": {KindServer, []cannedAnswer{
			errored(null, "GATEWAY_TIMEOUT", own), errored(null, "DOWNSTREAM_SERVICE_ERROR", own), errored(`null`, "SUBREQUEST_HTTP_ERROR", nobody),
			errored(null, "INTERNAL_SERVER_ERROR", own), errored(`null`, "SERVICE_UNAVAILABLE", nobody), errored(`null`, "BAD_GATEWAY", nobody),
			several(null, one("FORBIDDEN", own), one("GATEWAY_TIMEOUT", nobody)), several(null, one("CONFLICT", own), one("REQUEST_TIMEOUT", own)),
			status(500, ""), status(502, "<html>"), status(503, ""), status(504, ""), status(408, ""),
			status(409, `{"errors":[`+one("SERVICE_UNAVAILABLE", nobody)+`]}`), status(500, `{"errors":[`+one("FORBIDDEN", own)+`]}`),
		}},
		"unknown, throttled":    {KindThrottled, []cannedAnswer{errored(null, "TOO_MANY_REQUESTS", own), errored(`null`, "RATE_LIMITED", nobody), errored(`null`, "REQUEST_RATE_LIMITED", nobody)}},
		"unknown, unauthorized": {KindUnauthorized, []cannedAnswer{errored(null, "UNAUTHORIZED", own), errored(`null`, "UNAUTHENTICATED", nobody)}},
		"unknown, contradictory": {KindResponse, []cannedAnswer{
			ok(`{}`), ok(null), ok(`{"deliveryOrderCancel":{"state":"maybe"}}`), ok(`{"deliveryOrderCancel":{}}`), ok(`{"deliveryOrderCancel":[]}`),
			errored(result, "BAD_USER_INPUT", own), errored(result, "FORBIDDEN", nobody), errored(null, "NOT_FOUND", below), errored(null, "GATEWAY_TIMEOUT", below),
			errored(null, "FORBIDDEN", `["somethingElse"]`), several(null, one("BAD_USER_INPUT", own), one("BAD_USER_INPUT", below)),
			status(400, `{"data":`+result+`}`), status(400, `{"data":`+null+`,"errors":[{}]}`), status(401, `{"data":`+result+`}`),
			status(403, `{"data":`+null+`}`), status(404, `{"data":{}}`), status(413, `{"data":`+result+`}`), status(429, `{"data":`+result+`}`),
			status(302, ""), status(307, ""), {body: strings.Repeat(" ", maxResponse+1)}, status(400, strings.Repeat(" ", maxResponse+1)),
		}},
		"unknown, not GraphQL": {KindResponse, []cannedAnswer{
			{}, ok(`null`), {body: "<html>back soon</html>"}, {body: `{"statusCode":200}`}, {body: `{"errors":[]}`}, {body: `[]`},
			{body: `{"data":` + result + `} trailing`}, {body: `{"data":` + result},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, say := range tt.says {
				e := mustError(t, start(t, always(say)).account().CancelDeliveryOrder(t.Context(), "do_1"))
				shown, _ := json.Marshal(say.body[:min(len(say.body), 100)])
				if e.Kind != tt.kind {
					t.Errorf("HTTP %d %s: got %v, want %s", say.status, shown, e, tt.kind)
				}
				if got, want := e.IsNotExecuted(), strings.HasPrefix(name, "not executed"); got != want {
					t.Errorf("HTTP %d %s: got NotExecuted %t, want %t", say.status, shown, got, want)
				}
				if got, want := e.IsRefused(), strings.HasPrefix(name, "refused"); got != want {
					t.Errorf("HTTP %d %s: got Refused %t, want %t", say.status, shown, got, want)
				}
				passing := tt.kind == KindServer || tt.kind == KindThrottled || tt.kind == KindUnauthorized || name == "unknown, not GraphQL"
				if got := e.IsTransient(); got != passing {
					t.Errorf("HTTP %d %s: got Passing %t, want %t", say.status, shown, got, passing)
				}
			}
		})
	}
}

func TestACodeThatSaysSlowDownPausesLikeHTTP429(t *testing.T) {
	t.Parallel()
	now := noon
	p := start(t, func(_ string, before int) cannedAnswer {
		if before == 0 {
			refusal := errored(`null`, "REQUEST_RATE_LIMITED", `null`)
			refusal.header = map[string]string{"Retry-After": "3"}
			return refusal
		}
		return ok(noOrder)
	})
	a := p.account(atNoon)
	if e := mustError(t, ask(t, a)); e.Kind != KindThrottled || e.RetryAfter.Seconds() != 3 {
		t.Errorf("got %v, want throttled for 3s", e)
	}
	if wait := a.state.backoff.waitTime(now); wait.Seconds() != 3 {
		t.Errorf("got a pause of %s, want 3s", wait)
	}
}

func TestAGatewaysTroubleLetsNoShipmentBeForgotten(t *testing.T) {
	t.Parallel()
	for code, asked := range map[string]int{"GATEWAY_TIMEOUT": 1, "SUBREQUEST_HTTP_ERROR": 1, "INTERNAL_SERVER_ERROR": 2, "TRUCK_ON_FIRE": 2} {
		p := start(t, always(errored(`{"deliveryOrder":null}`, code, `["deliveryOrder"]`)))
		if _, err := p.account().DeliveryOrder(t.Context(), "do_1"); err == nil || len(p.operations()) != asked {
			t.Errorf("%s: got %v after %v, want %d requests", code, err, p.operations(), asked)
		}
	}
}
