package webhook_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/webhook"
)

func TestTopicsAreTypesInAnotherSpelling(t *testing.T) {
	t.Parallel()
	for kind, topic := range map[string]string{
		"location/fulfillment_service_integration/errored": "location.fulfillment-service-integration.errored",
		"location/type_changed":                            "location.type_changed",
		"delivery_order/fulfillment_accepted":              "delivery-order.fulfillment-accepted",
		"stock_reference/movement_updated":                 "stock-reference.movement-updated",
	} {
		if got := webhook.TopicOf(kind); got != topic {
			t.Errorf("the topic of %s: got %s, want %s", kind, got, topic)
		}
		if got := webhook.TypeOfTopic(topic); got != kind {
			t.Errorf("the type of %s: got %s, want %s", topic, got, kind)
		}
	}
}

func TestParseRecord(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)
	sent := at.Add(-time.Second)
	broken := &webhook.Integration{ID: "fsi_1", LocationID: "loc_1", State: "ERROR"}
	const (
		topic   = "location.fulfillment-service-integration.errored"
		kind    = "location/fulfillment_service_integration/errored"
		payload = `{"id":"fsi_1","locationId":"loc_1","state":"ERROR"}`
	)
	tests := []struct {
		name, topic, value string
		want               *webhook.Event
		payload            string
		wrong              bool
	}{
		{"a payload has the type of its topic, and id and date of its record", topic, payload,
			&webhook.Event{MessageID: "r", Date: at, Type: kind, Integration: broken}, "", false},
		{"an envelope keeps its own", topic, `{"header":{"organizationId":"org_1","messageId":"m","type":"` + kind + `","date":"2026-05-18T05:59:59Z"},"body":` + payload + `}`,
			&webhook.Event{Organization: "org_1", MessageID: "m", Date: sent, Type: kind, Integration: broken}, "", false},
		{"what the envelope lacks the record says", topic, `{"header":{},"body":` + payload + `}`,
			&webhook.Event{MessageID: "r", Date: at, Type: kind, Integration: broken}, "", false},
		{"a byte order mark is no part of it", topic, "\ufeff" + payload,
			&webhook.Event{MessageID: "r", Date: at, Type: kind, Integration: broken}, "", false},
		{"the payload may name its organization", "shipment.created", `{"id":"sh_1","locationId":"loc_1","organizationId":"org_2"}`,
			&webhook.Event{MessageID: "r", Date: at, Type: "shipment/created", Shipment: &webhook.Shipment{ID: "sh_1", LocationID: "loc_1"}}, "org_2", false},
		{"a topic of another shape has no body", "audit", `{"id":"x"}`, &webhook.Event{MessageID: "r", Date: at, Type: "audit"}, "", false},
		{"no JSON", topic, `<xml/>`, nil, "", true},
		{"a list", topic, `[]`, nil, "", true},
		{"an organization that cannot be shown", topic, `{"organizationId":"\u0007"}`, &webhook.Event{MessageID: "r", Date: at, Type: kind}, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, payload, err := webhook.ParseRecord(tt.topic, []byte(tt.value), webhook.Event{MessageID: "r", Date: at})
			if errors.Is(err, webhook.ErrUndecodable) != tt.wrong || payload != tt.payload {
				t.Errorf("got %q, %v, want %q, wrong: %t", payload, err, tt.payload, tt.wrong)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}
