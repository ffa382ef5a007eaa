package main

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/demo"
)

// demoSeeds, a number in the environment, has the demo run with that many seeds and 40 orders each, which
// takes a quarter of a minute a seed. Without it few seeds and few orders are run.
const demoSeeds = "REASSIGNER_DEMO_SEEDS"

// What a reassigned delivery order may cost, in HTTP requests by its original's status.
var budget = map[string]float64{"DRAFT": 3, "PENDING": 6}

func TestTheDemoHoldsWithinItsBudgetForEverySeed(t *testing.T) {
	t.Parallel()
	seeds, orders := 2, "8"
	if text := os.Getenv(demoSeeds); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("%s is %q, write a number", demoSeeds, text)
		}
		seeds, orders = n, "40"
	}
	for seed := 1; seed <= seeds; seed++ {
		t.Run("seed "+strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			got := runVerb(t, apptest.Environment(), "demo", "--orders", orders, "--seed", strconv.Itoa(seed), "--keep=false", "--json")
			var report demo.Report
			if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || got.code != cli.ExitDone {
				t.Fatalf("got %d %v\n%s%s", got.code, err, got.stdout, got.stderr)
			}
			if !report.Holds || report.RateLimited > 0 || report.Reassigned == 0 {
				t.Errorf("got %s", got.stdout)
			}
			for status, most := range budget {
				if n := report.RequestsPerOrder[status]; n == 0 || n > most {
					t.Errorf("%s: %v requests for each, want 1 to %v", status, n, most)
				}
			}
		})
	}
}
