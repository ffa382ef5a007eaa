package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/logtest"
)

func TestMisuseEndsWithTwoAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	nobody := "--admin=http://127.0.0.1:1"
	for _, c := range []struct {
		args string
		code int
		want string // somewhere on stderr
	}{
		{"", cli.ExitUsage, "Usage:"},
		{"orders", cli.ExitUsage, "reassigner orders"},
		{"nonsense", cli.ExitUsage, `there is no "nonsense"`},
		{"orders nonsense", cli.ExitUsage, `there is no "nonsense"`},
		{"nonsense --location x", cli.ExitUsage, `reassigner: there is no "nonsense"`},
		{"incidents nonsense --location x", cli.ExitUsage, `reassigner incidents: there is no "nonsense"`},
		{"incidents --nonsense", cli.ExitUsage, "unknown flag: --nonsense"},
		{"version --nonsense", cli.ExitUsage, "unknown flag: --nonsense"},
		{"version more", cli.ExitUsage, "unknown command"},
		{"incidents stop inc-1", cli.ExitUsage, "--reason"},
		{"incidents unblock inc-1", cli.ExitUsage, "--reason"},
		{"plan --all --location lyon", cli.ExitUsage, "--location or --all, not both"},
		{"incidents approve inc-1 --reason x --yes --limit 0", cli.ExitUsage, "--limit is a number of delivery orders, from 1"},
		{"incidents approve inc-1 --dry-run --hash 1", cli.ExitUsage, "--dry-run makes a plan"},
		{"doctor", cli.ExitUsage, "--config FILE"},
		{"doctor --quick --json", cli.ExitUsage, "leave out --json"},
		{"plan", cli.ExitUsage, "--location"},
		{"serve", cli.ExitUsage, "--config FILE"},
		{"serve --config no-such.yaml", cli.ExitUsage, "reading the configuration no-such.yaml: no such file or directory"},
		{"serve --config ../internal/config/testdata/working_smallest.yaml --role cook", cli.ExitUsage, `there is no role "cook"`},
		{"config check ../internal/config/testdata/busted_no_mode.yaml", cli.ExitUsage, "incident.mode: missing"},
		{"config check no-such.yaml", cli.ExitUsage, "no such file or directory"},
		{"policy check no-such.yaml", cli.ExitUsage, "no-such.yaml: the policy cannot be read: no such file or directory"},
		{"policy check ../internal/config/testdata/busted_no_mode.yaml ../../policy.example.yaml no-such.yaml", cli.ExitUsage, "no-such.yaml: the policy cannot be read: no such file or directory"},
		{"policy check ../internal/config/testdata/busted_no_mode.yaml", cli.ExitUsage, "../internal/config/testdata/busted_no_mode.yaml:1:1: unknown key"},
		{"orders retry x --yes", cli.ExitUsage, "--reason TEXT"},
		{"orders retry x --reason y", cli.ExitUsage, "--yes"},
		{"orders retry --yes --reason y", cli.ExitUsage, "--incident"},
		{"orders leave x --incident i --yes --reason y", cli.ExitUsage, "not both"},
		{"incidents approve i --reason y", cli.ExitUsage, "--yes"},
		{"pause --yes", cli.ExitUsage, "--reason TEXT"},
		{"resume --reason y", cli.ExitUsage, "--yes"},
		{"import", cli.ExitUsage, "a file or --location"},
		{"import no-such-list " + nobody, cli.ExitUsage, "no such file"},
		{"event send --sample nonsense --secret-env S", cli.ExitUsage, "names no sample"},
		{"event send --sample errored", cli.ExitUsage, "--secret-env"},
		{"event send --sample errored --secret-env NOT_SET", cli.ExitUsage, "NOT_SET is not set"},
		{"demo --seed abc", cli.ExitUsage, `--seed: "abc" is no whole number`},
		{"sandbox --orders many", cli.ExitUsage, `--orders: "many" is no whole number`},
		{"audit --most x", cli.ExitUsage, `--most: "x" is no whole number`},
		{"demo --keep=maybe", cli.ExitUsage, `--keep: "maybe" is no true or false`},
		{"demo --orders 0", cli.ExitUsage, "--orders"},
		{"demo --cancel maybe", cli.ExitUsage, "--cancel"},
		{"demo --flaky 90", cli.ExitUsage, "--flaky"},
		{"orders list --admin nonsense", cli.ExitUsage, "--admin"},
		{"orders list " + nobody, cli.ExitUnreachable, "cannot be reached"},
		{"orders list --json " + nobody, cli.ExitUnreachable, "cannot be reached"},
		{"pause --reason y --yes " + nobody, cli.ExitUnreachable, "cannot be reached"},
		{"doctor --quick --url http://127.0.0.1:1", cli.ExitUnreachable, "cannot be reached"},
		{"event send --sample errored --secret-env S --url http://127.0.0.1:1/", cli.ExitUnreachable, "cannot be reached"},
	} {
		t.Run("reassigner "+c.args, func(t *testing.T) {
			t.Parallel()
			got := runVerb(t, apptest.Environment("S", "s", "SECRET", "s"), strings.Fields(c.args)...)
			if got.code != c.code || !strings.Contains(got.stderr, c.want) {
				t.Errorf("got %d %q, want %d and %q", got.code, got.stderr, c.code, c.want)
			}
			if got.stdout != "" {
				t.Errorf("stdout is not clean: %q", got.stdout)
			}
		})
	}
}

