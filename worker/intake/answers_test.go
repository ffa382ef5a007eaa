package intake_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
)

// TestAnswers posts one body to a fresh receiver: what the platform did not sign or what is too large is
// refused, everything else is taken.
func TestAnswers(t *testing.T) {
	t.Parallel()
	good := breaks(org, "msg_1", "loc_paris")
	refused := answer{Status: http.StatusUnauthorized, Error: "signature missing or wrong"}
	tooLarge := answer{Status: http.StatusRequestEntityTooLarge, Error: "body is larger than 8192 KiB"}
	largeUnsigned := answer{Status: http.StatusRequestEntityTooLarge, Error: "body is larger than 256 KiB, and not signed"}
	parked := answer{Status: http.StatusOK, Result: "parked"}
	ignored := answer{Status: http.StatusOK, Result: "not needed"}
	signed := func(body []byte, key string) [2]string { return [2]string{string(body), webhook.Sign(body, key)} }
	tests := []struct {
		name string
		sent [2]string // body and signature
		want answer
	}{
		{"a signed event is taken", signed(good, secret), taken},
		{"one that is signed with the secret before the change, too", signed(good, previous), taken},
		{"one of an organization that shares its secret, too", signed(breaks(sharing, "msg_1", "loc_paris"), shared), taken},
		{"one of the other organization of that secret, too", signed(breaks(sharing2, "msg_1", "loc_paris"), shared), taken},
		{"one that is not signed is refused", [2]string{string(good), ""}, refused},
		{"one whose signature is no Base64 is refused", [2]string{string(good), "@"}, refused},
		{"one that is signed with another secret is refused", signed(good, "secret of somebody"), refused},
		{"one that is signed with no secret is refused", signed(good, ""), refused},
		{"one that was changed after signing is refused", [2]string{string(breaks(org, "msg_1", "loc_lyon")), webhook.Sign(good, secret)}, refused},
		{"one that was written anew after signing is refused", [2]string{indented(t, good), webhook.Sign(good, secret)}, refused},
		{"an empty one that is not signed is refused", [2]string{}, refused},
		{"one of 16 KiB is taken", signed(padded(16<<10), secret), taken},
		{"one byte more is taken, too", signed(padded(16<<10+1), secret), taken},
		{"one of 256 KiB is taken", signed(padded(256<<10), secret), taken},
		{"one of 256 KiB with another signature is refused", signed(padded(256<<10), "secret of somebody"), refused},
		{"one byte more is parked", signed(padded(256<<10+1), secret), parked},
		{"one byte more with another signature is refused as too large", signed(padded(256<<10+1), "secret of somebody"), largeUnsigned},
		{"one byte more that is not signed is refused as too large", [2]string{string(padded(256<<10 + 1)), ""}, largeUnsigned},
		{"one of 8 MiB is parked", signed(padded(8<<20), previous), parked},
		{"one byte more is refused, though it is signed", signed(padded(8<<20+1), secret), tooLarge},
		{"a signature of a joined header is found", [2]string{string(good), "x, " + webhook.Sign(good, "another") + " ,  " + webhook.Sign(good, secret)}, taken},
		{"a signature of 31 bytes is none", [2]string{string(good), base64.StdEncoding.EncodeToString(make([]byte, 31))}, refused},
		{"a type that is not known is parked", signed(event(org, "msg_1", "transfer_order/created", `{"id":"to_1"}`), secret), parked},
		{"a location event of a family that is not known is taken as what it says", signed(event(org, "msg_1", "location/renamed", `{"id":"loc_1"}`), secret), taken},
		{"an event without a type is parked", signed(event(org, "msg_1", "", `{}`), secret), parked},
		{"a body that is no JSON is parked", signed([]byte(`<xml/>`), secret), parked},
		{"an empty body is parked", signed(nil, secret), parked},
		{"JSON that is no envelope is parked", signed([]byte(`[1]`), secret), parked},
		{"an envelope without a body is parked", signed([]byte(`{"header":{"organizationId":"org_1","type":"delivery_order/created"}}`), secret), parked},
		{"a body of another shape is parked", signed(event(org, "msg_1", "delivery_order/created", `{"id":{},"lines":7}`), secret), parked},
		{"an id of 200 KiB is parked", signed(event(org, "msg_1", "delivery_order/created", `{"id":"`+strings.Repeat("x", 200<<10)+`"}`), secret), parked},
		{"an id that cannot be shown is parked", signed(event(org, "msg_1", errored, `{"id":"fsi_1","locationId":"loc\u0007"}`), secret), parked},
		{"a message id that is too long is parked", signed(breaks(org, strings.Repeat("m", 257), "loc_paris"), secret), parked},
		{"JSON behind the event is parked", signed(append(bytes.Clone(good), good...), secret), parked},
		{"a delivery order without an id is parked", signed(event(org, "msg_1", "delivery_order/created", `{}`), secret), parked},
		{"an integration without a location is parked", signed(event(org, "msg_1", errored, `{"id":"fsi_1"}`), secret), parked},
		{"a location without an id is parked", signed(event(org, "msg_1", "location/updated", `{"name":"paris"}`), secret), parked},
		{"a shipment without a location is parked", signed(event(org, "msg_1", "shipment/created", `{"id":"sh_1"}`), secret), parked},
		{"an organization that is not configured is parked", signed(breaks("org_9", "msg_1", "loc_paris"), secret), parked},
		{"an organization of another secret is parked", signed(breaks(sharing, "msg_1", "loc_paris"), secret), parked},
		{"a header without an organization is parked", signed(breaks("", "msg_1", "loc_paris"), secret), parked},
		{"stock is taken", signed(event(org, "msg_1", "stock_reference/movement_updated", `{"id":"sr_1","locationId":"loc_lyon","sku":"MUG"}`), secret), taken},
		{"stock of no location is parked", signed(event(org, "msg_1", "stock_reference/updated", `{"id":"sr_1","sku":"MUG"}`), secret), parked},
		{"stock without a SKU is parked", signed(event(org, "msg_1", "stock_reference/updated", `{"id":"sr_1","locationId":"loc_lyon"}`), secret), parked},
		{"orders are not needed", signed(event(org, "msg_1", "order/created", `{"id":"ord_1"}`), secret), ignored},
		{"an event without a message id is taken", signed(breaks(org, "", "loc_paris"), secret), taken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			b.want(t, b.send(t, []byte(tt.sent[0]), tt.sent[1]), tt.want)
			if keys := b.redis.Keys(); tt.want.Status != http.StatusOK && len(keys) != 0 {
				t.Errorf("a refused webhook left %q in Redis", keys)
			}
			if tt.want != taken && len(b.observations(t)) != 0 {
				t.Error("a webhook that was not taken had a location looked at")
			}
		})
	}
}

