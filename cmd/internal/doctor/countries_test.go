package doctor

import (
	"testing"

	"happycolis-reassigner/happycolis"
)

func TestWhichCountriesNoCandidateServes(t *testing.T) {
	t.Parallel()
	ships := func(allowed, excluded []string) *happycolis.Location {
		return &happycolis.Location{Active: true, AllowedCountries: allowed, ExcludedCountries: excluded}
	}
	for name, c := range map[string]struct {
		from *happycolis.Location
		to   []*happycolis.Location
		want string
	}{
		"one of three":                      {ships([]string{"FR", "BE", "DE"}, nil), []*happycolis.Location{ships([]string{"FR"}, nil), ships([]string{"BE"}, nil)}, "DE"},
		"all, by one without a restriction": {ships([]string{"FR", "DE"}, nil), []*happycolis.Location{ships(nil, nil)}, ""},
		"excluded where nothing restricts":  {ships([]string{"FR", "CH"}, nil), []*happycolis.Location{ships(nil, []string{"CH"})}, "CH"},
		"excluded by itself":                {ships([]string{"FR", "CH"}, []string{"CH"}), []*happycolis.Location{ships([]string{"FR"}, nil)}, ""},
		"everywhere, and a list":            {ships(nil, nil), []*happycolis.Location{ships([]string{"FR", "BE"}, []string{"BE"})}, "countries other than FR"},
		"everywhere, and no candidate":      {ships(nil, nil), nil, "any country"},
		"everywhere, but what one excludes": {ships(nil, nil), []*happycolis.Location{ships(nil, []string{"CH", "GB"}), ships([]string{"GB"}, nil)}, "CH"},
		"everywhere, and so does another":   {ships(nil, nil), []*happycolis.Location{ships(nil, []string{"CH"}), ships(nil, nil)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := countriesNotServed(c.from, c.to); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
