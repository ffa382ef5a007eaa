package webhook_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/webhook"
)

func TestEverySampleIsWithinTheBoundsAlsoOnceItWasStored(t *testing.T) {
	t.Parallel()
	for _, name := range webhook.Samples() {
		e := parse(t, string(sample(t, name)))
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		stored := &webhook.Event{}
		if err := json.Unmarshal(text, stored); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, stored); diff != "" || stored.CheckBounds() != nil {
			t.Errorf("%s: %v, (-want +got):\n%s", name, stored.CheckBounds(), diff)
		}
	}
}

func TestWhatParseNeverReturnsIsOutOfBounds(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*webhook.Event){
		"MessageID": func(e *webhook.Event) { e.MessageID = strings.Repeat("x", 257) },
		"Type":      func(e *webhook.Event) { e.Type = "order\x1b[31m" },
		"Date":      func(e *webhook.Event) { e.Date = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"OrderIDs":  func(e *webhook.Event) { e.DeliveryOrder = &webhook.DeliveryOrder{OrderIDs: []string{"o_1", "o\n"}} },
		"SKU":       func(e *webhook.Event) { e.DeliveryOrder = &webhook.DeliveryOrder{Lines: []webhook.Line{{SKU: "\xff"}}} },
		"Quantity": func(e *webhook.Event) {
			e.DeliveryOrder = &webhook.DeliveryOrder{Lines: []webhook.Line{{Quantity: 2e9}}}
		},
		"Usable": func(e *webhook.Event) { e.Stock = &webhook.Stock{Usable: units(-2e9)} },
		"Level": func(e *webhook.Event) {
			e.DeliveryOrder = &webhook.DeliveryOrder{Events: []webhook.Milestone{{Level: "\u202e"}}}
		},
		"DeliveryOrderID": func(e *webhook.Event) { e.Shipment = &webhook.Shipment{DeliveryOrderID: "\u0000"} },
	} {
		e := &webhook.Event{Organization: "org_1", Type: "order/created"}
		if err := e.CheckBounds(); err != nil {
			t.Fatal(err)
		}
		change(e)
		if err := e.CheckBounds(); !errors.Is(err, webhook.ErrBounds) || !strings.HasSuffix(err.Error(), ": "+name) {
			t.Errorf("%s: got %v, want ErrBounds that names it", name, err)
		}
	}
}

func TestATimeThatCannotBeWrittenIsNone(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"} {
		got := parse(t, `{"header":{"type":"location/updated","date":"`+at+`"},"body":{"acceptFulfillmentAt":"`+at+`"}}`)
		if !got.Date.IsZero() || !got.Location.AcceptFulfillmentAt.IsZero() || got.Location.AcceptKnown {
			t.Errorf("%s: got %+v of %s, want no time", at, got.Location, got.Date)
		}
	}
}
