package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"happycolis-reassigner/policy"
)

// BenchmarkDecide decides by the last of 20 rules over 20 candidates, with every fence and
// rating: the most that a sensible policy asks for.
func BenchmarkDecide(b *testing.B) {
	p, facts := largePolicy(b)
	b.ReportAllocs()
	for b.Loop() {
		if d := p.Decide(facts); len(d.Candidates) != 20 {
			b.Fatalf("got %s", d)
		}
	}
}

// BenchmarkParse reads the same policy.
func BenchmarkParse(b *testing.B) {
	text := []byte(largeText())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func largePolicy(t testing.TB) (*policy.Policy, policy.Facts) {
	facts := factsOfParis
	facts.OrderType = policy.Known("B2C")
	facts.Lines = policy.Known([]policy.Line{{SKU: "MUG", Quantity: 3}, {SKU: "POT", Quantity: 1}})
	facts.Candidates = map[string]policy.Candidate{}
	for i := range 20 {
		slug := fmt.Sprintf("warehouse-%d", i)
		facts.Candidates[slug] = policy.Candidate{
			ID: "loc-" + slug, Slug: slug, Active: policy.Known(true), Type: policy.Known("WAREHOUSE"), Integration: policy.Known("ACTIVE"),
			AllowedCountries: []string{"BE", "FR"}, Used: policy.Known(policy.Used{Hour: i}),
			Stock: map[string]policy.Stock{"MUG": {Available: 10 + i, Known: true}, "POT": {Available: 20 - i, Known: true}},
		}
	}
	return parse(t, []byte(largeText())), facts
}

func largeText() string {
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("warehouse-%d", i))
	}
	to := "then: {reassign: {candidates: [" + strings.Join(names, ", ") + "], must: [ships_to_country, in_stock, {capacity: {per_hour: 500}}], " +
		"prefer: [most_stock, {share: {warehouse-0: 60, warehouse-1: 40}}, listed_order]}}"
	var b strings.Builder
	b.WriteString("version: 1\ndefault: needs_person\nrules:\n")
	for i := range 19 {
		fmt.Fprintf(&b, "  - name: rule %d\n    when: {from: [paris-warehouse], priority: [HIGH], any: [{sku: \"NO-%d-*\"}, {not: {country: [FR]}}]}\n    %s\n", i, i, to)
	}
	fmt.Fprintf(&b, "  - name: the last\n    when: {from: [paris-warehouse], units: {max: 9}}\n    %s\n", to)
	return b.String()
}
