package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/demo"
)

func TestTheDemoPrintsOneObjectAndHolds(t *testing.T) {
	t.Parallel()
	got := runVerb(t, apptest.Environment(), "demo", "--orders", "12", "--seed", "7", "--keep=false", "--json")
	var object map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &object); err != nil || got.code != cli.ExitDone || got.stderr != "" {
		t.Fatalf("got %d, stderr %q, %v\n%s", got.code, got.stderr, err, got.stdout)
	}
	want := []string{"api_requests", "double_shipped", "holds", "in_flight", "left", "lost", "needs_person", "orders", "rate_limited",
		"reasons", "reassigned", "requests_per_order", "seconds", "touched_others"}
	if diff := cmp.Diff(want, sortedKeys(object)); diff != "" {
		t.Errorf("keys differ (-want +got):\n%s", diff)
	}
	for key, want := range map[string]any{
		"orders": 12.0, "double_shipped": 0.0, "lost": 0.0, "touched_others": 0.0, "rate_limited": 0.0, "holds": true,
	} {
		if object[key] != want {
			t.Errorf("%s: got %v, want %v", key, object[key], want)
		}
	}
	var report demo.Report
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Reassigned == 0 || report.Reassigned+report.Left+report.NeedsPerson != report.InFlight {
		t.Errorf("of %d in flight: %d reassigned, %d left, %d need a person", report.InFlight, report.Reassigned, report.Left, report.NeedsPerson)
	}
}

func TestTheDemoTellsItsStoryUnderEveryMood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, flags, want string }{
		{"a cancel that is never confirmed leaves its orders with a person", "--cancel never", "cancel_unconfirmed"},
		{"a fallback that rejects is followed by the next", "--fallback rejects", "lille-warehouse"},
		{"a platform that fails now and then loses nothing", "--flaky 10", "lyon-warehouse"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := runVerb(t, apptest.Environment(), append([]string{"demo", "--orders", "12", "--keep=false"}, strings.Fields(c.flags)...)...)
			if got.code != cli.ExitDone {
				t.Fatalf("got %d: %s %s", got.code, got.stdout, got.stderr)
			}
			for _, want := range []string{c.want, "WHAT NEEDS A PERSON, AND WHY", "The promises hold"} {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("%q is missing in\n%s", want, got.stdout)
				}
			}
		})
	}
}
