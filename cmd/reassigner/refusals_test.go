package main

import (
	"fmt"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/admin"
)

// refusedVerbs are what the command line refuses, by itself or with what the service says.
var refusedVerbs = []struct{ situation, user, args string }{
	{"without a reason", "ops", "orders retry SO-1 --yes"},
	{"where nobody can be asked", "ops", "orders retry SO-1 --reason because"},
	{"naming nothing", "ops", "orders leave --reason because --yes"},
	{"naming orders and a filter", "ops", "orders leave SO-1 --incident inc-1 --reason because --yes"},
	{"an order that is not there", "ops", "orders retry SO-1 --reason because --yes"},
	{"a filter that nothing matches", "ops", "orders proceed --reason-code cancel_unconfirmed --location paris-warehouse --reason because --yes"},
	{"an incident that is not there", "ops", "incidents approve inc-1 --reason because --yes"},
	{"an incident that is not there", "ops", "incidents stop inc-1 --reason because --yes"},
	{"an incident that is not there", "ops", "incidents unblock inc-1 --reason because --yes"},
	{"an incident that is not there", "ops", "incidents show inc-1"},
	{"approving none", "ops", "incidents approve inc-1 --limit 0 --reason because --yes"},
	{"planning and approving at once", "ops", "incidents approve inc-1 --dry-run --hash 0123456789abcdef"},
	{"rows of what is approved", "ops", "incidents approve inc-1 --json --reason because --yes"},
	{"what is not paused", "ops", "resume --reason because --yes"},
	{"a location while the platform is away", "ops", "pause --location paris-warehouse --reason because --yes"},
	{"an organization that is not there", "ops", "pause --organization org_9 --reason because --yes"},
	{"neither a file nor a location", "ops", "import"},
	{"a file that is not there", "ops", "import no-such-list.txt"},
	{"neither a location nor all", "ops", "plan"},
	{"a location and all", "ops", "plan --all --location paris-warehouse"},
	{"as a viewer", "eve", "pause --reason because --yes"},
	{"with a wrong login", "nobody", "pause --reason because --yes"},
	{"without a login", "", "orders list"},
}

func TestEveryRefusalOfTheCommandLineReadsAsTheGoldenFile(t *testing.T) {
	t.Parallel()
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Users = []admin.User{{Name: "ops", Password: "p", Role: admin.Operator}, {Name: "eve", Password: "p", Role: admin.Viewer}}
	adminURL := "http://" + startApp(t, cfg, app.AllRoles(), apptest.Quiet).AdminAddress().String()
	var all strings.Builder
	tell := func(situation, args string, got outcome) {
		if got.code == cli.ExitDone || got.stdout != "" {
			t.Errorf("%s, %s: got %d %q, want a refusal", situation, args, got.code, got.stdout)
		}
		fmt.Fprintf(&all, "%s\n  $ reassigner %s\n  %s  (exit %d)\n", situation, args,
			strings.ReplaceAll(strings.TrimSpace(got.stderr), adminURL, "SERVICE"), got.code)
	}
	for _, c := range refusedVerbs {
		env := apptest.Environment("REASSIGNER_USER", c.user, "REASSIGNER_PASSWORD", "p")
		tell(c.situation, c.args, runVerb(t, env, append(strings.Fields(c.args), "--admin", adminURL)...))
	}
	tell("with the service away", "orders list", runVerb(t, apptest.Environment(), "orders", "list", "--admin", "http://127.0.0.1:1"))
	apptest.Golden(t, "refusals.golden", all.String())
}
