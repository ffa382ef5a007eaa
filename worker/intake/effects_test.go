package intake_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/ledger"
)

var repeated = answer{Status: http.StatusOK, Result: "seen before"}

func TestAnErroredIntegrationHasItsLocationLookedAt(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 5, 18, 11, 59, 58, 123e6, time.UTC)
	dates := map[string]time.Time{"without a date": arrival, "dated a year ahead": arrival, "with the other header": sent.Truncate(time.Second), "with the organization as object": sent.Truncate(time.Second)}
	body := `{"id":"fsi_1","locationId":"loc_paris","state":"ERROR"}`
	tests := map[string]string{
		"as the event's own page shows it": string(breaks(org, "msg_1", "loc_paris")),
		"with the other header":            `{"header":{"id":"msg_1","type":"` + errored + `","timestamp":"2026-05-18T11:59:58Z","organization":"org_1","application":"app_1"},"body":` + body + `}`,
		"with the organization as object":  `{"header":{"id":"msg_1","type":"` + errored + `","timestamp":"2026-05-18T11:59:58Z","organization":{"id":"org_1"}},"body":` + body + `}`,
		"with hyphens":                     string(event(org, "msg_1", "location/fulfillment-service-integration/errored", body)),
		"in capitals":                      string(event(org, "msg_1", "Location/Fulfillment_Service_Integration/Errored", body)),
		"dated a year ahead":               `{"header":{"organizationId":"org_1","messageId":"msg_1","type":"` + errored + `","date":"2027-05-18T11:59:58Z"},"body":` + body + `}`,
		"without a date":                   `{"header":{"organizationId":"org_1","messageId":"msg_1","type":"` + errored + `"},"body":` + body + `}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			b.want(t, b.post(t, []byte(body), secret), taken)
			dated, other := dates[name]
			if !other {
				dated = sent
			}
			want := []tasks.Observe{{V: tasks.Version, Organization: org, Location: "loc_paris", Integration: "fsi_1", Message: "msg_1", Dated: dated}}
			if diff := cmp.Diff(want, b.observations(t)); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if _, known, err := b.index.Location(t.Context(), org, "loc_paris"); err != nil || !known {
				t.Errorf("the location is known: %t, %v, want it noted", known, err)
			}
			b.wantSeen(t, "msg_1", true)
		})
	}
}

func TestIdsNeedNotBeUUIDs(t *testing.T) {
	t.Parallel()
	body, ok := webhook.Sample("errored_user_page")
	if !ok {
		t.Fatal("the sample is missing")
	}
	const organization = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
	b := newFixture(t, func(o *options) {
		o.Secrets = append(o.Secrets, intake.Secret{Organization: organization, Key: "another secret"})
		o.Now = func() time.Time { return time.Date(2024, 6, 11, 14, 0, 2, 0, time.UTC) }
	})
	b.want(t, b.post(t, body, "another secret"), taken)
	want := []tasks.Observe{{V: tasks.Version, Organization: organization, Location: "j1k2l3m4-n5o6-7890-pqrs-123456789012",
		Integration: "r9s0t1u2-v3w4-5678-xyza-901234567890", Message: "u2v3w4x5-y6z7-8901-abcd-234567890123",
		Dated: time.Date(2024, 6, 11, 14, 0, 0, 0, time.UTC)}}
	if diff := cmp.Diff(want, b.observations(t)); diff != "" {
		t.Errorf("observations (-want +got):\n%s", diff)
	}
	age, err := b.index.Coverage(t.Context(), organization)
	if err != nil || !age.IsIncomplete(time.Now()) {
		t.Errorf("an index that heard one event of long ago is short: %t, %v, want so", age.IsIncomplete(time.Now()), err)
	}
}

// TestAnErroredEventThatIsDaysOldOnlyHasTheLocationLookedAt: what it said then need not be so any more.
func TestAnErroredEventThatIsDaysOldOnlyHasTheLocationLookedAt(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 5, 18, 11, 59, 58, 123e6, time.UTC) // of every event here
	for _, test := range []struct {
		age  time.Duration
		look bool
	}{{48 * time.Hour, false}, {48*time.Hour + time.Millisecond, true}} {
		b := newFixture(t, func(o *options) { o.Now = func() time.Time { return date.Add(test.age) } })
		b.want(t, b.post(t, breaks(org, "msg_1", "loc_paris"), secret), taken)
		if got := b.observations(t); len(got) != 1 || got[0].Recheck != test.look {
			t.Errorf("%s after its date: %+v, want one, that is only a look: %t", test.age, got, test.look)
		}
		b.want(t, b.post(t, event(org, "msg_2", "shipment/created", `{"id":"sh_1","locationId":"loc_paris"}`), secret), taken)
		if got, err := b.index.Shipments(t.Context(), org, "loc_paris"); err != nil || len(got) != 1 {
			t.Errorf("shipments are %v, %v, want one: they only forbid", got, err)
		}
	}
}

func TestOtherIntegrationEventsOnlyHaveTheLocationLookedAt(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"created", "accepted", "rejected"} {
		b := newFixture(t)
		b.want(t, b.post(t, sample(t, "location-fulfillment-service-integration-"+name, nil), secret), taken)
		got := b.observations(t)
		if len(got) != 1 || !got[0].Recheck || got[0].Incident != "" || got[0].Location == "" {
			t.Errorf("after %s: %v, want one look at the location", name, got)
		}
	}
}

func TestADeliveryOrderIsIndexed(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, sample(t, "delivery-order-created", nil), secret), taken)
	const id = "7b3e5d90-1c48-42a6-8f1b-6e0d9a2c4b57"
	got, _, err := b.index.Get(t.Context(), org, id)
	if err != nil {
		t.Fatal(err)
	}
	pickup := false
	want := index.Entry{ID: id, Location: "c81d4e2e-3f65-4b0a-8d7c-2a9e5b6f1d04", Orders: []string{"a6d2f4c8-9e31-4705-b6d8-3c5f1e7a8092"},
		Status: "DRAFT", Priority: "NORMAL", Lines: []index.Line{
			{ID: "4d1b7e01-3a9c-4f05-8e62-c0b5d9f1a341", SKU: "MUG-ENAMEL-GRN", Status: "NEW", Quantity: 3},
			{ID: "4d1b7e02-3a9c-4f05-8e62-c0b5d9f1a342", SKU: "TEAPOT-CAST-08", Status: "NEW", Quantity: 1}},
		Date:  time.Date(2026, 5, 17, 14, 5, 11, 972e6, time.UTC),
		Facts: index.WebhookFacts{Pickup: &pickup, OrderType: "B2C", Issued: time.Date(2026, 5, 17, 14, 3, 20, 0, time.UTC)}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
	b.wantSeen(t, "0e9c5a7d-41a5-4b62-8f3e-007d3c9b9aab", true)
	if diff := cmp.Diff([]string{org + " " + id}, b.nudges); diff != "" {
		t.Errorf("nudged (-want +got):\n%s", diff)
	}
}

func TestADeliveryOrderIsIssuedByNow(t *testing.T) {
	t.Parallel()
	for issued, want := range map[string]time.Time{
		"2026-05-17T14:03:20.000Z": time.Date(2026, 5, 17, 14, 3, 20, 0, time.UTC),
		"2026-05-18T12:00:30.000Z": arrival.Add(30 * time.Second),
		"2099-01-01T00:00:00.000Z": arrival,
	} {
		b := newFixture(t)
		b.want(t, b.post(t, event(org, "msg_1", "delivery_order/updated", `{"id":"do_1","locationId":"loc_paris","issuedAt":"`+issued+`"}`), secret), taken)
		if e, _, err := b.index.Get(t.Context(), org, "do_1"); err != nil || !e.Facts.Issued.Equal(want) {
			t.Errorf("issued at %s it is %s, %v, want %s", issued, e.Facts.Issued, err, want)
		}
	}
}

func TestALineOfNoUnitsCoversNothing(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	body := func(mug string) string {
		return `{"id":"do_1","orderIds":["ord_1"],"locationId":"loc_paris","status":"PENDING","lines":[{"id":"dl_1","sku":"MUG","quantity":2,"status":"` + mug +
			`"},{"id":"dl_2","sku":"GIFT","quantity":0,"status":"PENDING"},{"id":"dl_3","sku":"CARD","status":"` + mug + `"}]}`
	}
	b.want(t, b.post(t, event(org, "msg_1", "delivery_order/updated", body("PENDING")), secret), taken)
	got, _, err := b.index.Get(t.Context(), org, "do_1")
	if err != nil {
		t.Fatal(err)
	}
	want := []index.Line{{ID: "dl_1", SKU: "MUG", Quantity: 2, Status: "PENDING"}, {ID: "dl_2", SKU: "GIFT", Status: "PENDING", Empty: true},
		{ID: "dl_3", SKU: "CARD", Status: "PENDING"}}
	if diff := cmp.Diff(want, got.Lines); diff != "" || !got.IsInFlight() {
		t.Errorf("in flight %t, lines (-want +got):\n%s", got.IsInFlight(), diff)
	}
	b.want(t, b.post(t, event(org, "msg_2", "delivery_order/cancelled", body("CANCELED")), secret), taken)
	if n, err := b.index.CountInFlight(t.Context(), org, "loc_paris"); n != 0 || err != nil {
		t.Errorf("%d are in flight, %v, want none: all that has units is cancelled", n, err)
	}
}

func TestLocationsAndShipmentsAreNoted(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, event(org, "msg_1", "location/updated", `{"id":"loc_paris","name":"paris","acceptFulfillmentAt":"2026-06-01T00:00:00.000Z"}`), secret), taken)
	b.want(t, b.post(t, event(org, "msg_2", "shipment/created", `{"id":"sh_1","locationId":"loc_paris"}`), secret), taken)
	place, _, err := b.index.Location(t.Context(), org, "loc_paris")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(index.Location{ID: "loc_paris", Slug: "paris", AcceptsFrom: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}, place); diff != "" {
		t.Errorf("location (-want +got):\n%s", diff)
	}
	shipments, err := b.index.Shipments(t.Context(), org, "loc_paris")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]index.Shipment{{ID: "sh_1"}}, shipments); diff != "" {
		t.Errorf("shipments (-want +got):\n%s", diff)
	}
}

