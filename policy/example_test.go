package policy_test

import (
	"fmt"

	"happycolis-reassigner/policy"
)

func Example() {
	p, err := policy.Parse([]byte(`
version: 1
rules:
  - name: paris falls back to lyon, then lille
    when: {from: [paris-warehouse]}
    then:
      reassign:
        candidates: [lyon-warehouse, lille-warehouse]
        must: [ships_to_country]
default: needs_person
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	facts := policy.Facts{
		DeliveryOrder: "do_1",
		From:          "paris-warehouse",
		FromID:        "loc_1",
		Country:       policy.Known("BE"),
	}
	fmt.Println("needs:", p.Needs(facts))

	facts.Candidates = map[string]policy.Candidate{
		"lyon-warehouse": {
			ID: "loc_2", Slug: "lyon-warehouse", Active: policy.Known(true),
			Type: policy.Known("WAREHOUSE"), Integration: policy.Known("ERROR"),
		},
		"lille-warehouse": {
			ID: "loc_3", Slug: "lille-warehouse", Active: policy.Known(true),
			Type: policy.Known("WAREHOUSE"), Integration: policy.Known("ACTIVE"),
		},
	}
	d := p.Decide(facts)
	fmt.Println("outcome:", d.Outcome, d.Candidates)
	fmt.Println(d.Explain()[2])
	// Output:
	// needs: [lyon-warehouse lille-warehouse]
	// outcome: reassign [lille-warehouse]
	// Candidate lyon-warehouse is refused: integration wanted ACTIVE, saw ERROR.
}

func ExampleParse_problems() {
	_, err := policy.Parse([]byte(`version: 1
rules:
  - name: paris falls back to lyon
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse], must: [in_stok]}}
`))
	fmt.Println(err)
	// Output:
	// 1:1: default is missing; write default: needs_person or default: leave
	// 5:60: unknown fence "in_stok" (did you mean "in_stock"?); known: capacity, in_stock, in_stock_if_known, ships_to_country
}

func ExampleParseWant() {
	p, err := policy.Parse([]byte(`
version: 1
rules:
  - name: what breaks is moved by hand
    when: {from: [paris-warehouse], sku: "FRAGILE-*"}
    then: needs_person
default: leave
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	facts, err := policy.ParseFacts([]byte(`
from: paris-warehouse
from_id: loc_1
lines:
  - {sku: MUG, quantity: 2}
  - {sku: FRAGILE-VASE, quantity: 1}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	want, err := policy.ParseWant("needs_person policy_rule")
	if err != nil {
		fmt.Println(err)
		return
	}
	d := p.Decide(facts)
	fmt.Println(want.Met(d))
	fmt.Println(d.Explain()[1])
	// Output:
	// true
	// Rule "what breaks is moved by hand" matches: from wanted paris-warehouse, saw paris-warehouse; sku wanted FRAGILE-*, saw FRAGILE-VASE.
}
