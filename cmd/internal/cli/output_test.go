package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/plaintext"
)

// forged is what a shop or a customer may have typed: it clears a terminal, sets its title, forges a line, turns the
// direction of writing and hides.
const forged = "SO-1\x1b[2J\x1b]0;owned\x07\r\nFORGED \u009b31m\u202e\u200b\u2028\x7f"

// wantHarmless looks for what steers a terminal, and for a line that was forged.
func wantHarmless(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if !unicode.IsPrint(r) && r != '\n' {
			t.Errorf("%s: %U reaches the terminal:\n%q", what, r, text)
			return
		}
	}
	if strings.Contains("\n"+text, "\nFORGED") {
		t.Errorf("%s: a name makes a line of its own:\n%s", what, text)
	}
}

// fill puts a text into everything that can hold one.
func fill(v reflect.Value, text string, depth int) {
	if _, is := v.Interface().(time.Time); is || depth == 0 {
		return
	}
	if _, is := v.Interface().(json.RawMessage); is { // of an order: the decision about it
		decision, err := json.Marshal(filled[policy.Decision](text))
		if err != nil {
			panic(err) // it has nothing that JSON cannot write
		}
		v.SetBytes(decision)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text, depth-1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text, depth-1)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, text, depth-1)
		fill(value, text, depth-1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), text, depth-1)
			}
		}
	default:
	}
}

func filled[T any](text string) T {
	var v T
	const depth = 12
	fill(reflect.ValueOf(&v).Elem(), text, depth)
	return v
}

