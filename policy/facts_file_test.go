package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/policy"
)

const factsFile = `
delivery_order: do-1
from: paris-warehouse
from_id: loc-paris
priority: NORMAL
order_type: B2C
pickup_point: false
country: FR
lines:
  - {sku: MUG, quantity: 3}
  - {quantity: 1}
candidates:
  lyon-warehouse:
    id: loc-lyon
    slug: lyon-warehouse
    active: true
    type: WAREHOUSE
    integration: ""
    under_incident: true
    tried: true
    accepting_orders: false
    allowed_countries: []
    excluded_countries: [BE]
    stock:
      MUG: {available: 0, age: 5m}
      POT: {age: 26h}
    used: {hour: 2, day: 7}
  lille-warehouse: {integration: ACTIVE}
`

func TestParseFactsReadsEveryFact(t *testing.T) {
	t.Parallel()
	got, err := policy.ParseFacts([]byte(factsFile))
	if err != nil {
		t.Fatalf("ParseFacts:\n%v", err)
	}
	want := policy.Facts{
		DeliveryOrder: "do-1", From: "paris-warehouse", FromID: "loc-paris",
		Priority: policy.Known("NORMAL"), OrderType: policy.Known("B2C"), PickupPoint: policy.Known(false), Country: policy.Known("FR"),
		Lines: policy.Known([]policy.Line{{SKU: "MUG", Quantity: 3}, {Quantity: 1}}),
		Candidates: map[string]policy.Candidate{
			"lyon-warehouse": {
				ID: "loc-lyon", Slug: "lyon-warehouse", Active: policy.Known(true), Type: policy.Known("WAREHOUSE"), Integration: policy.Known(""),
				Accepting: policy.Known(false), UnderIncident: true, Tried: true, ExcludedCountries: []string{"BE"},
				Stock: map[string]policy.Stock{"MUG": {Known: true, Age: 5 * time.Minute}, "POT": {Age: 26 * time.Hour}},
				Used:  policy.Known(policy.Used{Hour: 2, Day: 7}),
			},
			"lille-warehouse": {ID: "lille-warehouse", Slug: "lille-warehouse", Integration: policy.Known("ACTIVE")},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ParseFacts (-want +got):\n%s", diff)
	}
}

func TestAnIncidentMayBeOneThatNothingConfirmed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]policy.Candidate{
		"suspected": {Suspected: true}, "true": {UnderIncident: true}, "false": {},
	} {
		got, err := policy.ParseFacts([]byte("from: paris\ncandidates: {lyon: {under_incident: " + text + "}}\n"))
		want.ID, want.Slug = "lyon", "lyon"
		if diff := cmp.Diff(want, got.Candidates["lyon"]); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
		}
	}
}

func TestFactsThatAreLeftOutAreUnknown(t *testing.T) {
	t.Parallel()
	got, err := policy.ParseFacts([]byte("from: paris\n"))
	want := policy.Facts{From: "paris", Candidates: map[string]policy.Candidate{}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ParseFacts: %v (-want +got):\n%s", err, diff)
	}
}

func TestParseFactsTellsEveryMistakeWithItsPlace(t *testing.T) {
	t.Parallel()
	_, err := policy.ParseFacts([]byte(`form: paris
priority: urgent
order_type: b2b
pickup_point: "no"
country: france
lines: [{sku: 7, quantity: 0}, {sku: MUG}, MUG]
candidates:
  lyon: {actve: true, type: WAREHOSE, integration: BROKEN, tried: maybe}
  lille: {stock: {MUG: 5, POT: {available: -1, age: old}}, used: {hour: x}, allowed_countries: [fr]}
  brest: INTERNAL
  brest: {}
`))
	const want = `1:1: unknown key "form" in the facts (did you mean "from"?); known: delivery_order, from, from_id, moment, priority, order_type, pickup_point, country, lines, candidates
1:1: from and from_id are missing; write at least one, so that the failing location is known
2:11: unknown priority "urgent"; known: LOW, NORMAL, HIGH
3:13: unknown order_type "b2b" (did you mean "B2B"?); known: B2B, B2C
4:15: pickup_point must be true or false, not "no"
5:10: a country is two capital letters (ISO 3166-1), like FR; not "france"
6:15: sku must be text, not a number; write it in quotes: "7"
6:28: quantity must be a whole number from 1 to 1000000, not 0
6:32: quantity is missing; write how many units have to be shipped
6:44: a line wants a mapping of sku, quantity, not text
8:10: unknown key "actve" in a candidate (did you mean "active"?); known: id, slug, active, type, integration, accepting_orders, under_incident, tried, allowed_countries, excluded_countries, stock, used
8:29: unknown type "WAREHOSE" (did you mean "WAREHOUSE"?); known: INTERNAL, WAREHOUSE, EXTERNAL
8:52: unknown integration "BROKEN"; known: PENDING, ACTIVE, INACTIVE, ERROR
8:67: tried must be true or false, not "maybe"
9:24: the stock of a SKU wants a mapping of available, age, not a number
9:44: available must be a whole number from 0 to 1000000, not -1
9:53: age must be a duration, like 5m or 26h, not "old"
9:73: hour must be a whole number from 0 to 1000000, not "x"
9:97: a country is two capital letters, not "fr" (did you mean "FR"?)
10:10: a candidate wants a mapping of id, slug, active, type, integration, accepting_orders, under_incident, tried, allowed_countries, excluded_countries, stock, used, not text
11:3: "brest" is written twice in candidates
`
	if err == nil {
		t.Fatal("ParseFacts accepts it")
	}
	if diff := cmp.Diff(want, err.Error()+"\n"); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}
