package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// placed is a policy that names a place for everything.
const placed = `version: 1
rules:
  - name: what is not at lyon falls back to lyon
    when: {not: {from: [lyon-warehouse]}}
    then: {reassign: {candidates: [lyon-warehouse]}}
  - name: lyon falls back to lille
    when: {from: [lyon-warehouse]}
    then: {reassign: {candidates: [lille-warehouse]}}
default: leave
`

// program runs the program as a process of its own, as cron does, against the worker.
func (w *processFixture) program(args string, more ...string) outcome {
	w.Helper()
	self, err := os.Executable()
	if err != nil {
		w.Fatal(err)
	}
	words := append(strings.Fields(args), more...)
	command := exec.CommandContext(w.Context(), self, append(words, "--admin", w.admin())...)
	command.Env = append(os.Environ(), asProgram+"=1", "GORACE=atexit_sleep_ms=0")
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	_ = command.Run() // how it ended is asked of the state
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func TestARehearsalEndsAsCronNeedsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, policy string
		code         int
		says         []string
	}{
		{"with one while somebody would be stranded", string(demo.Policy), cli.ExitFailed, []string{"IF THIS FAILS", "policy_rule (no rule matches)", "1 no_candidate"}},
		{"with zero while everybody has a place", placed, cli.ExitDone, []string{"IF THIS FAILS", "Nobody would be stranded."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newTrial(t, embeddedStore(t), func(cfg *config.Config) {
				cfg.OpenPolicy = func(string) (*policy.Policy, error) { return policy.Parse([]byte(c.policy)) }
			})
			w.seed(trialOrders)
			got := w.program("plan --all")
			if got.code != c.code {
				t.Errorf("got %d %q, want %d", got.code, got.stderr, c.code)
			}
			for _, want := range c.says {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("it lacks %q:\n%s", want, got.stdout)
				}
			}
			if asJSON := w.program("plan --all --json"); asJSON.code != c.code {
				t.Errorf("with --json: got %d %q, want %d", asJSON.code, asJSON.stderr, c.code)
			}
			if n := len(w.mutations(0)); n > 0 {
				t.Errorf("%d mutations by a rehearsal", n)
			}
		})
	}
}

func TestAPlanIsShownApprovedAndDoneByTheProgram(t *testing.T) {
	t.Parallel()
	w := newTrial(t, embeddedStore(t), func(cfg *config.Config) {
		cfg.Incident.Mode = "approve"
		cfg.OpenPolicy = func(string) (*policy.Policy, error) { return policy.Parse([]byte(placed)) }
	})
	w.seed(trialOrders)
	got := w.program("plan --location " + sandbox.Paris + " --json")
	if got.code != cli.ExitDone || got.stderr != "" {
		t.Fatalf("got %d %q", got.code, got.stderr)
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &rows); err != nil || len(rows) != len(w.merchant.InFlight) {
		t.Fatalf("%d rows, %v, want %d", len(rows), err, len(w.merchant.InFlight))
	}
	want := strings.Fields("action delivery_order_id from incident_id order_ids order_number organization_id original_status reason replacement_id stranded to updated_at")
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(rows[0]))); diff != "" {
		t.Errorf("keys of a row (-want +got):\n%s", diff)
	}

	w.platform.Break(sandbox.Paris)
	inc := w.incident(demo.Organization, journal.AwaitingApproval)
	dry := w.program("incidents approve " + inc.IncidentID + " --dry-run --json")
	var frozen []api.PlanRow
	if err := json.Unmarshal([]byte(dry.stdout), &frozen); err != nil || dry.code != cli.ExitDone || len(frozen) != len(rows) {
		t.Fatalf("the frozen plan: %d %q, %d rows, %v; want %d rows", dry.code, dry.stderr, len(frozen), err, len(rows))
	}
	at := strings.LastIndex(dry.stderr, "Plan ")
	hash := strings.Trim(dry.stderr[at+len("Plan "):], ".\n")
	if wrong := w.program("incidents approve "+inc.IncidentID+" --hash 0000 --yes --reason", "not seen"); wrong.code != cli.ExitRefused {
		t.Errorf("a hash of no plan: got %d %q, want %d", wrong.code, wrong.stderr, cli.ExitRefused)
	}
	if n := len(w.mutations(0)); n > 0 {
		t.Fatalf("%d mutations before the approval", n)
	}
	if done := w.program("incidents approve "+inc.IncidentID+" --hash "+hash+" --yes --reason", "looked at it"); done.code != cli.ExitDone {
		t.Fatalf("approving plan %s: got %d %q", hash, done.code, done.stderr)
	}
	became := map[string]api.OrderRow{}
	for _, row := range w.rested(len(rows)) {
		became[row.DeliveryOrderID] = row
	}
	for _, p := range frozen {
		row := became[p.DeliveryOrderID]
		if moved := row.State == journal.Reassigned; moved != (p.Action == "reassign") || moved && *row.To != *p.To {
			t.Errorf("%s: planned %s to %s, became %s %s", p.DeliveryOrderID, p.Action, terminal.OrDash(p.To), row.State, terminal.OrDash(row.To))
		}
	}
	w.holds()
}
