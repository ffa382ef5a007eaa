package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/worker/api"
)

// verbs are all commands that do something.
func verbs(command *cobra.Command) []*cobra.Command {
	var found []*cobra.Command
	for _, sub := range command.Commands() {
		if !sub.HasSubCommands() && !sub.Hidden {
			found = append(found, sub)
		}
		found = append(found, verbs(sub)...)
	}
	return found
}

// words splits a line as a shell does, as far as examples need it.
func words(line string) []string {
	line, _, _ = strings.Cut(line, " | ")
	line, _, _ = strings.Cut(line, " > ")
	var all []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			all = append(all, part)
			continue
		}
		all = append(all, strings.Fields(part)...)
	}
	return all
}

func TestEachVerbHasExamplesThatItUnderstands(t *testing.T) {
	t.Parallel()
	c := &cli{getenv: apptest.Environment()}
	known := map[string]bool{}
	for _, verb := range verbs(c.root()) {
		known[verbOf(verb)] = true
		t.Run(verbOf(verb), func(t *testing.T) {
			t.Parallel()
			lines := examples[verbOf(verb)]
			if len(lines) == 0 {
				t.Fatal("it has none: add some in examples.go")
			}
			for _, line := range lines {
				root := (&cli{getenv: apptest.Environment()}).root()
				found, rest, err := root.Find(words(line)[1:])
				if err != nil || verbOf(found) != verbOf(verb) {
					t.Fatalf("%s is another verb: %v", line, err)
				}
				if err := found.ParseFlags(rest); err != nil {
					t.Errorf("%s: %v", line, err)
				}
				if err := found.ValidateArgs(found.Flags().Args()); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			}
		})
	}
	for verb := range examples {
		if !known[verb] {
			t.Errorf("there are examples for %q, which is no verb", verb)
		}
	}
}

func TestTheShellIsOfferedWhatTheServiceKnows(t *testing.T) {
	t.Parallel()
	lyon, number, flag, spaced := "lyon-warehouse", "SO-1", "--incident=inc-1", "SO 3; reboot"
	at := saying(t, map[string]any{
		"/api/incidents": []api.IncidentRow{{IncidentID: "inc-1", Location: &lyon, State: api.Draining}, {IncidentID: "inc-2", LocationID: "loc_2", State: api.Closed}},
		"/api/locations": []api.LocationRow{{Location: &lyon, InFlight: 3}},
		"/api/orders": []api.OrderRow{{Order: api.Order{OrderNumber: &number, DeliveryOrderID: "do_1"}},
			{Order: api.Order{OrderNumber: &flag, DeliveryOrderID: "do_2"}}, {Order: api.Order{OrderNumber: &spaced, DeliveryOrderID: "do_3"}}},
	})
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"incidents", "show", ""}, "inc-1\tlyon-warehouse, draining\ninc-2\tloc_2, closed\n"},
		{[]string{"incidents", "show", "inc-2"}, "inc-2\tloc_2, closed\n"},
		{[]string{"incidents", "show", "inc-1", ""}, ""},
		{[]string{"orders", "list", "--incident", "inc-1"}, "inc-1\tlyon-warehouse, draining\n"},
		{[]string{"plan", "--location", "ly"}, "lyon-warehouse\t3 delivery orders in flight\n"},
		{[]string{"orders", "retry", ""}, "SO-1\t-\ndo_2\t-\ndo_3\t-\n"},
	} {
		args := append([]string{"__complete", c.args[0], c.args[1], "--admin", at}, c.args[2:]...)
		if c.args[0] == "plan" {
			args = append([]string{"__complete", "plan", "--admin", at}, c.args[1:]...)
		}
		got := runVerb(t, apptest.Environment(), args...)
		offered, _, _ := strings.Cut(got.stdout, ":")
		if got.code != ExitDone || offered != c.want {
			t.Errorf("%v: got %d %q, want %q", c.args, got.code, offered, c.want)
		}
	}
	got := runVerb(t, apptest.Environment(), "__complete", "orders", "list", "--reason-code", "cancel_un")
	if !strings.HasPrefix(got.stdout, "cancel_unconfirmed\n") {
		t.Errorf("reasons: got %q", got.stdout)
	}
}

func TestATabDoesNotWaitForAServiceThatIsAway(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	got := runVerb(t, apptest.Environment(), "__complete", "incidents", "show", "--admin", "http://127.0.0.1:1", "")
	if got.code != ExitDone || !strings.HasPrefix(got.stdout, ":") {
		t.Errorf("got %d %q", got.code, got.stdout)
	}
	if took := time.Since(begun); took > 5*completeMost {
		t.Errorf("it took %s", took)
	}
}

// saying answers GETs with JSON.
func saying(t *testing.T, answers map[string]any) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(answers[r.URL.Path])
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAnIncidentIsWatchedUntilItRests(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		d := api.IncidentDetail{Record: &api.Incident{}}
		d.IncidentID, d.LocationID, d.State = "inc-1", "loc_1", api.Draining
		d.Counts = map[api.State]int{api.Pending: 2, api.Reassigned: 1}
		switch asked.Add(1) {
		case 1:
			d.State, d.Counts = api.AwaitingApproval, map[api.State]int{}
		case 2, 3:
		default:
			d.State, d.Counts = api.Watching, map[api.State]int{api.Reassigned: 2, api.NeedsPerson: 1}
		}
		_ = json.NewEncoder(w).Encode(d)
	}))
	defer server.Close()
	got := runVerb(t, apptest.Environment(), "incidents", "show", "inc-1", "--watch", "--admin", server.URL)
	want := "inc-1 is awaiting_approval: 0 of 0 at rest\ninc-1 is draining: 1 of 3 at rest, 1 reassigned\n" +
		"inc-1 is watching: 3 of 3 at rest, 2 reassigned, 1 needs person\n"
	if got.code != ExitDone || got.stderr != want {
		t.Errorf("got %d (-want +got):\n%s", got.code, cmp.Diff(want, got.stderr))
	}
	if !strings.Contains(got.stdout, "Incident inc-1 at loc_1 is watching.") {
		t.Errorf("at the end it is not shown: %s", got.stdout)
	}
}

func TestWatchingEndsWithZeroWhenItIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		_ = json.NewEncoder(w).Encode(api.IncidentDetail{Record: &api.Incident{}})
	}))
	defer server.Close()
	if got := runIn(ctx, apptest.Environment(), "incidents", "show", "inc-1", "--watch", "--admin", server.URL); got.code != ExitDone {
		t.Errorf("got %d %s", got.code, got.stderr)
	}
}
