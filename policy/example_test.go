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
    then: {reassign: {candidates: [lyon-warehouse], must: [in_stock]}}
`))
	fmt.Println(err)
	// Output:
	// 1:1: default is missing; write default: needs_person or default: leave
	// 5:60: unknown fence "in_stock"; known: ships_to_country
}