// hostileService answers every question of the command line with texts of others in every place.
func hostileService(t *testing.T) string {
	plan := planAnswer{Rows: []api.PlanRow{filled[api.PlanRow](forged)}, Outlook: []api.Forecast{filled[api.Forecast](forged)}}
	answers := map[string]any{
		"GET /api/incidents": []api.IncidentRow{filled[api.IncidentRow](forged)}, "GET /api/incidents/x": filled[api.IncidentDetail](forged),
		"GET /api/incidents/x/plan": []api.PlanRow{filled[api.PlanRow](forged)}, "POST /api/incidents/x/approve": filled[api.IncidentDetail](forged),
		"POST /api/incidents/x/stop": filled[api.IncidentDetail](forged), "POST /api/incidents/x/unblock": filled[api.UnblockResult](forged),
		"GET /api/orders": []api.OrderRow{filled[api.OrderRow](forged)}, "GET /api/orders/x": []api.OrderDetail{filled[api.OrderDetail](forged)},
		"GET /api/orders/y":       []api.OrderDetail{filled[api.OrderDetail](forged), filled[api.OrderDetail](forged)},
		"POST /api/orders/retry":  filled[api.ActionResult](forged),
		"POST /api/pause":         filled[api.PauseResult](forged),
		"GET /api/status":         filled[api.Status](forged),
		"GET /api/find":           filled[api.FoundOrders](forged),
		"GET /api/audit":          []api.AuditRow{filled[api.AuditRow](forged)},
		"GET /api/locations":      []api.LocationRow{filled[api.LocationRow](forged)},
		"GET /api/import":         api.ImportResult{},
		"POST /api/import":        api.ImportResult{Done: 2, Skipped: []api.SkippedOrder{{ID: forged, Kind: forged}}, Failed: []api.FailedOrder{{ID: "#2", Why: forged}}},
		"GET /api/plan":           plan,
		"GET /api/orders/refused": nil,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := answers[r.Method+" "+r.URL.Path]
		if answer == nil {
			w.WriteHeader(http.StatusConflict)
			answer = map[string]string{"error": forged}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestNothingThatOthersWroteSteersTheTerminal(t *testing.T) {
	t.Parallel()
	at := hostileService(t)
	list := savedAs(t, "names.txt", "#1\n#2\n")
	for _, verb := range []string{
		"incidents list", "incidents show x", "incidents approve x --dry-run", "incidents approve x --reason a --yes", "incidents stop x --reason a --yes",
		"incidents unblock x --reason a --yes", "orders list", "orders show x", "orders retry x --reason a --yes", "orders retry refused --reason a --yes",
		"orders show refused", "pause --reason a --yes", "plan --location x", "plan --all", "import " + list, "import --location x",
		"status", "audit", "orders find x", "orders find x --json", "orders list --csv", "orders list --csv --lines", "incidents list --csv", "audit --csv", "plan --all --csv",
		"policy explain --order x", "policy explain --order y", "incidents list --json", "orders list --json", "orders show x --json", "plan --all --json", "policy explain --order x --json",
		"__complete orders retry ", "__complete incidents show ", "__complete plan --location ",
	} {
		args := strings.Fields(verb)
		if strings.HasSuffix(verb, " ") {
			args = append([]string{args[0], args[1], args[2], "--admin", at}, "")
			if verb == "__complete plan --location " {
				args = []string{"__complete", "plan", "--admin", at, "--location", ""}
			}
		} else {
			args = append(args, "--admin", at)
		}
		got := runVerb(t, apptest.Environment(), args...)
		if got.stdout+got.stderr == "" {
			t.Errorf("%s: prints nothing", verb)
		}
		wantHarmless(t, verb+", stdout", strings.ReplaceAll(got.stdout, "\t", " "))
		wantHarmless(t, verb+", stderr", got.stderr)
		if strings.HasPrefix(verb, "__complete") && strings.Contains(got.stdout, "SO-1\\x1b") && !strings.Contains(got.stdout, "\tSO-1") {
			t.Errorf("%s: offers %q as an argument", verb, got.stdout)
		}
	}
}

func TestCommandsToCopyHoldAForeignNameAsOneWord(t *testing.T) {
	t.Parallel()
	at := hostileService(t)
	for verb, want := range map[string]string{
		"incidents stop x --reason a --yes": "reassigner orders list --incident ",
		"incidents show x":                  "reassigner incidents approve ",
	} {
		got := runVerb(t, apptest.Environment(), append(strings.Fields(verb), "--admin", at)...)
		if want += plaintext.ShellWord(forged); !strings.Contains(got.stdout, want) {
			t.Errorf("%s: it does not offer %s:\n%s", verb, want, got.stdout)
		}
	}
}

func TestJSONSaysExactlyWhatTheServiceSaid(t *testing.T) {
	t.Parallel()
	got := runVerb(t, apptest.Environment(), "orders", "list", "--json", "--admin", hostileService(t))
	var rows []api.OrderRow
	if err := json.Unmarshal([]byte(got.stdout), &rows); err != nil || len(rows) != 1 || *rows[0].OrderNumber != forged {
		t.Errorf("got %q, %v", got.stdout, err)
	}
}

func TestAnErrorKeepsItsLinesAndNothingElse(t *testing.T) {
	t.Parallel()
	lines := errors.New("line 1\nline 2\x1b")
	var out bytes.Buffer
	c := &cli{stderr: terminal.NewOutput(&out)}
	c.stderr.Print(exitError(ExitFailed, "%s: %w (%q, %d)", forged, lines, "a\nb", 7).Error() + "\n")
	wantHarmless(t, "an error", out.String())
	want := plaintext.Printable(forged) + ": line 1\nline 2\\u001b (\"a\\nb\", 7)\n"
	if out.String() != want {
		t.Errorf("got  %q\nwant %q", out.String(), want)
	}
}

func TestALogLineIsHarmlessAndSaysTheSame(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{true, false} {
		var out bytes.Buffer
		app.NewLog(&out, config.Log{JSON: asJSON}).Warn(forged, "order_number", forged, "error", errors.New(forged))
		if strings.Count(out.String(), "\n") != 1 {
			t.Errorf("json %t: a record of several lines:\n%s", asJSON, out.String())
		}
		wantHarmless(t, "a log line", out.String())
		var record map[string]string
		if asJSON && (json.Unmarshal(out.Bytes(), &record) != nil || record["order_number"] != forged) {
			t.Errorf("it says another thing: %s", out.String())
		}
	}
}

// TestAnOrderNumberThatSteersIsShownAsItIs is the whole way: webhook, journal, desk, command line.
func TestAnOrderNumberThatSteersIsShownAsItIs(t *testing.T) {
	t.Parallel()
	s, err := demo.Open(demo.Options{Seed: 1, Cancel: "sync", Fallback: "accepts"}, apptest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	p := s.Platform
	demo.AddOrganization(p, demo.Organization)
	p.SubscribeURL(demo.Organization, "http://"+s.App.PublicAddress().String()+intake.Path)
	for id, slug := range map[string]string{"loc_paris": sandbox.Paris, "loc_lyon": sandbox.Lyon} {
		p.AddLocation(sandbox.Location{ID: id, Organization: demo.Organization, Slug: slug, Active: true})
	}
	p.AddOrder(sandbox.Order{ID: "ord_1", Organization: demo.Organization, Number: forged, Lines: []sandbox.OrderLine{{SKU: "MUG\x1b[31m", Quantity: 1}}})
	p.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_1", Orders: []string{"ord_1"}, Location: "loc_paris", Status: sandbox.Opened,
		Lines: []sandbox.Line{{SKU: "MUG\x1b[31m", Quantity: 1, Status: "IN_PROGRESS"}}})
	if err := s.AwaitWebhooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Break(sandbox.Paris)
	adminURL := "http://" + s.App.AdminAddress().String()
	var rows []api.OrderRow
	apptest.Eventually(t, "the order needs a person", func() bool {
		rows = nil
		_ = s.Get(t.Context(), "/api/orders", &rows)
		return len(rows) == 1 && rows[0].State == api.NeedsPerson
	})
	if *rows[0].OrderNumber != forged {
		t.Errorf("the number is %q, want it exact in JSON", *rows[0].OrderNumber)
	}
	for _, verb := range []string{"orders list", "orders show do_1", "plan --location paris-warehouse", "incidents list", "incidents show " + *rows[0].IncidentID,
		"policy explain --order do_1"} {
		got := runVerb(t, apptest.Environment(), append(strings.Fields(verb), "--admin", adminURL)...)
		wantHarmless(t, verb, got.stdout+got.stderr)
		if strings.HasPrefix(verb, "orders") && !strings.Contains(got.stdout, plaintext.Printable(forged)) {
			t.Errorf("%s does not name the order:\n%s", verb, got.stdout)
		}
	}
	got := runVerb(t, apptest.Environment(), "orders", "leave", forged, "--reason", "seen", "--yes", "--admin", adminURL)
	wantHarmless(t, "orders leave", got.stdout+got.stderr)
	if got.code != ExitDone {
		t.Errorf("it is not found by its number: %d %q", got.code, got.stderr)
	}
}
