package policy

import (
	"math"
	"strconv"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// cost prefers the candidate from which a parcel to the country of the delivery address costs the least.
type cost struct {
	byCountry map[string]map[string]price // by the name of the candidate as listed
}

// price is what a parcel costs, in whatever currency the policy counts.
type price struct {
	amount  float64
	written string
}

const wordCost = "cost"

// costExample is how a message shows what is wanted.
const costExample = "{FR: {lyon-warehouse: 4.10, lille-warehouse: 3.90}}"

func readCost(r *reader, arg strictyaml.Node) rating {
	p := cost{byCountry: map[string]map[string]price{}}
	switch {
	case arg.Kind != strictyaml.Mapping:
		r.refuse(arg, "cost wants the price from each candidate by country, like %s, not %s", costExample, quote(arg))
	case len(arg.Fields) == 0:
		r.refuse(arg, "cost is empty; give each country its prices, like %s", costExample)
	}
	for _, f := range r.entries(strictyaml.Node{Kind: strictyaml.Mapping, Fields: arg.Fields}, wordCost, "countries") {
		codes := r.countries(strictyaml.Node{Kind: strictyaml.List, Items: []strictyaml.Node{f.Key}}, wordCost)
		prices := r.prices(f.Value)
		for _, code := range codes {
			p.byCountry[code] = prices
		}
	}
	return p
}

// prices reads what a parcel to one country costs.
func (r *reader) prices(n strictyaml.Node) map[string]price {
	const example = "a price for each candidate, like {lyon-warehouse: 4.10, lille-warehouse: 3.90}"
	prices := map[string]price{}
	switch {
	case n.Kind != strictyaml.Mapping:
		r.refuse(n, "the cost of a country wants %s, not %s", example, quote(n))
		return prices
	case len(n.Fields) == 0:
		r.refuse(n, "the cost of a country is empty; write %s", example)
	}
	for _, f := range r.entries(n, "the cost of a country", "candidates") {
		name := r.candidate(f.Key, wordCost)
		amount, err := strconv.ParseFloat(f.Value.Text, 64)
		if f.Value.Kind != strictyaml.Number || err != nil || !(amount >= 0 && amount <= maxCount) {
			r.refuse(f.Value, "a price must be a number from 0 to %d, like 4.10, not %s", maxCount, quote(f.Value))
		}
		prices[name] = price{amount, f.Value.Text}
	}
	return prices
}

// rate puts a candidate whose price is not written behind all others. Where the country is not known, or not in the table, all
// are equal.
func (p cost) rate(f Facts, _ Candidate, at listing) (score float64, word, seen string) {
	country, known := textOf(f.Country)
	if !known {
		return math.Inf(-1), wordCost, seenUnknown
	}
	country = strings.ToUpper(country)
	told, listed := p.byCountry[country][at.name]
	if !listed {
		return math.Inf(-1), wordCost, "none to " + country
	}
	return -told.amount, wordCost, told.written + " to " + country
}
