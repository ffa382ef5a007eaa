package webhook_test

import (
	"errors"
	"fmt"

	"happycolis-reassigner/happycolis/webhook"
)

func ExampleVerify() {
	body := []byte(`{"header":{"type":"shipment/created"},"body":{"id":"s_1"}}`)
	signature := webhook.Sign(body, "client secret")

	fmt.Println(webhook.Verify(body, signature, "client secret"))
	fmt.Println(webhook.Verify(append(body, '\n'), signature, "client secret"))
	// Output:
	// <nil>
	// webhook signature does not match
}

func ExampleParse() {
	e, err := webhook.Parse([]byte(`{
		"header": {"organizationId": "org_1", "type": "location/fulfillment_service_integration/errored"},
		"body":   {"id": "int_1", "locationId": "loc_1", "accessToken": "dropped", "state": "ERROR"}
	}`))
	if errors.Is(err, webhook.ErrUndecodable) {
		fmt.Println("park it")
		return
	}
	fmt.Println(e.Is("location/fulfillment_service_integration/"), e.Integration.LocationID, e.Integration.State)
	// Output: true loc_1 ERROR
}