func TestASlugNeedsADate(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	undated := func(message, name string) []byte {
		return []byte(`{"header":{"organizationId":"org_1","messageId":"` + message + `","type":"location/updated"},"body":{"id":"loc_old","name":"` + name + `"}}`)
	}
	b.want(t, b.post(t, undated("msg_1", "lyon"), secret), taken)
	if id, err := b.index.LocationID(t.Context(), org, "lyon"); err != nil || id != "" {
		t.Errorf("lyon is %q, %v, want unknown: nobody knows since when", id, err)
	}
	if _, known, err := b.index.Location(t.Context(), org, "loc_old"); err != nil || !known {
		t.Errorf("the location is known: %t, %v, want so", known, err)
	}
	b.want(t, b.post(t, event(org, "msg_2", "location/updated", `{"id":"loc_new","name":"lyon"}`), secret), taken)
	b.want(t, b.post(t, undated("msg_3", "lyon"), secret), taken)
	if id, err := b.index.LocationID(t.Context(), org, "lyon"); err != nil || id != "loc_new" {
		t.Errorf("lyon is %q, %v, want loc_new", id, err)
	}
}

func TestALocationThatTakesOrdersAtOnceAfterAll(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, event(org, "msg_1", "location/updated", `{"id":"loc_paris","name":"paris","acceptFulfillmentAt":"2027-06-01T00:00:00.000Z"}`), secret), taken)
	b.want(t, b.post(t, event(org, "msg_2", "location/updated", `{"id":"loc_paris","name":"paris","acceptFulfillmentAt":null}`), secret), taken)
	place, _, err := b.index.Location(t.Context(), org, "loc_paris")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(index.Location{ID: "loc_paris", Slug: "paris"}, place); diff != "" {
		t.Errorf("location (-want +got):\n%s", diff)
	}
}

