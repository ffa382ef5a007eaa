package policy_test

import (
	"testing"

	"happycolis-reassigner/policy"
)

func TestTheFencesOfARuleAreAskedAgain(t *testing.T) {
	t.Parallel()
	p := parse(t, []byte(`
version: 1
rules:
  - name: with stock
    when: {priority: [HIGH]}
    then: {reassign: {candidates: [lyon], must: [in_stock, {capacity: {per_hour: 5}}]}}
  - name: without
    when: {}
    then: {reassign: {candidates: [lyon]}}
default: leave
`))
	facts := policy.Facts{FromID: "loc-paris", Lines: policy.Known([]policy.Line{{SKU: "MUG", Quantity: 2}})}
	lyon := func(units, began int) policy.Candidate {
		return policy.Candidate{ID: "loc-lyon", Stock: map[string]policy.Stock{"MUG": {Available: units, Known: true}}, Used: policy.Known(policy.Used{Hour: began})}
	}
	for name, c := range map[string]struct {
		rule string
		now  policy.Candidate
		want string // the fence that refuses; "" none
	}{
		"there is enough":             {"with stock", lyon(2, 4), ""},
		"it is sold":                  {"with stock", lyon(1, 0), "in_stock"},
		"it is full":                  {"with stock", lyon(9, 5), "capacity"},
		"nothing is known any more":   {"with stock", policy.Candidate{ID: "loc-lyon"}, ""},
		"the rule asks for nothing":   {"without", lyon(0, 9), ""},
		"the rule is not there again": {"of yesterday", lyon(0, 9), ""},
	} {
		check, refuses := p.Refuses(c.rule, facts, c.now)
		if check.Word != c.want || refuses != (c.want != "") {
			t.Errorf("%s: refused %t by %q, want %q", name, refuses, check.Word, c.want)
		}
	}
}

func TestTheFencesOfEveryRuleFitOrNot(t *testing.T) {
	t.Parallel()
	facts := policy.Facts{FromID: "loc-paris"}
	fits := policy.Candidate{ID: "loc-lyon", Active: policy.Known(true), Type: policy.Known("INTERNAL")}
	if !policy.Fits(facts, fits) {
		t.Error("a location with which nothing is wrong does not fit")
	}
	for name, bend := range map[string]func(*policy.Candidate){
		"the failing one":          func(c *policy.Candidate) { c.ID = "loc-paris" },
		"not known to be active":   func(c *policy.Candidate) { c.Active = policy.Fact[bool]{} },
		"a warehouse that is lost": func(c *policy.Candidate) { c.Type, c.Integration = policy.Known("WAREHOUSE"), policy.Known("ERROR") },
		"to take orders later":     func(c *policy.Candidate) { c.Accepting = policy.Known(false) },
		"under incident":           func(c *policy.Candidate) { c.UnderIncident = true },
		"said to have failed":      func(c *policy.Candidate) { c.Suspected = true },
	} {
		c := fits
		bend(&c)
		if policy.Fits(facts, c) {
			t.Errorf("it fits although it is %s", name)
		}
	}
}
