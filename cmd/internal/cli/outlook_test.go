package cli

import (
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

func TestWhatAPlanComesToReadsWell(t *testing.T) {
	t.Parallel()
	short := api.LocationForecast{LocationID: "loc_1", Location: "paris-warehouse", Orders: 1240, Moves: 900, Holding: 300, Left: 10, Persons: 30, Stranded: 12,
		Requests: 5800, Targets: []api.TargetForecast{
			{Location: "lille-warehouse", Orders: 400, Units: 912, NoStock: 12, Unknown: 3, ShortSKUs: 12, Short: []api.SKUShortage{
				{SKU: "MUG-BLUE", Requested: 60, Available: 41}, {SKU: "TRAY", Requested: 4}}},
			{Location: "lyon-warehouse", Orders: 500, Units: 1031, NoCapacity: 300, PerHour: 500, PerDay: 4000, UsedDay: 12},
		}}
	quiet := api.LocationForecast{LocationID: "loc_2", Location: "lyon-warehouse", Orders: 3, Moves: 3, Requests: 15,
		Targets: []api.TargetForecast{{Location: "lille-warehouse", Orders: 3, Units: 4}}}
	idle := api.LocationForecast{LocationID: "loc_3", Location: "lille-warehouse"}
	one := api.Forecast{Organization: "org_1", Orders: 1240, Targets: map[string]int{"lille-warehouse": 400, "lyon-warehouse": 500}, Holding: 300,
		Left: map[api.Reason]int{api.PolicyLeave: 10}, Persons: map[api.Reason]int{api.NoCandidate: 12, api.PolicyRule: 18},
		Stranded: map[api.Reason]int{api.NoCandidate: 12}, Requests: 5800, PerSecond: 16.1, Locations: []api.LocationForecast{short}}
	all := one
	all.All, all.Orders, all.Targets, all.Requests = true, 1243, map[string]int{"lille-warehouse": 403, "lyon-warehouse": 500}, 5815
	all.Locations = []api.LocationForecast{idle, quiet, short}
	safe := api.Forecast{Organization: "org_1", Orders: 3, Targets: map[string]int{"lille-warehouse": 3}, Requests: 15, Locations: []api.LocationForecast{quiet}}
	for name, o := range map[string]api.Forecast{
		"one": one, "all": all, "safe": safe,
		"idle":    {Organization: "org_1", Locations: []api.LocationForecast{idle}},
		"unknown": {Organization: "org_1", All: true},
	} {
		var text strings.Builder
		printOutlook(terminal.NewOutput(&text), o, name == "all")
		apptest.Golden(t, "outlook_"+name+".golden", text.String())
	}
}