func TestWhatNeedsNoService(t *testing.T) {
	t.Parallel()
	env := apptest.Environment("REASSIGNER_OPS_PASSWORD", "p", "HAPPYCOLIS_CLIENT_SECRET", "s")
	for args, want := range map[string]string{
		"version":                                "reassigner ",
		"version --json":                         `"version":`,
		"policy check ../../policy.example.yaml": "is in order: revision ",
		"policy check ../../policy.example.yaml ../../policy/examples/last_resort.yaml": "last_resort.yaml is in order: revision ",
		"config check ../../reassigner.example.yaml":                                    "is in order: 1 organization, mode approve.",
		"completion bash":     "bash completion",
		"--help":              "Run:",
		"orders retry --help": "--reason-code",
	} {
		if got := runVerb(t, env, strings.Fields(args)...); got.code != cli.ExitDone || !strings.Contains(got.stdout, want) {
			t.Errorf("reassigner %s: got %d %q %q, want 0 and %q", args, got.code, got.stdout, got.stderr, want)
		}
	}
}

// played is a service on which a small incident was played to its end.
func played(t *testing.T) (*demo.Stage, []string) {
	t.Helper()
	return playedTo(t, apptest.Quiet)
}

// playedTo writes the worker's log.
func playedTo(t *testing.T, log *slog.Logger) (*demo.Stage, []string) {
	t.Helper()
	d := demo.Options{Orders: 12, Seed: 3, JSON: true, Cancel: "sync", Fallback: "accepts"}
	s, err := demo.Open(d, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	report, err := s.Play(t.Context(), demo.NewScreen(s, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if !report.Holds {
		t.Fatalf("the promises do not hold: %+v", report)
	}
	return s, []string{"--admin", "http://" + s.App.AdminAddress().String()}
}

func TestTheVerbsSteerARunningService(t *testing.T) {
	t.Parallel()
	s, adminURL := played(t)
	public := "http://" + s.App.PublicAddress().String()
	env := apptest.Environment("KEY", demo.SandboxOrganization(demo.Organization).ClientSecret)
	verb := func(args string) outcome { return runVerb(t, env, append(strings.Fields(args), adminURL...)...) }
	code := func(args string, want int) outcome {
		t.Helper()
		got := verb(args)
		if got.code != want {
			t.Errorf("reassigner %s: got %d %q %q, want %d", args, got.code, got.stdout, got.stderr, want)
		}
		return got
	}

	var rows []map[string]any
	list := code("orders list --json", cli.ExitDone)
	if err := json.Unmarshal([]byte(list.stdout), &rows); err != nil {
		t.Fatalf("stdout is not one JSON array: %v", err)
	}
	if got, want := len(rows), len(s.Merchant.InFlight); got != want {
		t.Errorf("rows: got %d, want %d", got, want)
	}
	wantKeys := []string{"delivery_order_id", "from", "incident_id", "order_ids", "order_number", "organization_id", "original_status",
		"reason", "replacement_id", "severity", "state", "to", "until", "updated_at", "waits_for"}
	for _, row := range rows {
		if diff := cmp.Diff(wantKeys, sortedKeys(row)); diff != "" {
			t.Fatalf("keys of a row differ (-want +got):\n%s", diff)
		}
		if row["original_status"] == "DRAFT" && row["replacement_id"] != nil {
			t.Errorf("a moved draft has a replacement: %v", row)
		}
		if row["state"] == "reassigned" && row["reason"] != nil {
			t.Errorf("reassigned has a reason: %v", row)
		}
	}

	var incidents []map[string]any
	if err := json.Unmarshal([]byte(code("incidents list --json", cli.ExitDone).stdout), &incidents); err != nil || len(incidents) != 1 {
		t.Fatalf("incidents: %v %v", incidents, err)
	}
	wantKeys = []string{"by_hand", "causes", "closed_at", "counts", "incident_id", "index_incomplete", "index_since", "location", "location_id", "opened_at", "organization_id", "state"}
	if diff := cmp.Diff(wantKeys, sortedKeys(incidents[0])); diff != "" {
		t.Errorf("keys of an incident differ (-want +got):\n%s", diff)
	}
	incident, _ := incidents[0]["incident_id"].(string)
	// Its orders are at rest; the incident itself hears of that with the next observation.
	apptest.Eventually(t, "the incident is watched", func() bool {
		return strings.Contains(code("incidents show "+incident, cli.ExitDone).stdout, "is watching.")
	})
	for args, want := range map[string]string{
		"incidents list": "paris-warehouse", "incidents show " + incident: "second_observation", "orders list": "opened_not_enabled",
		"orders show SO-10001": `Rule "paris falls back to lyon, then lille" matches`, "orders show SO-10006": "(order SO-10006) needs a person.",
	} {
		if got := code(args, cli.ExitDone); !strings.Contains(got.stdout, want) {
			t.Errorf("reassigner %s: %q is missing in\n%s", args, want, got.stdout)
		}
	}
	for _, row := range rows { // a delivery order is found by whatever it is called
		ids, _ := row["order_ids"].([]any)
		for _, name := range []any{row["delivery_order_id"], row["order_number"], row["replacement_id"], ids[0]} {
			if name == nil {
				continue
			}
			if got := code("orders show "+name.(string)+" --json", cli.ExitDone); !strings.Contains(got.stdout, row["delivery_order_id"].(string)) {
				t.Errorf("orders show %s: not %s", name, row["delivery_order_id"])
			}
		}
	}
	code("incidents show inc-none", cli.ExitRefused)
	code("incidents approve "+incident+" --reason x --yes", cli.ExitRefused)
	code("orders show nothing", cli.ExitRefused)
	code("orders retry nothing --reason x --yes", cli.ExitRefused)
	code("orders retry SO-10001 --reason x --yes", cli.ExitRefused) // it was reassigned
	code("orders retry --reason-code over_allocated --reason x --yes", cli.ExitRefused)
	for _, verb := range []string{"orders list", "orders leave --reason x --yes"} {
		if got := code(verb+" --reason-code bogus", cli.ExitUsage); !strings.Contains(got.stderr, `there is no reason "bogus"`) || !strings.Contains(got.stderr, "cancel_unconfirmed") {
			t.Errorf("%s: it should name the reasons that there are: %s", verb, got.stderr)
		}
	}

	got := code("orders leave --reason-code already_preparing --reason enough --yes", cli.ExitDone)
	if !strings.Contains(got.stderr, "1 delivery order in all") || got.stdout != "1 delivery order left.\n" {
		t.Errorf("leave: got %q %q", got.stdout, got.stderr)
	}
	code("orders retry SO-10006 --reason again --yes", cli.ExitDone)
	apptest.Eventually(t, "the retried order needs a person again", func() bool {
		var found []api.OrderDetail
		err := json.Unmarshal([]byte(code("orders show SO-10006 --json", cli.ExitDone).stdout), &found)
		return err == nil && len(found) == 1 && found[0].State == journal.NeedsPerson &&
			slices.ContainsFunc(found[0].Record.History, func(e api.Entry) bool { return e.Note == "retry: again" && e.By == "local" })
	})

	code("resume --reason x --yes", cli.ExitRefused)
	code("pause --location paris-warehouse --reason works --yes", cli.ExitDone)
	code("pause --location paris-warehouse --reason works --yes", cli.ExitRefused)
	if got := code("incidents list", cli.ExitDone); !strings.Contains(got.stdout, "paris-warehouse of organization demo-organization is paused since ") ||
		!strings.Contains(got.stdout, "by local: works") {
		t.Errorf("the list does not tell of the pause:\n%s", got.stdout)
	}
	code("resume --location paris-warehouse --reason done --yes", cli.ExitDone)
	code("pause --location no-such-place --reason works --yes", cli.ExitRefused)

	var plan []map[string]any
	if err := json.Unmarshal([]byte(code("plan --location paris-warehouse --json", cli.ExitFailed).stdout), &plan); err != nil {
		t.Fatal(err)
	}
	for _, row := range plan {
		if row["action"] != "needs_person" || row["state"] != nil {
			t.Errorf("what is still there after the incident needs a person: %v", row)
		}
	}
	if len(plan) == 0 {
		t.Error("the plan is empty")
	}

	file := filepath.Join(t.TempDir(), "orders.txt")
	if err := os.WriteFile(file, []byte(strings.Join(s.Merchant.Orders, "\n")+"\nno-such-order\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = code("import "+file, cli.ExitDone)
	if !strings.HasPrefix(got.stdout, "12 of 13 lines imported: ") || !strings.Contains(got.stderr, "no-such-order (not_found)") {
		t.Errorf("import: got %q %q", got.stdout, got.stderr)
	}
	got = code("import --location lyon-warehouse --reason repair", cli.ExitDone)
	if !strings.Contains(got.stdout, "read again") {
		t.Errorf("import of a location: got %q", got.stdout)
	}

	if got := code("incidents stop "+incident+" --reason enough --yes", cli.ExitDone); !strings.HasPrefix(got.stderr, "0 delivery orders at paris-warehouse: 0 not begun") ||
		!strings.HasPrefix(got.stdout, "Incident "+incident+" is stopped; paris-warehouse stays held") {
		t.Errorf("stop: got %q %q", got.stdout, got.stderr)
	}
	code("incidents stop "+incident+" --reason again --yes", cli.ExitRefused)
	if got := code("incidents unblock "+incident+" --reason over --yes", cli.ExitDone); !strings.Contains(got.stderr, "this lifts the stop") || got.stdout != "Lifted: the stop.\n" {
		t.Errorf("unblock: got %q %q", got.stdout, got.stderr)
	}

	send := "event send --sample errored --organization " + demo.Organization + " --location " + s.Merchant.Locations[sandbox.Lyon] + " --url " + public + "/webhooks/happycolis"
	for args, want := range map[string]int{" --secret-env KEY": cli.ExitDone, " --secret-env WRONG": cli.ExitUnreachable} {
		sent := runVerb(t, apptest.Environment("KEY", env("KEY"), "WRONG", "w"), strings.Fields(send+args)...)
		if sent.code != want {
			t.Errorf("event send%s: got %d %q %q, want %d", args, sent.code, sent.stdout, sent.stderr, want)
		}
	}
	if ready := runVerb(t, env, "doctor", "--quick", "--url", public); ready.code != cli.ExitDone || ready.stdout != "ready\n" {
		t.Errorf("doctor: got %d %q %q", ready.code, ready.stdout, ready.stderr)
	}
}

func sortedKeys(row map[string]any) []string {
	keys := make([]string, 0, len(row))
	for key := range row {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func TestAWrongLoginEndsWithFour(t *testing.T) {
	t.Parallel()
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Users = []admin.User{{Name: "eve", Password: "right", Role: admin.Viewer}}
	a := startApp(t, cfg, app.AllRoles(), apptest.Quiet)
	adminURL := "http://" + a.AdminAddress().String()
	for _, c := range []struct {
		user, password, verb string
		want                 int
	}{
		{"", "", "orders list --json", cli.ExitUnreachable},
		{"eve", "wrong", "orders list --json", cli.ExitUnreachable},
		{"eve", "right", "orders list --json", cli.ExitDone},
		{"eve", "right", "pause --reason x --yes", cli.ExitUnreachable},
	} {
		env := apptest.Environment("REASSIGNER_USER", c.user, "REASSIGNER_PASSWORD", c.password)
		if got := runVerb(t, env, append(strings.Fields(c.verb), "--admin", adminURL)...); got.code != c.want {
			t.Errorf("%s as %q: got %d %q, want %d", c.verb, c.user, got.code, got.stderr, c.want)
		}
	}
}

func TestServeEndsWithZeroWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "reassigner.yaml")
	text := "redis: embedded\nlisten: 127.0.0.1:0\nadmin: {listen: \"127.0.0.1:0\"}\n" +
		"happycolis: {graphql_url: \"http://127.0.0.1:1/graphql\", token_url: \"http://127.0.0.1:1/token\"}\n" +
		"organizations: [{id: org_1, client_id: a, client_secret: \"${SECRET}\"}]\nincident: {mode: approve}\n"
	for name, content := range map[string]string{file: text, filepath.Join(dir, "policy.yaml"): string(demo.Policy)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stdout bytes.Buffer
	var stderr logtest.Buffer
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, []string{"serve", "--config", file}, apptest.Environment("SECRET", "s3cret"), strings.NewReader(""), &stdout, &stderr)
	}()
	apptest.Eventually(t, "ready", func() bool { return strings.Contains(stderr.String(), `"msg":"ready"`) })
	stop()
	if got := <-ended; got != cli.ExitDone {
		t.Errorf("got %d, want 0: %s", got, stderr.String())
	}
	if !strings.Contains(stderr.String(), "all state dies with this process") {
		t.Error("nobody was told that an embedded Redis forgets")
	}
	if strings.Contains(stderr.String(), "s3cret") {
		t.Error("the log holds the secret")
	}
}
