package policy

import (
	"strconv"
	"strings"
	"time"

	"happycolis-reassigner/policy/strictyaml"
)

// ParseFacts reads facts that a person wrote down, to try a policy on them. The keys are
// those of [Facts], in small letters; what is left out is unknown. A location that tells
// neither id nor slug has the name under which it stands as both. The error is [Problems].
func ParseFacts(data []byte) (Facts, error) {
	root, problems := readDocument(data)
	if len(problems) > 0 {
		return Facts{}, problems.sorted()
	}
	r := &reader{names: map[string]struct{}{}}
	f := r.facts(root)
	if len(r.problems) > 0 {
		return Facts{}, r.problems.sorted()
	}
	return f, nil
}

func (r *reader) facts(root strictyaml.Node) Facts {
	n := r.fields(root, "the facts", "delivery_order", "from", "from_id", "moment", "priority", "order_type",
		"pickup_point", "country", "lines", "candidates")
	out := Facts{
		DeliveryOrder: r.given(n["delivery_order"], "delivery_order"),
		From:          r.given(n["from"], "from"),
		FromID:        r.given(n["from_id"], "from_id"),
		Candidates:    map[string]Candidate{},
	}
	if out.From == "" && out.FromID == "" && root.Kind == strictyaml.Mapping {
		r.refuse(root, "from and from_id are missing; write at least one, so that the failing location is known")
	}
	if m := n["moment"]; m.Kind != strictyaml.Absent {
		at, err := time.Parse(time.RFC3339, m.Text)
		if err != nil {
			r.refuse(m, "moment must be a time with its zone, like 2026-05-18T15:59:00+02:00, not %s", quote(m))
		}
		out.Moment = Known(at)
	}
	out.Priority = r.chosen(n["priority"], "priority", priorities)
	out.OrderType = r.chosen(n["order_type"], "order_type", orderTypes)
	out.PickupPoint = r.yes(n["pickup_point"], "pickup_point")
	if c := n["country"]; c.Kind != strictyaml.Absent {
		out.Country = Known(strings.Join(r.countries(strictyaml.Node{Kind: strictyaml.List, Items: []strictyaml.Node{c}}, "country"), ""))
	}
	if l := n["lines"]; l.Kind != strictyaml.Absent {
		var lines []Line
		for _, item := range r.list(l, "lines", maxNames) {
			line := r.fields(item, "a line", "sku", "quantity")
			if item.Kind == strictyaml.Mapping && line["quantity"].Kind == strictyaml.Absent {
				r.refuse(item, "quantity is missing; write how many units have to be shipped")
			}
			lines = append(lines, Line{SKU: r.given(line["sku"], "sku"), Quantity: r.count(line["quantity"], "quantity")})
		}
		out.Lines = Known(lines)
	}
	for _, c := range r.entries(n["candidates"], "candidates", "locations") {
		if name := r.name(c.Key, "the name of a candidate"); name != "" {
			out.Candidates[name] = r.location(name, c.Value)
		}
	}
	return out
}

// location reads what stands under the name of a candidate.
func (r *reader) location(name string, at strictyaml.Node) Candidate {
	n := r.fields(at, "a candidate", "id", "slug", "active", "type", "integration", wordAccepting, "under_incident", "tried",
		"allowed_countries", "excluded_countries", "stock", "used")
	c := Candidate{
		ID: r.given(n["id"], "id"), Slug: r.given(n["slug"], "slug"),
		Active:    r.yes(n["active"], "active"),
		Type:      r.chosen(n["type"], "type", locationTypes),
		Accepting: r.yes(n[wordAccepting], wordAccepting),
		Tried:     r.yes(n["tried"], "tried").Value,
	}
	if i := n["under_incident"]; i.Kind == strictyaml.Text && i.Text == suspectedWord {
		c.Suspected = true
	} else {
		c.UnderIncident = r.yes(i, "under_incident").Value
	}
	if n["id"].Kind == strictyaml.Absent && n["slug"].Kind == strictyaml.Absent {
		c.ID, c.Slug = name, name
	}
	if i := n["integration"]; i.Kind == strictyaml.Text && i.Text == "" {
		c.Integration = Known("") // not connected
	} else {
		c.Integration = r.chosen(i, "integration", integrationStates)
	}
	c.AllowedCountries = r.codes(n["allowed_countries"], "allowed_countries")
	c.ExcludedCountries = r.codes(n["excluded_countries"], "excluded_countries")
	for _, s := range r.entries(n["stock"], "stock", "SKUs") {
		if c.Stock == nil {
			c.Stock = map[string]Stock{}
		}
		c.Stock[r.name(s.Key, "a SKU of stock")] = r.stock(s.Value)
	}
	if u := n["used"]; u.Kind != strictyaml.Absent {
		used := r.fields(u, "used", "hour", "day")
		c.Used = Known(Used{Hour: r.units(used["hour"], "hour"), Day: r.units(used["day"], "day")})
	}
	return c
}

