package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// TestProceedGoesOnWithWhatNobodyConfirmed plays an incident whose cancels are never confirmed, and answers for
// them.
func TestProceedGoesOnWithWhatNobodyConfirmed(t *testing.T) {
	t.Parallel()
	d := demo.Options{Orders: 8, Seed: 3, JSON: true, Cancel: "never", Fallback: "accepts"}
	s, err := demo.Open(d, apptest.Quiet, func(c *config.Config) {
		c.Incident.Settle, c.Handover.RedispatchSettle = 100*time.Millisecond, 100*time.Millisecond
		c.Handover.Poll, c.Handover.CancelTimeout = 200*time.Millisecond, 300*time.Millisecond
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, err := s.Play(t.Context(), demo.NewScreen(s, nil, nil)); err != nil {
		t.Fatal(err)
	}
	verb := func(want int, args string) outcome {
		t.Helper()
		got := runVerb(t, apptest.Environment(), append(strings.Fields(args), "--admin", "http://"+s.App.AdminAddress().String())...)
		if got.code != want {
			t.Errorf("reassigner %s: got %d %q %q, want %d", args, got.code, got.stdout, got.stderr, want)
		}
		return got
	}
	rows := func(filter string) (rows []api.OrderRow) {
		t.Helper()
		if err := json.Unmarshal([]byte(verb(cli.ExitDone, "orders list --json "+filter).stdout), &rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	all, unconfirmed := rows("--needs-person"), rows("--reason-code cancel_unconfirmed")
	if len(unconfirmed) == 0 || len(unconfirmed) == len(all) {
		t.Fatalf("%d of %d that need a person are unconfirmed, want some", len(unconfirmed), len(all))
	}
	if got := verb(cli.ExitRefused, "orders proceed --reason-code opened_not_enabled --reason called --yes"); !strings.Contains(got.stderr, "proceed applies only to what rests as cancel_unconfirmed") {
		t.Errorf("where it applies to none: %q", got.stderr)
	}
	verb(cli.ExitUsage, "orders proceed --location paris-warehouse --yes")
	got := verb(cli.ExitDone, "orders proceed --location paris-warehouse --reason called --yes")
	counted := terminal.Plural(len(unconfirmed), "delivery order")
	if !strings.Contains(got.stderr, counted+" in all.") || got.stdout != counted+" proceeded with.\n" {
		t.Errorf("got %q %q, want %s, of %d", got.stdout, got.stderr, counted, len(all))
	}
	apptest.Eventually(t, "all of them are reassigned", func() bool {
		reassigned := 0
		for _, row := range rows("") {
			if row.State == journal.Reassigned && slices.ContainsFunc(unconfirmed, func(u api.OrderRow) bool { return u.DeliveryOrderID == row.DeliveryOrderID }) {
				reassigned++
			}
		}
		return reassigned == len(unconfirmed)
	})
	for _, row := range unconfirmed {
		if told := verb(cli.ExitDone, fmt.Sprintf("orders show %s --json", row.DeliveryOrderID)); !strings.Contains(told.stdout, "proceed: called") {
			t.Errorf("its story does not tell who answered for it: %s", told.stdout)
		}
	}
	verb(cli.ExitRefused, "orders proceed --location paris-warehouse --reason called --yes")
}
