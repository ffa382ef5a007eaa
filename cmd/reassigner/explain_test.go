package main

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/logtest"
)

const exampleCase = "policy explain ../../policy.example.yaml --facts ../internal/cli/explain_facts.yaml"

func TestExplainTellsTheDecisionAndTestsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, flags string
		code        int
		stderr      string // all of it
	}{
		{"without a wish", "", cli.ExitDone, ""},
		{"the wish is met", "--want reassign lyon-warehouse", cli.ExitDone, ""},
		{"the candidate is named by its id", "--want reassign loc-lyon", cli.ExitDone, ""},
		{"another candidate is wanted", "--want reassign lille-warehouse", cli.ExitFailed,
			`wanted "reassign lille-warehouse", but the decision is "reassign lyon-warehouse lille-warehouse"` + "\n"},
		{"another outcome is wanted", "--want needs_person", cli.ExitFailed,
			`wanted "needs_person", but the decision is "reassign lyon-warehouse lille-warehouse"` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(exampleCase)
			if flag, wish, found := strings.Cut(c.flags, " "); found {
				args = append(args, flag, wish)
			}
			got := runVerb(t, apptest.Environment(), args...)
			if got.code != c.code || got.stderr != c.stderr {
				t.Errorf("got %d %q, want %d %q", got.code, got.stderr, c.code, c.stderr)
			}
			for _, want := range []string{"Delivery order do-1 goes to lyon-warehouse, else to lille-warehouse, by policy ", "Candidate lille-warehouse is admitted: "} {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("stdout lacks %q:\n%s", want, got.stdout)
				}
			}
		})
	}
}

func TestExplainPrintsTheDecisionAsJSON(t *testing.T) {
	t.Parallel()
	got := runVerb(t, apptest.Environment(), append(strings.Fields(exampleCase), "--json", "--want", "leave")...)
	var d policy.Decision
	if err := json.Unmarshal([]byte(got.stdout), &d); err != nil {
		t.Fatalf("stdout is not one JSON value: %v\n%s", err, got.stdout)
	}
	if got.code != cli.ExitFailed || d.Rule != "paris falls back to lyon, then lille" || d.Outcome != policy.Reassign || len(d.Trace) != 2 {
		t.Errorf("got %d and the decision %+v", got.code, d)
	}
}

func TestExplainPrintsFactsToStartFrom(t *testing.T) {
	t.Parallel()
	got := runVerb(t, apptest.Environment(), "policy", "explain", "--example")
	if got.code != cli.ExitDone || got.stdout != exampleFacts(t) {
		t.Fatalf("got %d %q", got.code, got.stdout)
	}
	facts, err := policy.ParseFacts([]byte(got.stdout))
	if err != nil {
		t.Fatal(err)
	}
	if f := facts.Candidates["lyon-warehouse"]; !facts.Lines.Known || !facts.OrderType.Known || !facts.PickupPoint.Known || !f.Used.Known || len(f.Stock) == 0 {
		t.Errorf("the example leaves facts out: %+v", facts)
	}
}

func TestExplainSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	busted := write("busted.yaml", "from: paris-warehouse\npriority: URGENT\nlines: []\n")
	misspelt := write("misspelt.yaml", "from: paris-warehouse\nfrom_id: loc-paris\npriority: HIGH\ncandidates: {lion-warehouse: {}}\n")
	const example = " ../../policy.example.yaml"
	for _, c := range []struct {
		args string
		code int
		want string // somewhere on stderr
	}{
		{"", cli.ExitUsage, "say what to explain: --facts FILE POLICY, or --order NAME, or --example"},
		{"--facts a --order b", cli.ExitUsage, "say what to explain"},
		{"--example" + example, cli.ExitUsage, "--example stands alone"},
		{"--facts " + misspelt, cli.ExitUsage, "name the policy that decides"},
		{"--facts no-such-facts" + example, cli.ExitUsage, "no-such-facts: the facts cannot be read: no such file or directory"},
		{"--facts ../internal/cli/explain_facts.yaml no-such-policy", cli.ExitUsage, "no-such-policy: the policy cannot be read: no such file or directory"},
		{"--facts " + busted + example, cli.ExitUsage, "busted.yaml:2:11: unknown priority \"URGENT\"; known: LOW, NORMAL, HIGH\n" + busted + ":3:8: lines is an empty list"},
		{"--facts " + misspelt + example, cli.ExitDone, `the policy does not name the candidate "lion-warehouse"`},
		{"--facts " + misspelt + " --want reasign" + example, cli.ExitUsage, `--want: what is wanted begins with reassign, leave, needs_person, not "reasign" (did you mean "reassign"?)`},
		{"--order do-1" + example, cli.ExitUsage, "leave ../../policy.example.yaml out"},
		{"--order do-1 --admin http://127.0.0.1:1", cli.ExitUnreachable, "cannot be reached"},
	} {
		t.Run("explain "+c.args, func(t *testing.T) {
			t.Parallel()
			got := runVerb(t, apptest.Environment(), append([]string{"policy", "explain"}, strings.Fields(c.args)...)...)
			if got.code != c.code || !strings.Contains(got.stderr, c.want) {
				t.Errorf("got %d %q, want %d and %q", got.code, got.stderr, c.code, c.want)
			}
		})
	}
}

