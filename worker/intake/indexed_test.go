package intake_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
)

func TestEverythingThatAnEventTellsOfADeliveryOrderIsIndexed(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, event(org, "msg_1", "delivery_order/updated", `{"id":"do_1","orderNumber":"SO-1","orderIds":["ord_1"],"locationId":"loc_paris",
		"status":"OPENED","priority":"HIGH","type":"B2C","date":"2026-05-18T08:00:00Z","collectPointId":"cp_1",
		"lines":[{"id":"dl_1","orderLineId":"ol_1","sku":"MUG","quantity":3,"fulfilledQuantity":1,"status":"ACCEPTED"},
			{"id":"dl_2","sku":"TRAY","quantity":1,"fulfilledQuantity":0,"status":"PENDING"}],
		"events":[{"type":"FULFILLMENT_REQUESTED","date":"2026-05-18T09:00:00Z"},{"type":"FULFILLMENT_ACCEPTED","date":"2026-05-18T10:00:00Z"}]}`), secret), taken)
	got, known, err := b.index.Get(t.Context(), org, "do_1")
	if err != nil || !known {
		t.Fatalf("it is known: %t, %v", known, err)
	}
	if got.Facts.Pickup == nil || !*got.Facts.Pickup {
		t.Errorf("it is for a pickup point: %v, want so", got.Facts.Pickup)
	}
	got.Facts.Pickup, got.Facts.OrderType, got.Facts.Issued = nil, "", time.Time{}
	want := index.Entry{ID: "do_1", Number: "SO-1", Location: "loc_paris", Orders: []string{"ord_1"}, Status: "OPENED", Priority: "HIGH",
		Lines:  []index.Line{{ID: "dl_1", SKU: "MUG", Status: "ACCEPTED", Quantity: 3, Fulfilled: 1}, {ID: "dl_2", SKU: "TRAY", Status: "PENDING", Quantity: 1}},
		Events: []string{"FULFILLMENT_REQUESTED", "FULFILLMENT_ACCEPTED"}, Date: time.Date(2026, 5, 18, 11, 59, 58, 123e6, time.UTC),
		Facts: index.WebhookFacts{OrderLines: map[string]string{"dl_1": "ol_1"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

func TestWhatAnEventDoesNotTellOfAPickupPointIsNotKnown(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, order("msg_1", "do_1"), secret), taken)
	if got, _, err := b.index.Get(t.Context(), org, "do_1"); err != nil || got.Facts.Pickup != nil {
		t.Errorf("it is for a pickup point: %v, %v, want unknown", got.Facts.Pickup, err)
	}
}

func TestOfAnEventWithoutADateTheArrivalCounts(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, []byte(`{"header":{"organizationId":"org_1","messageId":"msg_1","type":"delivery_order/updated"},"body":{"id":"do_1","locationId":"loc_paris","status":"PENDING"}}`), secret), taken)
	if got, _, err := b.index.Get(t.Context(), org, "do_1"); err != nil || time.Since(got.Date).Abs() > time.Minute {
		t.Errorf("it is dated %s, %v, want now", got.Date, err)
	}
}

// TestAFailureWithoutMessageIdAndDateIsNotTakenForAnEarlierOne tells of two, an hour apart.
func TestAFailureWithoutMessageIdAndDateIsNotTakenForAnEarlierOne(t *testing.T) {
	t.Parallel()
	now := arrival
	b := newFixture(t, func(o *options) { o.Now = func() time.Time { return now } })
	body := []byte(`{"header":{"organizationId":"org_1","type":"` + errored + `"},"body":{"id":"fsi_1","locationId":"loc_paris"}}`)
	b.want(t, b.post(t, body, secret), taken)
	now = now.Add(time.Hour)
	b.want(t, b.post(t, body, secret), taken)
	if got := b.observations(t); len(got) != 2 {
		t.Errorf("observations are %+v, want two", got)
	}
}

func TestAFailureWithoutAMessageIdIsKnownByItsDate(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, breaks(org, "", "loc_paris"), secret), taken)
	want := []tasks.Observe{{V: tasks.Version, Organization: org, Location: "loc_paris", Integration: "fsi_1", Message: "2026-05-18T11:59:58.123Z",
		Dated: time.Date(2026, 5, 18, 11, 59, 58, 123e6, time.UTC)}}
	if diff := cmp.Diff(want, b.observations(t)); diff != "" {
		t.Errorf("observations (-want +got):\n%s", diff)
	}
}

// TestOfALocationOnlyWhatMayBeTroubleIsLookedAt also has it looked at no more than once in ten seconds.
func TestOfALocationOnlyWhatMayBeTroubleIsLookedAt(t *testing.T) {
	t.Parallel()
	for kind, looked := range map[string]bool{"created": false, "updated": false, "deactivated": true, "type_changed": true} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			now := arrival
			b := newFixture(t, func(o *options) { o.Now = func() time.Time { return now } })
			for i, after := range []time.Duration{0, 9 * time.Second, 11 * time.Second} {
				now = arrival.Add(after)
				message := "msg_" + string(rune('a'+i))
				b.want(t, b.post(t, event(org, message, "location/"+kind, `{"id":"loc_paris","name":"paris"}`), secret), taken)
			}
			var want []tasks.Observe
			if looked {
				want = []tasks.Observe{{V: tasks.Version, Organization: org, Location: "loc_paris", Recheck: true, Message: "look-177910560"},
					{V: tasks.Version, Organization: org, Location: "loc_paris", Recheck: true, Message: "look-177910561"}}
			}
			if diff := cmp.Diff(want, b.observations(t)); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnEventThatDoesNotTellWhenALocationTakesOrdersChangesNothingOfIt(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, event(org, "msg_1", "location/updated", `{"id":"loc_paris","name":"paris","acceptFulfillmentAt":"2027-06-01T00:00:00.000Z"}`), secret), taken)
	b.want(t, b.post(t, event(org, "msg_2", "location/updated", `{"id":"loc_paris","name":"paris"}`), secret), taken)
	if got, _, err := b.index.Location(t.Context(), org, "loc_paris"); err != nil || got.AcceptsFrom.IsZero() {
		t.Errorf("it takes orders from %s, %v, want from June on", got.AcceptsFrom, err)
	}
}

