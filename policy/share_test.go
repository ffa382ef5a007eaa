package policy_test

import (
	"fmt"
	"math"
	"testing"

	"happycolis-reassigner/policy"
)

// Over many delivery orders the shares come out as written, also when a candidate is out.
func TestSharesComeOutOverManyDeliveryOrders(t *testing.T) {
	t.Parallel()
	p := parse(t, []byte(`
version: 1
rules:
  - name: spread
    when: {}
    then: {reassign: {candidates: [lyon, lille, nantes, brest], prefer: [{share: {lyon: 5, lille: 3, nantes: 2}}]}}
default: leave
`))
	tests := map[string]struct {
		out  string
		want map[string]float64
	}{
		"all are there": {"", map[string]float64{"lyon": 0.5, "lille": 0.3, "nantes": 0.2}},
		"lyon is out":   {"lyon", map[string]float64{"lille": 0.6, "nantes": 0.4}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const orders, tolerance = 10_000, 0.015 // three standard deviations of a half
			facts := policy.Facts{FromID: "loc-paris", Candidates: map[string]policy.Candidate{}}
			for _, slug := range []string{"lyon", "lille", "nantes", "brest"} {
				facts.Candidates[slug] = policy.Candidate{
					ID: "loc-" + slug, Slug: slug, Active: policy.Known(slug != test.out), Type: policy.Known("INTERNAL")}
			}
			got := map[string]float64{}
			for i := range orders {
				facts.DeliveryOrder = fmt.Sprintf("do_%d", i)
				got[p.Decide(facts).Candidates[0].Slug] += 1.0 / orders
			}
			for slug, share := range got {
				if math.Abs(share-test.want[slug]) > tolerance {
					t.Errorf("%s: got a share of %.3f, want %.3f", slug, share, test.want[slug])
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