func indented(t *testing.T, body []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", " "); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestOnlyAPostIsAWebhook(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, intake.Path, http.StatusMethodNotAllowed},
		{http.MethodHead, intake.Path, http.StatusMethodNotAllowed},
		{http.MethodPut, intake.Path, http.StatusMethodNotAllowed},
		{http.MethodPost, intake.Path + "/more", http.StatusNotFound},
		{http.MethodPost, "/webhooks", http.StatusNotFound},
		{http.MethodPost, "/", http.StatusNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			t.Parallel()
			body := breaks(org, "msg_1", "loc_paris")
			r := httptest.NewRequest(tt.method, tt.path, bytes.NewReader(body))
			r.Header.Set(signature, webhook.Sign(body, secret))
			b, w := newFixture(t), httptest.NewRecorder()
			b.ServeHTTP(w, r)
			if w.Code != tt.want || len(b.observations(t)) != 0 {
				t.Errorf("answer is %d with %d effects, want %d with none", w.Code, len(b.observations(t)), tt.want)
			}
		})
	}
}

func TestSlashesThatAreDoubledOrAtTheEndChangeNothing(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/webhooks/happycolis/", "//webhooks/happycolis", "/webhooks//happycolis", "/webhooks/happycolis///", "/webhooks%2Fhappycolis"} {
		body := breaks(org, "msg_1", "loc_paris")
		r := httptest.NewRequest(http.MethodPost, "http://h"+path, bytes.NewReader(body))
		r.Header.Set(signature, webhook.Sign(body, secret))
		b, w := newFixture(t), httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if w.Code != http.StatusOK || len(b.observations(t)) != 1 {
			t.Errorf("%s: answer is %d with %d effects, want 200 with one", path, w.Code, len(b.observations(t)))
		}
	}
}

func TestABodyThatBreaksOffIsNoWebhook(t *testing.T) {
	t.Parallel()
	b, w := newFixture(t), httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, intake.Path, brokenOff{strings.NewReader(`{"header":`)})
	r.Header.Set(signature, webhook.Sign(nil, secret))
	b.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || len(b.redis.Keys()) != 0 {
		t.Errorf("answer is %d, and Redis has %q, want 400 and nothing", w.Code, b.redis.Keys())
	}
}

// brokenOff is a body whose sender vanishes in the middle.
type brokenOff struct{ *strings.Reader }

func (r brokenOff) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		err = http.ErrAbortHandler
	}
	return n, err
}