func TestASlugIsWhatTheNewerEventSays(t *testing.T) {
	t.Parallel()
	named := func(message, name, date string) []byte {
		return []byte(`{"header":{"organizationId":"org_1","messageId":"` + message + `","type":"location/updated","date":"` + date + `"},"body":{"id":"loc_paris","name":"` + name + `"}}`)
	}
	b := newFixture(t)
	b.want(t, b.post(t, named("msg_1", "new", "2026-05-18T11:00:00Z"), secret), taken)
	b.want(t, b.post(t, named("msg_2", "old", "2026-05-18T10:00:00Z"), secret), taken)
	if got, _, err := b.index.Location(t.Context(), org, "loc_paris"); err != nil || got.Slug != "new" {
		t.Errorf("its slug is %q, %v, want new", got.Slug, err)
	}
}

func TestADeliveryOrderWasIssuedByNow(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]time.Time{
		"2026-05-18T12:01:00Z": arrival.Add(time.Minute), // the platform's clock may be ahead
		"2026-05-18T12:01:01Z": arrival,
	} {
		b := newFixture(t)
		b.want(t, b.post(t, event(org, "msg_1", "delivery_order/updated", `{"id":"do_1","locationId":"loc_paris","status":"PENDING","issuedAt":"`+said+`"}`), secret), taken)
		if got, _, err := b.index.Get(t.Context(), org, "do_1"); err != nil || !got.Facts.Issued.Equal(want) {
			t.Errorf("issued at %s: got %s, %v, want %s", said, got.Facts.Issued, err, want)
		}
	}
}

func TestAShipmentWithoutAnIdIsParked(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, event(org, "msg_1", "shipment/created", `{"locationId":"loc_paris"}`), secret), answer{Status: http.StatusOK, Result: "parked"})
	if got, err := b.index.Shipments(t.Context(), org, "loc_paris"); err != nil || len(got) > 0 {
		t.Errorf("shipments are %v, %v, want none", got, err)
	}
}

// TestParkedWebhooksAreListed reads them as another program does, too.
func TestParkedWebhooksAreListed(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	for _, body := range []string{"first", "second", "the third"} {
		b.want(t, b.post(t, []byte(body), secret), answer{Status: http.StatusOK, Result: "parked"})
		if body == "second" {
			if err := b.rdb.LPush(t.Context(), "reassigner:{org_1}:parked", "of another release").Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := intake.ListParked(t.Context(), b.rdb, org, 3)
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, p := range got {
		sizes = append(sizes, p.Size)
	}
	if diff := cmp.Diff([]int{len("the third"), len("second")}, sizes); diff != "" {
		t.Errorf("of the newest three entries two can be read; sizes (-want +got):\n%s", diff)
	}
	b.redis.SetError("LOADING the dataset")
	if got, err := intake.ListParked(t.Context(), b.rdb, org, 3); err == nil {
		t.Errorf("without Redis they are %v", got)
	}
}

func TestAnAnswerIsNotKeptOnItsWay(t *testing.T) {
	t.Parallel()
	b, w := newFixture(t), httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodPost, intake.Path, http.NoBody))
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("caches are told %q", got)
	}
}

// TestSubscriptions is what the platform has to be told, and the manual says.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	const integration = "location/fulfillment_service_integration/"
	want := []intake.Subscription{
		{Why: "the failure itself", Types: []string{integration + "errored", integration + "accepted", integration + "rejected", integration + "created"}},
		{Why: "the index", Types: []string{"delivery_order/created", "delivery_order/updated", "delivery_order/pending", "delivery_order/opened",
			"delivery_order/fulfillment_accepted", "delivery_order/rejected", "delivery_order/completed", "delivery_order/cancelled",
			"delivery_order/cancellation_rejected"}},
		{Why: "places", Types: []string{"location/created", "location/updated", "location/deactivated", "location/type_changed"}},
		{Why: "what has left the house", Types: []string{"shipment/created"}},
		{Why: "stock, where the policy asks for it", Types: []string{"stock_reference/updated", "stock_reference/status_updated", "stock_reference/movement_updated"}},
	}
	if diff := cmp.Diff(want, intake.Subscriptions()); diff != "" {
		t.Errorf("subscriptions (-want +got):\n%s", diff)
	}
}

func TestTheCancellationsOfADeliveryOrderAreRemembered(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, event(org, "msg_1", "delivery_order/cancelled", `{"id":"do_1","locationId":"loc_paris","status":"CANCELED",
		"events":[{"type":"CANCELED","date":"2026-05-18T09:00:00Z"},{"type":"REJECTED","date":"2026-05-18T10:00:00Z"}]}`), secret), taken)
	got, _, err := b.index.Get(t.Context(), org, "do_1")
	want := index.Canceled{Number: 1, Last: time.Date(2026, 5, 18, 9, 0, 0, 0, time.UTC), Recorded: true}
	if diff := cmp.Diff(want, got.Canceled); err != nil || diff != "" {
		t.Errorf("%v, (-want +got):\n%s", err, diff)
	}
}
