package main_test

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestTranscripts plays what the program does for whoever runs it, and compares all that it answers with what is
// recorded in testdata/transcripts: exit codes, JSON keys, states, reasons, endpoints, metrics and their labels, roles, and
// the tasks in Redis. It knows the program by its arguments, environment, HTTP and Redis only, so it holds whatever
// becomes of the code. Other programs rely on what it holds: a transcript is changed (UPDATE_GOLDEN=1) only with
// what it shows.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	o := &outside{T: t, dir: t.TempDir()}
	o.binary = buildProgram(t, o.dir)
	o.verb("demo", "--orders", "-1")
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { o.verb("demo", "--keep=false", "--json", "--orders", "3") })
	o.serveRedis()
	o.serveSandbox()
	o.serveWorker()
	o.playAlone()
	o.playQuiet()
	o.playPaused()
	o.playByHand()
	o.playDrain()
	o.playOperators()
	o.playEnd()
	o.playRoles()
	o.playSandbox()
	beside.Wait()
	o.holdsEveryVerb()
	o.holdsEveryRoute()
	o.compare(t)
}

// commandLine is a command in a list of commands of --help.
var commandLine = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*) {2,}\S`)

// flagLine is a flag with the type of its value.
var flagLine = regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[a-z-]+(?: [a-z]+)?)(?: {2,}|$)`)

// holdsEveryVerb records the verbs and their flags as --help lists them, and that each has a transcript.
func (o *outside) holdsEveryVerb() {
	o.Helper()
	var look func(verb ...string)
	look = func(verb ...string) {
		help, err := exec.Command(o.binary, append(verb, "--help")...).Output()
		if err != nil {
			o.Fatal(err)
		}
		subs := commandLine.FindAllStringSubmatch(string(help), -1)
		for _, sub := range subs {
			look(append(slices.Clip(verb), sub[1])...)
		}
		if len(subs) > 0 {
			return
		}
		flags := []string{}
		for _, flag := range flagLine.FindAllStringSubmatch(string(help), -1) {
			flags = append(flags, flag[1])
		}
		o.add("verbs", map[string]any{"verb": strings.Join(verb, " "), "flags": flags})
		name := strings.Join(verb, "_")
		if _, recorded := o.files["verb_"+name]; !recorded {
			o.Errorf("reassigner %s has no transcript", strings.Join(verb, " "))
		}
	}
	look()
}

// routes are the endpoints. That there are no others in the tree, holdsEveryRoute tells.
var routes = []string{
	"GET /healthz", "GET /readyz", "POST /webhooks/happycolis", "GET /metrics",
	"GET /api/status", "GET /api/locations", "GET /api/incidents", "GET /api/incidents/{id}",
	"POST /api/incidents", "POST /api/incidents/{id}/close", "POST /api/incidents/{id}/approve", "GET /api/incidents/{id}/plan", "POST /api/incidents/{id}/stop",
	"POST /api/incidents/{id}/unblock", "GET /api/orders", "GET /api/orders/{name}", "POST /api/orders/retry",
	"POST /api/orders/leave", "POST /api/orders/proceed", "GET /api/plan", "GET /api/plan/last", "POST /api/pause",
	"POST /api/resume", "GET /api/import", "POST /api/import", "GET /api/audit", "GET /api/parked", "GET /api/find", "GET /api/policies",
	"POST /api/alerts/test",
	"GET /sandbox/books", "GET /sandbox/organizations", "GET /sandbox/queues", "POST /sandbox/seed",
	"POST /sandbox/organizations", "POST /sandbox/locations", "POST /sandbox/orders", "POST /sandbox/delivery-orders",
	"POST /sandbox/stocks", "POST /sandbox/break", "POST /sandbox/recover", "POST /sandbox/integration",
	"POST /sandbox/active", "POST /sandbox/blip", "POST /sandbox/rename", "POST /sandbox/move-slug",
	"POST /sandbox/accepts-from", "POST /sandbox/moods", "DELETE /sandbox/moods", "POST /sandbox/act",
	"POST /sandbox/announce", "POST /sandbox/subscribe", "POST /sandbox/unblock", "POST /sandbox/revoke-tokens",
	"POST /sandbox/judge",
}

// pathInCode is a path of an endpoint in a string of Go source.
var pathInCode = regexp.MustCompile("[\"`](?:[A-Z]+ )?(/(?:api|sandbox)/[^\"`?%\\s]*)")

// holdsEveryRoute looks for the routes that have no transcript, and in the source for those that the table lacks.
func (o *outside) holdsEveryRoute() {
	o.Helper()
	recorded := maps.Clone(o.files)
	for _, route := range routes {
		if _, is := recorded[transcriptOf(route)]; !is {
			o.Errorf("%s has no transcript", route)
		}
	}
	known := func(path string) bool {
		return slices.ContainsFunc(routes, func(route string) bool {
			_, listed, _ := strings.Cut(route, " ")
			return path == listed || strings.HasSuffix(path, "/") && strings.HasPrefix(listed, path)
		})
	}
	root, found := filepath.Join("..", ".."), 0
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range pathInCode.FindAllStringSubmatch(string(source), -1) {
			found++
			if !known(match[1]) {
				o.Errorf("%s has the endpoint %s, of which there is no transcript", path, match[1])
			}
		}
		return nil
	})
	if err != nil {
		o.Fatal(err)
	}
	if found < len(routes) {
		o.Errorf("only %d endpoints were found in the source: nothing is held", found)
	}
}
