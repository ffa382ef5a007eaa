package policy_test

import (
	"time"

	"happycolis-reassigner/policy"
)

// factsCase are facts as a case writes them: what is left out is unknown. Unlike a facts
// file for people, it can also write what makes no sense.
type factsCase struct {
	DeliveryOrder     string `yaml:"delivery_order"`
	From              string
	FromID            string `yaml:"from_id"`
	Moment            *time.Time
	Priority, Country *string
	OrderType         *string `yaml:"order_type"`
	PickupPoint       *bool   `yaml:"pickup_point"`
	Lines             *[]struct {
		SKU      string
		Quantity int
	}
	Candidates map[string]candidateCase
}

type candidateCase struct {
	ID, Slug          string
	Active            *bool
	Type, Integration *string
	Accepting         *bool  `yaml:"accepting_orders"`
	AcceptsFrom       string `yaml:"accepts_from"`
	UnderIncident     bool   `yaml:"under_incident"`
	Suspected         bool
	Tried             bool
	Allowed           []string `yaml:"allowed_countries"`
	Excluded          []string `yaml:"excluded_countries"`
	Stock             map[string]struct {
		Available *int
		Age       time.Duration
	}
	Used *struct{ Hour, Day int }
}

func (c factsCase) facts() policy.Facts {
	f := policy.Facts{
		DeliveryOrder: c.DeliveryOrder, From: c.From, FromID: c.FromID, Moment: fact(c.Moment), Priority: fact(c.Priority), Country: fact(c.Country),
		OrderType: fact(c.OrderType), PickupPoint: fact(c.PickupPoint), Candidates: map[string]policy.Candidate{},
	}
	if f.DeliveryOrder == "" {
		f.DeliveryOrder = "do-1"
	}
	if c.Lines != nil {
		f.Lines.Known = true
		for _, l := range *c.Lines {
			f.Lines.Value = append(f.Lines.Value, policy.Line(l))
		}
	}
	for name, l := range c.Candidates {
		f.Candidates[name] = l.candidate()
	}
	return f
}

func (c candidateCase) candidate() policy.Candidate {
	out := policy.Candidate{
		ID: c.ID, Slug: c.Slug, Active: fact(c.Active), Type: fact(c.Type), Integration: fact(c.Integration),
		Accepting: fact(c.Accepting), AcceptsFrom: c.AcceptsFrom,
		UnderIncident: c.UnderIncident, Suspected: c.Suspected, Tried: c.Tried, AllowedCountries: c.Allowed, ExcludedCountries: c.Excluded,
		Stock: map[string]policy.Stock{},
	}
	for sku, s := range c.Stock {
		out.Stock[sku] = policy.Stock{Age: s.Age, Known: s.Available != nil, Available: fact(s.Available).Value}
	}
	if c.Used != nil {
		out.Used = policy.Known(policy.Used(*c.Used))
	}
	return out
}

func fact[T any](value *T) policy.Fact[T] {
	if value == nil {
		return policy.Fact[T]{}
	}
	return policy.Known(*value)
}
