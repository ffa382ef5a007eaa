package intake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"happycolis-reassigner/happycolis/webhook"
)

const errored = "location/fulfillment_service_integration/errored"

// event is a webhook of an organization as the platform writes it.
func event(organization, message, kind, body string) []byte {
	return fmt.Appendf(nil, `{"header":{"organizationId":%q,"messageId":%q,"webhookId":"wh_1","type":%q,"date":"2026-05-18T11:59:58.123Z"},"body":%s}`,
		organization, message, kind, body)
}

// breaks says that the integration of a location errored.
func breaks(organization, message, location string) []byte {
	return event(organization, message, errored, fmt.Sprintf(`{"id":"fsi_1","locationId":%q,"fulfillmentServiceId":"fs_1","accessToken":null,"scopes":[],"state":"ERROR"}`, location))
}

// order tells of a delivery order in flight at Paris.
func order(message, id string) []byte {
	return event(org, message, "delivery_order/updated", fmt.Sprintf(`{"id":%q,"orderIds":["ord_1"],"locationId":"loc_paris","status":"PENDING",`+
		`"priority":"NORMAL","lines":[{"id":"dl_1","sku":"MUG","quantity":2,"fulfilledQuantity":0,"status":"PENDING"}],"events":[]}`, id))
}

// padded is a webhook of exactly so many bytes.
func padded(size int) []byte {
	build := func(pad int) []byte {
		return event(org, "msg_1", errored, fmt.Sprintf(`{"id":"fsi_1","locationId":"loc_paris","pad":%q}`, bytes.Repeat([]byte("x"), pad)))
	}
	return build(size - len(build(0)))
}

// sample is a sample of the platform's in the name of our organization, as it is sent: compact. change may
// alter its body.
func sample(t *testing.T, name string, change func(any) any) []byte {
	t.Helper()
	raw, ok := webhook.Sample(name)
	if !ok {
		t.Fatalf("there is no sample %q", name)
	}
	var whole struct {
		Header map[string]any `json:"header"`
		Body   any            `json:"body"`
	}
	if err := json.Unmarshal(raw, &whole); err != nil {
		t.Fatal(err)
	}
	whole.Header["organizationId"] = org
	if change != nil {
		whole.Body = change(whole.Body)
	}
	body, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