func TestStockIsIndexed(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, sample(t, "stock-reference-updated", nil), secret), taken)
	b.want(t, b.post(t, sample(t, "stock-reference-updated", nil), secret), repeated)
	b.wantSeen(t, "0e9c5a7d-41b2-4b62-8f3e-007d3c9d2cce", true)
	told := time.Date(2026, 5, 18, 5, 58, 14, 339e6, time.UTC)
	got, err := b.ledger.Availability(t.Context(), org, ledger.Query{Location: "e4b7a9d3-6c12-4f88-b3a5-90d1c7e2f586", SKUs: []string{"MUG-ENAMEL-GRN"}, At: arrival})
	if err != nil {
		t.Fatal(err)
	}
	want := ledger.Availability{Stock: map[string]ledger.StockLevel{"MUG-ENAMEL-GRN": {Available: 132 - 17, Known: true, ToldAt: told}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stock (-want +got):\n%s", diff)
	}
}

func TestAMessageThatComesTwiceHasOneEffect(t *testing.T) {
	t.Parallel()
	t.Run("an errored integration", func(t *testing.T) {
		t.Parallel()
		b := newFixture(t)
		b.want(t, b.post(t, breaks(org, "msg_1", "loc_paris"), secret), taken)
		b.want(t, b.post(t, breaks(org, "msg_1", "loc_lyon"), secret), repeated)
		if got := b.observations(t); len(got) != 1 || got[0].Location != "loc_paris" {
			t.Errorf("observations are %+v, want the first alone", got)
		}
	})
	t.Run("a delivery order", func(t *testing.T) {
		t.Parallel()
		b := newFixture(t)
		b.want(t, b.post(t, order("msg_1", "do_1"), secret), taken)
		b.want(t, b.post(t, order("msg_1", "do_2"), secret), repeated)
		if _, known, err := b.index.Get(t.Context(), org, "do_2"); err != nil || known {
			t.Errorf("the second is known: %t, %v, want not", known, err)
		}
	})
	t.Run("the same id of two organizations is two messages", func(t *testing.T) {
		t.Parallel()
		b := newFixture(t)
		b.want(t, b.post(t, breaks(sharing, "msg_1", "loc_paris"), shared), taken)
		b.want(t, b.post(t, breaks(sharing2, "msg_1", "loc_paris"), shared), taken)
	})
}

