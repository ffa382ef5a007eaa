package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/policy"
)

var factsOfParis = policy.Facts{
	DeliveryOrder: "do-1", From: "paris-warehouse", FromID: "loc-paris",
	Priority: policy.Known("HIGH"), PickupPoint: policy.Known(false), Country: policy.Known("FR"),
}

func TestNamesAreAllLocationsOfThePolicyOnce(t *testing.T) {
	t.Parallel()
	got := parse(t, read(t, "testdata/working_everything.yaml")).Names()
	want := []string{"123", "brest-warehouse", "c81d4e2e-0000-4000-8000-000000000001", "lille-warehouse", "lyon-warehouse", "paris-warehouse"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Names (-want +got):\n%s", diff)
	}
}

func TestWordsAreAllThatThePolicyUsesOnce(t *testing.T) {
	t.Parallel()
	var every []string
	for _, words := range policy.Words() {
		every = append(every, words...)
	}
	slices.Sort(every)
	if diff := cmp.Diff(every, parse(t, read(t, "testdata/working_everything.yaml")).Words()); diff != "" {
		t.Errorf("Words of a policy that uses every one (-want +got):\n%s", diff)
	}
	want := []string{"from", "pickup_point", "priority", "ships_to_country", "listed_order"}
	slices.Sort(want)
	if diff := cmp.Diff(want, parse(t, read(t, "../policy.example.yaml")).Words()); diff != "" {
		t.Errorf("Words of the example (-want +got):\n%s", diff)
	}
	if got := parse(t, read(t, "testdata/working_no_rules.yaml")).Words(); len(got) > 0 {
		t.Errorf("Words of a policy without rules: got %v", got)
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	p := parse(t, read(t, "../policy.example.yaml"))
	low, pickup, elsewhere, vague := factsOfParis, factsOfParis, factsOfParis, factsOfParis
	low.Priority = policy.Known("LOW")
	pickup.PickupPoint = policy.Known(true)
	elsewhere.From, elsewhere.FromID = "nantes-warehouse", "loc-nantes"
	vague.Priority = policy.Fact[string]{}
	tests := map[string]struct {
		facts policy.Facts
		want  []string
	}{
		"the candidates of the rule that matches, as written": {factsOfParis, []string{"lyon-warehouse", "lille-warehouse"}},
		"nothing when the rule asks for a person":             {pickup, nil},
		"nothing when no rule matches":                        {elsewhere, nil},
		"nothing when a predicate fails":                      {low, nil},
		"nothing when a predicate is unknown":                 {vague, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, p.Needs(test.facts)); diff != "" {
				t.Errorf("Needs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRevisionNamesTheBytesOfTheFile(t *testing.T) {
	t.Parallel()
	const file = "version: 1\nrules: []\ndefault: leave\n"
	p := parse(t, []byte(file))
	// printf 'version: 1\nrules: []\ndefault: leave\n' | sha256sum | cut -c1-12
	if got, want := p.Revision(), "981cda150e8a"; got != want {
		t.Errorf("Revision: got %s, want %s", got, want)
	}
	if got := parse(t, []byte(file+"\n")).Revision(); got == p.Revision() {
		t.Errorf("Revision: %s is also that of a file with one more byte", got)
	}
	if got := p.Decide(policy.Facts{}).Revision; got != p.Revision() {
		t.Errorf("Decide: revision %s, want %s", got, p.Revision())
	}
}

func TestExplainTellsEverySortOfDecision(t *testing.T) {
	t.Parallel()
	p := parse(t, read(t, "testdata/working_everything.yaml"))
	lyon := policy.Candidate{ID: "loc-lyon", Slug: "lyon-warehouse", Active: policy.Known(true), Type: policy.Known("INTERNAL")}
	brest := policy.Candidate{ID: "c81d4e2e-0000-4000-8000-000000000001", Active: policy.Known(true), Type: policy.Known("EXTERNAL")}
	tests := map[string]struct {
		facts policy.Facts
		want  []string
	}{
		"it goes somewhere": {
			with(factsOfParis, map[string]policy.Candidate{"lyon-warehouse": lyon, brest.ID: brest}),
			[]string{
				`Delivery order do-1 goes to lyon-warehouse, else to c81d4e2e-0000-4000-8000-000000000001, by policy REVISION.`,
				`Rule "low priority stays" does not match: priority wanted LOW, saw HIGH.`,
				`Rule "a pickup point needs a person" does not match: pickup_point wanted true, saw false.`,
				`Rule "paris and 123 fall back" matches: from wanted one of paris-warehouse, 123, saw paris-warehouse; ` +
					`priority wanted one of NORMAL, HIGH, saw HIGH; pickup_point wanted false, saw false.`,
				`Candidate lyon-warehouse is admitted: location wanted not the failing one, saw lyon-warehouse; active wanted true, saw true; ` +
					`integration wanted none for INTERNAL, saw not needed; ` +
					`accepting_orders wanted accepts orders by now, saw no later date is known; incident wanted none, saw none; tried wanted not yet, saw not yet; ` +
					`ships_to_country wanted ships to FR, saw no restriction; listed_order place 1.`,
				`Candidate c81d4e2e-0000-4000-8000-000000000001 is admitted: location wanted not the failing one, ` +
					`saw c81d4e2e-0000-4000-8000-000000000001; active wanted true, saw true; integration wanted none for EXTERNAL, saw not needed; ` +
					`accepting_orders wanted accepts orders by now, saw no later date is known; incident wanted none, saw none; tried wanted not yet, saw not yet; ships_to_country wanted ships to FR, saw no restriction; listed_order place 2.`,
				`Candidate paris-warehouse is refused: location wanted not the failing one, saw paris-warehouse.`,
			},
		},
		"no candidate could be read": {
			factsOfParis,
			[]string{
				`Delivery order do-1 needs a person (no_candidate), by policy REVISION.`,
				`Rule "low priority stays" does not match: priority wanted LOW, saw HIGH.`,
				`Rule "a pickup point needs a person" does not match: pickup_point wanted true, saw false.`,
				`Rule "paris and 123 fall back" matches: from wanted one of paris-warehouse, 123, saw paris-warehouse; ` +
					`priority wanted one of NORMAL, HIGH, saw HIGH; pickup_point wanted false, saw false.`,
				`Candidate lyon-warehouse is refused: location wanted can be read, saw unknown.`,
				`Candidate c81d4e2e-0000-4000-8000-000000000001 is refused: location wanted can be read, saw unknown.`,
				`Candidate paris-warehouse is refused: location wanted not the failing one, saw paris-warehouse.`,
			},
		},
		"it stays": {
			policy.Facts{Priority: policy.Known("LOW")},
			[]string{
				`The delivery order stays where it is (policy_leave), by policy REVISION.`,
				`Rule "low priority stays" matches: priority wanted LOW, saw LOW.`,
			},
		},
		"a fact is unknown": {
			policy.Facts{},
			[]string{
				`The delivery order needs a person (fact_unknown), by policy REVISION.`,
				`Rule "low priority stays" may match or not, so a person decides: priority wanted LOW, saw unknown.`,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := p.Decide(test.facts).Explain()
			want := strings.Split(strings.ReplaceAll(strings.Join(test.want, "\n"), "REVISION", p.Revision()), "\n")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Explain (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExplainTellsThatWaitingMayHelp(t *testing.T) {
	t.Parallel()
	p := parse(t, []byte(`
version: 1
rules:
  - name: everything but france goes to lyon
    when: {not: {country: [FR]}, any: [{units: {min: 2}}, {sku: "MUG-*", order_type: [B2C]}]}
    then: {reassign: {candidates: [lyon], must: [{capacity: {per_hour: 5, per_day: 20}}]}}
default: needs_person
`))
	facts := policy.Facts{
		FromID: "loc-paris", Country: policy.Known("BE"), OrderType: policy.Known("B2C"), Lines: policy.Known([]policy.Line{{SKU: "MUG-1", Quantity: 1}}),
		Candidates: map[string]policy.Candidate{"lyon": {
			ID: "loc-lyon", Slug: "lyon", Active: policy.Known(true), Type: policy.Known("INTERNAL"), Used: policy.Known(policy.Used{Hour: 5, Day: 9})}},
	}
	want := []string{
		"The delivery order waits for capacity of lyon, and needs a person (no_candidate) if that takes too long, by policy " + p.Revision() + ".",
		`Rule "everything but france goes to lyon" matches: not wanted country FR, saw country BE; ` +
			`any wanted units at least 2 or (sku MUG-* and order_type B2C), saw sku MUG-1 and order_type B2C.`,
		"Candidate lyon is refused: capacity wanted under 5 in an hour and under 20 in a day, saw 5 in an hour and 9 in a day.",
	}
	if diff := cmp.Diff(want, p.Decide(facts).Explain()); diff != "" {
		t.Errorf("Explain (-want +got):\n%s", diff)
	}
}

func TestExplainTellsThatACandidateMayHaveFailed(t *testing.T) {
	t.Parallel()
	p := parse(t, []byte(`
version: 1
rules:
  - {name: paris falls back to lyon, when: {}, then: {reassign: {candidates: [lyon]}}}
default: needs_person
`))
	d := p.Decide(policy.Facts{FromID: "loc-paris", Candidates: map[string]policy.Candidate{"lyon": {
		ID: "loc-lyon", Slug: "lyon", Active: policy.Known(true), Type: policy.Known("INTERNAL"), Suspected: true}}})
	want := []string{
		"The delivery order waits until it is clear whether lyon failed too, and needs a person (no_candidate) if so, by policy " + p.Revision() + ".",
		`Rule "paris falls back to lyon" matches.`,
		"Candidate lyon is refused: incident wanted none, saw not confirmed yet.",
	}
	if diff := cmp.Diff(want, d.Explain()); diff != "" {
		t.Errorf("Explain (-want +got):\n%s", diff)
	}
	if got, want := d.String(), "needs_person no_candidate wait"; got != want {
		t.Errorf("in short %q, want %q", got, want)
	}
}

func TestExplainTellsThatARuleIsSkippedAndTheDefaultDecides(t *testing.T) {
	t.Parallel()
	p := parse(t, read(t, "../policy.example.yaml"))
	got := p.Decide(policy.Facts{From: "nantes-warehouse", FromID: "loc-nantes"}).Explain()
	want := []string{
		"The delivery order needs a person (policy_rule), by policy " + p.Revision() + ".",
		`Rule "orders for a pickup point stay with a person" may match or not, so it is skipped as it says: pickup_point wanted true, saw unknown.`,
		`Rule "paris falls back to lyon, then lille" does not match: from wanted paris-warehouse, saw nantes-warehouse.`,
		"No rule matches, so the default decides.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Explain (-want +got):\n%s", diff)
	}
}

func with(f policy.Facts, candidates map[string]policy.Candidate) policy.Facts {
	f.Candidates = candidates
	return f
}

func TestFallbacksAreThoseOfTheRulesThatCouldMatch(t *testing.T) {
	t.Parallel()
	p, err := policy.Parse([]byte(`version: 1
rules:
  - {name: of paris, when: {from: [paris, loc_1], country: [FR]}, then: {reassign: {candidates: [lyon, paris]}}}
  - {name: of rome, when: {from: [rome]}, then: {reassign: {candidates: [milan]}}}
  - {name: of any, when: {priority: [HIGH]}, then: {reassign: {candidates: [depot]}}}
default: needs_person
`))
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[[2]string][]string{
		{"paris", "loc_9"}: {"depot", "lyon"}, {"renamed", "loc_1"}: {"depot", "lyon", "paris"}, {"rome", "loc_2"}: {"depot", "milan"},
		{"oslo", "loc_3"}: {"depot"}, {"depot", "loc_4"}: nil,
	} {
		if diff := cmp.Diff(want, p.Fallbacks(from[0], from[1])); diff != "" {
			t.Errorf("%v (-want +got):\n%s", from, diff)
		}
	}
}
