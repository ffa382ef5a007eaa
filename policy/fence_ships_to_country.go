package policy

import (
	"slices"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// shipsToCountry admits a candidate that ships to the country of the delivery address.
type shipsToCountry struct{}

func readShipsToCountry(r *reader, arg strictyaml.Node) fence {
	r.alone(arg, "ships_to_country")
	return shipsToCountry{}
}

// check is unknown without a country, even for a candidate that ships everywhere: a
// delivery order that shows no country is one that somebody should look at.
func (shipsToCountry) check(f Facts, c Candidate) Check {
	const word = "ships_to_country"
	country, known := textOf(f.Country)
	if !known {
		return unknownCheck(word, "a known country")
	}
	wanted := "ships to " + country
	is := func(code string) bool { return strings.EqualFold(code, country) }
	switch {
	case slices.ContainsFunc(c.ExcludedCountries, is):
		return newCheck(word, wanted, country+" is excluded", false)
	case len(c.AllowedCountries) == 0:
		return newCheck(word, wanted, "no restriction", true)
	default:
		return newCheck(word, wanted, "ships to "+shortenList(c.AllowedCountries), slices.ContainsFunc(c.AllowedCountries, is))
	}
}