func TestOnlyNewsNudge(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.want(t, b.post(t, order("msg_1", "do_1"), secret), taken)
	old := []byte(`{"header":{"organizationId":"org_1","messageId":"msg_2","type":"delivery_order/updated","date":"2026-05-18T10:00:00Z"},"body":{"id":"do_1","status":"DRAFT"}}`)
	b.want(t, b.post(t, old, secret), taken)
	rejected := []byte(`{"header":{"organizationId":"org_1","messageId":"msg_3","type":"delivery_order/cancellation_rejected","date":"2026-05-18T10:00:00Z"},"body":{"id":"do_1","status":"PENDING"}}`)
	b.want(t, b.post(t, rejected, secret), taken)
	if diff := cmp.Diff([]string{"org_1 do_1", "org_1 do_1"}, b.nudges); diff != "" {
		t.Errorf("nudged by the news and by the refusal (-want +got):\n%s", diff)
	}
	e, _, err := b.index.Get(t.Context(), org, "do_1")
	if err != nil || e.Status != "PENDING" || e.Facts.CancelRejected.IsZero() {
		t.Errorf("entry is %+v, %v, want it as it was, with the refused cancellation", e, err)
	}
}

func TestWhatNobodyWaitsForNudgesNobody(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.unwatched = "do_1"
	b.want(t, b.post(t, order("msg_1", "do_1"), secret), taken)
	b.want(t, b.post(t, order("msg_2", "do_2"), secret), taken)
	if diff := cmp.Diff([]string{"org_1 do_2"}, b.nudges); diff != "" {
		t.Errorf("nudged (-want +got):\n%s", diff)
	}
}

func TestANudgeThatFailsDoesNotRefuseTheWebhook(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.nudgeErr = errors.New("somebody else changed the record")
	b.want(t, b.post(t, order("msg_1", "do_1"), secret), taken)
	b.wantSeen(t, "msg_1", true)
}