// codes returns country codes. Unlike in a policy, there may be none.
func (r *reader) codes(n strictyaml.Node, what string) []string {
	if n.Kind == strictyaml.Absent || n.Kind == strictyaml.List && len(n.Items) == 0 {
		return nil
	}
	return r.countries(n, what)
}

// suspectedWord stands for an incident that is not confirmed yet, instead of true.
const suspectedWord = "suspected"

// The values of the platform (documented), as facts write them.
var (
	locationTypes     = []string{"INTERNAL", "WAREHOUSE", "EXTERNAL"}
	integrationStates = []string{"PENDING", "ACTIVE", "INACTIVE", "ERROR"}
)

// stock reads what a location has of one SKU. Without available it is not known.
func (r *reader) stock(at strictyaml.Node) Stock {
	n := r.fields(at, "the stock of a SKU", "available", "age")
	s := Stock{Available: r.units(n["available"], "available"), Known: n["available"].Kind != strictyaml.Absent}
	if age := n["age"]; age.Kind != strictyaml.Absent {
		var err error
		if s.Age, err = time.ParseDuration(age.Text); err != nil || s.Age < 0 {
			r.refuse(age, "age must be a duration, like 5m or 26h, not %s", quote(age))
		}
	}
	return s
}

// entries returns the lines of a mapping whose keys are free, each once.
func (r *reader) entries(n strictyaml.Node, where, what string) []strictyaml.Field {
	if n.Kind != strictyaml.Absent && n.Kind != strictyaml.Mapping {
		r.refuse(n, "%s wants a mapping of %s, not %s", where, what, n.Kind)
	}
	seen := map[string]bool{}
	for _, f := range n.Fields {
		if seen[f.Key.Text] {
			r.refuse(f.Key, "%s is written twice in %s", quote(f.Key), where)
		}
		seen[f.Key.Text] = true
	}
	return n.Fields
}

// given returns a name, or nothing where none is written.
func (r *reader) given(n strictyaml.Node, what string) string {
	if n.Kind == strictyaml.Absent {
		return ""
	}
	return r.name(n, what)
}

// chosen returns one of the known values, or an unknown fact where none is written.
func (r *reader) chosen(n strictyaml.Node, what string, known []string) Fact[string] {
	if n.Kind == strictyaml.Absent {
		return Fact[string]{}
	}
	return Known(strings.Join(r.choices(strictyaml.Node{Kind: strictyaml.List, Items: []strictyaml.Node{n}}, what, known), ""))
}

// yes returns true or false, or an unknown fact where nothing is written.
func (r *reader) yes(n strictyaml.Node, what string) Fact[bool] {
	if n.Kind == strictyaml.Absent {
		return Fact[bool]{}
	}
	return Known(r.truth(n, what))
}

// units returns a whole number from 0 on.
func (r *reader) units(n strictyaml.Node, what string) int {
	if n.Kind == strictyaml.Absent {
		return 0
	}
	value, err := strconv.Atoi(n.Text)
	if n.Kind != strictyaml.Number || err != nil || value < 0 || value > maxCount {
		r.refuse(n, "%s must be a whole number from 0 to %d, not %s", what, maxCount, quote(n))
	}
	return value
}
