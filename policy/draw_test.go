package policy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"happycolis-reassigner/policy"
)

// Few names, so that rules, facts and candidates often speak of the same thing.
var (
	slugs      = []string{"paris", "lyon", "lille"}
	locations  = []string{"paris", "lyon", "lille", "loc-paris", "loc-lyon", "loc-lille"}
	countries  = []string{"FR", "BE"}
	priorities = []string{"LOW", "NORMAL", "HIGH"}
	skus       = []string{"MUG-1", "MUG-2", "POT"}
)

// capacityOfTwo is a fence as a drawn policy writes it.
const capacityOfTwo = "capacity: {per_hour: 2, per_day: 50}"

// extraRule is one that is added to a policy that stays as it is.
const extraRule = "one more rule"

// policyText is a policy that was drawn.
type policyText struct {
	fallback string
	rules    string              // all of them, as YAML
	must     map[string][]string // fences of each rule
	refused  string              // the rule that add refused last
	last     string              // the rule added last, if it reassigns
	goesOn   map[string]bool     // the rules with otherwise: next
}

func (p policyText) String() string {
	rules := p.rules
	if rules == "" {
		rules = "  []\n"
	}
	return "version: 1\ndefault: " + p.fallback + "\nrules:\n" + rules
}

func (p policyText) parse(t *rapid.T) *policy.Policy {
	parsed, err := sources.Parse([]byte(p.String()))
	if err != nil {
		t.Fatalf("Parse:\n%v\n%s", err, p)
	}
	return parsed
}

// drawPolicy returns a policy of up to five rules.
func drawPolicy(t *rapid.T) policyText {
	p := policyText{goesOn: map[string]bool{}, fallback: rapid.SampledFrom([]string{"leave", "needs_person"}).Draw(t, "default")}
	n := rapid.IntRange(1, 5).Draw(t, "rules")
	for i := range n {
		p.add(t, fmt.Sprintf("rule %d", i), i == n-1)
	}
	return p
}

// add draws one more rule, unless it could never decide. Only the last may match everything.
func (p *policyText) add(t *rapid.T, name string, last bool) bool {
	least := 1
	if last {
		least = 0
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %s\n    when: {%s}\n", name, drawWhen(t, least, 2))
	if rapid.Bool().Draw(t, "skip") {
		b.WriteString("    unknown: skip\n")
	}
	var must []string
	switch rapid.IntRange(0, 5).Draw(t, "then") {
	case 0:
		b.WriteString("    then: leave\n")
	case 1:
		b.WriteString("    then: needs_person\n")
	default:
		candidates := rapid.SliceOfNDistinct(rapid.SampledFrom(locations), 1, 4, rapid.ID[string]).Draw(t, "candidates")
		must = drawSome(t, "must", []string{"ships_to_country", "in_stock", "in_stock_if_known", capacityOfTwo})
		prefer := drawSome(t, "prefer", []string{"most_stock", "share: {" + candidates[0] + ": 7}", "cost: {FR: {" + candidates[0] + ": 1.5}}"})
		if rapid.Bool().Draw(t, "listed") {
			prefer = append(prefer, "listed_order")
		}
		fmt.Fprintf(&b, "    then: {reassign: {candidates: [%s]%s%s}}\n", strings.Join(candidates, ", "), listing(", must: ", must), listing(", prefer: ", prefer))
	}
	longer := *p
	longer.goesOn = maps.Clone(p.goesOn)
	if p.last != "" && name != extraRule && rapid.IntRange(0, 2).Draw(t, "otherwise") > 0 {
		longer.rules += "    otherwise: next\n"
		longer.goesOn[p.last] = true
	}
	longer.rules += b.String()
	longer.last = ""
	if strings.Contains(b.String(), "candidates: ") {
		longer.last = name
	}
	if _, err := sources.Parse([]byte(longer.String())); err != nil {
		if text := err.Error(); strings.Contains(text, "the only candidate is") || !strings.Contains(text, "this rule is never reached") {
			if !strings.Contains(text, "the only candidate is") {
				t.Fatalf("Parse:\n%v\n%s", err, longer)
			}
			t.Skip("a rule that goes nowhere")
		}
		p.refused = b.String()
		return false
	}
	longer.must = maps.Clone(p.must)
	if longer.must == nil {
		longer.must = map[string][]string{}
	}
	longer.must[name] = must
	*p = longer
	return true
}

func drawSome(t *rapid.T, label string, of []string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, len(of), rapid.ID[string]).Draw(t, label)
}

// listing writes words as a list, or nothing.
func listing(key string, words []string) string {
	if len(words) == 0 {
		return ""
	}
	return key + "[" + strings.Join(words, ", ") + "]"
}

// drawWhen returns predicates, as YAML, that contain others up to the depth.
func drawWhen(t *rapid.T, least, depth int) string {
	known := []string{"from", "priority", "pickup_point", "country", "order_type", "sku", "time", "units"}
	if depth > 0 {
		known = append(known, "any", "not")
	}
	words := rapid.SliceOfNDistinct(rapid.SampledFrom(known), least, 3, rapid.ID[string]).Draw(t, "when")
	one := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "value") }
	for i, word := range words {
		words[i] += ": " + map[string]func() string{
			"from":         func() string { return "[" + one(locations...) + "]" },
			"priority":     func() string { return one("[LOW]", "[HIGH]", "[LOW, NORMAL]", "[NORMAL, HIGH]") },
			"pickup_point": func() string { return one("true", "false") },
			"country":      func() string { return one("[FR]", "[BE]", "[FR, BE]") },
			"order_type":   func() string { return one("[B2B]", "[B2C]") },
			"sku":          func() string { return one("MUG-*", "[MUG-1, POT]", "P?T", `"*"`) },
			"time": func() string {
				return one(`{zone: Europe/Paris, to: "16:00"}`, `{zone: UTC, from: "22:00", to: "06:00", days: [fri, sat]}`)
			},
			"units": func() string { return one("{min: 2}", "{max: 3}", "{min: 2, max: 4}") },
			"not":   func() string { return "{" + drawWhen(t, 1, depth-1) + "}" },
			"any": func() string {
				return "[{" + drawWhen(t, 1, depth-1) + "}, {" + drawWhen(t, 1, depth-1) + "}]"
			},
		}[word]()
	}
	return strings.Join(words, ", ")
}