func TestExplainAsksTheRunningServiceForItsDecision(t *testing.T) {
	t.Parallel()
	s, _ := played(t)
	adminURL := "http://" + s.App.AdminAddress().String()
	listed := runVerb(t, apptest.Environment(), "orders", "list", "--json", "--admin", adminURL)
	var rows []struct {
		DeliveryOrderID string  `json:"delivery_order_id"`
		State           string  `json:"state"`
		To              *string `json:"to"`
	}
	if err := json.Unmarshal([]byte(listed.stdout), &rows); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, row := range rows {
		if row.State != "reassigned" || row.To == nil {
			continue
		}
		asked++
		got := runVerb(t, apptest.Environment(), "policy", "explain", "--order", row.DeliveryOrderID, "--admin", adminURL, "--want", "reassign "+*row.To)
		if got.code != cli.ExitDone || !strings.HasPrefix(got.stdout, "Delivery order "+row.DeliveryOrderID+" goes to "+*row.To) {
			t.Errorf("got %d %q %q", got.code, got.stdout, got.stderr)
		}
	}
	if asked == 0 {
		t.Error("nothing was reassigned")
	}
	if got := runVerb(t, apptest.Environment(), "policy", "explain", "--order", "no-such", "--admin", adminURL); got.code != cli.ExitRefused {
		t.Errorf("of an unknown order: got %d %q, want %d", got.code, got.stderr, cli.ExitRefused)
	}
}

// TestADecisionReadsTheSameEverywhere compares the command line, the API, the console and the log.
func TestADecisionReadsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	var log logtest.Buffer
	s, adminURL := playedTo(t, app.NewLog(&log, config.Log{JSON: true}))
	var rows []api.OrderRow
	if err := s.Get(t.Context(), "/api/orders", &rows); err != nil {
		t.Fatal(err)
	}
	told := map[string]string{} // delivery order > its last decision in the log
	for _, line := range strings.Split(log.String(), "\n") {
		var entry struct {
			DeliveryOrder string `json:"delivery_order"`
			Decision      string `json:"decision"`
		}
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Decision != "" {
			told[entry.DeliveryOrder] = entry.Decision
		}
	}
	outcomes := map[policy.Outcome]bool{}
	for _, row := range rows {
		var found []api.OrderDetail
		if err := s.Get(t.Context(), "/api/orders/"+row.DeliveryOrderID, &found); err != nil || len(found) != 1 {
			t.Fatalf("%s: %v", row.DeliveryOrderID, err)
		}
		decision, err := policy.DecodeDecision(found[0].Record.Decision)
		if err != nil {
			t.Fatal(err)
		}
		if decision == nil {
			continue
		}
		outcomes[decision.Outcome] = true
		want := found[0].Explanation
		if len(want) < 2 {
			t.Errorf("%s: the API tells %q, want a sentence for each rule", row.DeliveryOrderID, want)
		}
		explained := runVerb(t, apptest.Environment(), append([]string{"policy", "explain", "--order", row.DeliveryOrderID}, adminURL...)...)
		shown := runVerb(t, apptest.Environment(), append([]string{"orders", "show", row.DeliveryOrderID}, adminURL...)...)
		_, page := apptest.Fetch(t, "http://"+s.App.AdminAddress().String()+"/orders/"+row.DeliveryOrderID)
		for place, text := range map[string]string{"policy explain": explained.stdout, "orders show": shown.stdout, "the console": html.UnescapeString(page), "the log": told[row.DeliveryOrderID]} {
			for _, sentence := range want {
				if !strings.Contains(text, sentence) {
					t.Errorf("%s: %s lacks %q", row.DeliveryOrderID, place, sentence)
				}
			}
		}
	}
	if !outcomes[policy.Reassign] || !outcomes[policy.NeedsPerson] {
		t.Errorf("outcomes are %v, want some that go and some that need a person", outcomes)
	}
}

// exampleFacts are what "policy explain --example" prints.
func exampleFacts(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../internal/cli/explain_facts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
