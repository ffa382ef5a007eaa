package console

import (
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

func TestThePolicyShowsTheLastPlanOfAllLocations(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.says("/policy", "<pre tabindex=\"0\">version: 1\n", "default: needs_person\n")
	b.says("/policy", "Nobody planned all locations yet.")
	must(t, b.desk.Journal.SaveForecast(t.Context(), &journal.Forecast{Organization: organization, At: time.Now(), All: true, Revision: "of-yesterday",
		Orders: 1240, Targets: map[string]int{"lyon-warehouse": 1100}, Requests: 6000, PerSecond: 16,
		Locations: []journal.LocationForecast{{LocationID: "loc_1", Location: "paris-warehouse", Orders: 1240, Moves: 1100, Holding: 31, Left: 9, Persons: 100,
			Targets: []journal.TargetForecast{{Location: "lyon-warehouse", Orders: 1100}, {Location: "lille-warehouse"}}}}}))
	b.says("/policy", "1\u202f240", "1\u202f100", "6\u202f000, 6 min", "<code>of-yesterday</code>; the policy in force is another one", "lyon-warehouse 1\u202f100</td>", "31")
}