// drawFacts returns facts of which each is known four times out of five.
func drawFacts(t *rapid.T) policy.Facts {
	f := drawFactsKnown(t)
	forget(t, "priority", &f.Priority)
	forget(t, "pickup point", &f.PickupPoint)
	forget(t, "country", &f.Country)
	forget(t, "order type", &f.OrderType)
	forget(t, "lines", &f.Lines)
	forget(t, "moment", &f.Moment)
	from := rapid.SampledFrom(slugs).Draw(t, "from")
	if rapid.IntRange(0, 4).Draw(t, "slug known") > 0 {
		f.From = from
	}
	if rapid.IntRange(0, 4).Draw(t, "id known") > 0 {
		f.FromID = "loc-" + from
	}
	f.Candidates = map[string]policy.Candidate{}
	for _, slug := range slugs {
		c := drawCandidate(t, slug)
		for _, name := range []string{slug, "loc-" + slug} {
			if rapid.IntRange(0, 4).Draw(t, "read") > 0 {
				f.Candidates[name] = c
			}
		}
	}
	if len(f.Candidates) == 0 && rapid.Bool().Draw(t, "no map") {
		f.Candidates = nil
	}
	return f
}

// drawFactsKnown returns what the delivery order tells, all of it.
func drawFactsKnown(t *rapid.T) policy.Facts {
	line := rapid.Custom(func(t *rapid.T) policy.Line {
		return policy.Line{SKU: rapid.SampledFrom(append(slices.Clone(skus), "")).Draw(t, "sku"), Quantity: rapid.IntRange(1, 3).Draw(t, "quantity")}
	})
	return policy.Facts{
		DeliveryOrder: rapid.SampledFrom([]string{"do-1", "do-2", "do-3"}).Draw(t, "delivery order"),
		Moment:        policy.Known(time.Unix(1_780_000_000+rapid.Int64Range(0, 7*86400).Draw(t, "moment"), 0)),
		Priority:      policy.Known(rapid.SampledFrom(priorities).Draw(t, "priority")),
		PickupPoint:   policy.Known(rapid.Bool().Draw(t, "pickup point")),
		Country:       policy.Known(rapid.SampledFrom(countries).Draw(t, "country")),
		OrderType:     policy.Known(rapid.SampledFrom([]string{"B2B", "B2C"}).Draw(t, "order type")),
		Lines:         policy.Known(rapid.SliceOfN(line, 0, 3).Draw(t, "lines")),
	}
}

func drawCandidate(t *rapid.T, slug string) policy.Candidate {
	often := rapid.IntRange(0, 4)
	c := policy.Candidate{
		ID:            "loc-" + slug,
		Active:        policy.Known(often.Draw(t, "active") > 0),
		Type:          policy.Known(rapid.SampledFrom([]string{"WAREHOUSE", "INTERNAL", "EXTERNAL"}).Draw(t, "type")),
		Integration:   policy.Known(rapid.SampledFrom([]string{"ACTIVE", "ACTIVE", "ACTIVE", "ERROR", ""}).Draw(t, "integration")),
		Accepting:     policy.Fact[bool]{Known: rapid.Bool().Draw(t, "accepting told"), Value: often.Draw(t, "accepting") > 0},
		UnderIncident: often.Draw(t, "under incident") == 0,
		Suspected:     often.Draw(t, "suspected") == 0,
		Tried:         often.Draw(t, "tried") == 0,
		Used:          policy.Known(policy.Used{Hour: rapid.IntRange(0, 3).Draw(t, "used")}),
		Stock:         map[string]policy.Stock{},
	}
	forget(t, "active", &c.Active)
	forget(t, "type", &c.Type)
	forget(t, "integration", &c.Integration)
	forget(t, "used", &c.Used)
	if often.Draw(t, "slug told") > 0 {
		c.Slug = slug
	}
	if often.Draw(t, "allows some") == 0 {
		c.AllowedCountries = []string{rapid.SampledFrom(countries).Draw(t, "allowed")}
	}
	if often.Draw(t, "excludes some") == 0 {
		c.ExcludedCountries = []string{rapid.SampledFrom(countries).Draw(t, "excluded")}
	}
	for _, sku := range skus {
		if often.Draw(t, "stock told") > 0 {
			c.Stock[sku] = policy.Stock{Available: rapid.IntRange(-1, 8).Draw(t, "available"), Known: often.Draw(t, "stock known") > 0, Age: time.Minute}
		}
	}
	return c
}

// forget makes a fact unknown, one time out of five.
func forget[T any](t *rapid.T, label string, f *policy.Fact[T]) {
	if rapid.IntRange(0, 4).Draw(t, label+" known") == 0 {
		*f = policy.Fact[T]{}
	}
}
