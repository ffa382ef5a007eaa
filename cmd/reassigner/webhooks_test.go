package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/intake"
)

const (
	publicURL = "https://reassigner.example.com"
	createOp  = "integrationWebhookCreate"
)

// registering is a platform, a Redis and a configuration to register webhooks with.
type registering struct {
	*testing.T
	platform *sandbox.Platform
	redis    *miniredis.Miniredis
	file     string
	types    int
}

func newRegistering(t *testing.T) *registering {
	t.Helper()
	r := &registering{T: t, platform: sandbox.New(sandbox.Options{Seed: 1}), redis: miniredis.RunT(t), file: filepath.Join(t.TempDir(), "reassigner.yaml")}
	demo.AddOrganization(r.platform, demo.Organization)
	server := httptest.NewServer(r.platform)
	t.Cleanup(server.Close)
	text := fmt.Sprintf(`
redis: redis://%s
happycolis: {graphql_url: "%s/graphql", token_url: "%s/token", timeout: 2s, rate_limit: {per_minute: 100000, per_second: 1000}}
organizations: [{id: %s, client_id: client-%s, client_secret: "${SECRET}"}]
incident: {mode: approve}
`, r.redis.Addr(), server.URL, server.URL, demo.Organization, demo.Organization)
	if err := os.WriteFile(r.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, group := range intake.Subscriptions() {
		r.types += len(group.Types)
	}
	return r
}

func (r *registering) run(args ...string) outcome {
	r.Helper()
	env := apptest.Environment("SECRET", "secret-"+demo.Organization)
	return runVerb(r.T, env, append([]string{"webhooks", args[0], "--config", r.file}, args[1:]...)...)
}

func (r *registering) register(args ...string) outcome {
	r.Helper()
	return r.run(append([]string{"register", "--no-check", "--public-url", publicURL}, args...)...)
}

// kept are the ids that list shows, by type; "" for one that may exist.
func (r *registering) kept() map[string]string {
	r.Helper()
	got := r.run("list", "--json")
	var rows []struct {
		Type string  `json:"type"`
		ID   *string `json:"id"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &rows); err != nil || got.code != 0 {
		r.Fatalf("list: %d %s %v", got.code, got.stderr, err)
	}
	found := map[string]string{}
	for _, row := range rows {
		found[row.Type] = ""
		if row.ID != nil {
			found[row.Type] = *row.ID
		}
	}
	return found
}

// twice are the types that are registered more than once.
func (r *registering) twice() []string {
	seen, found := map[string]bool{}, []string(nil)
	for _, made := range r.platform.Registered() {
		if seen[made.Type] {
			found = append(found, made.Type)
		}
		seen[made.Type] = true
	}
	return found
}

func TestWebhooksAreRegisteredOnceAndKept(t *testing.T) {
	t.Parallel()
	r := newRegistering(t)
	if got := r.register("--dry-run"); got.code != 0 || strings.Count(got.stdout, "would be registered") != r.types || len(r.platform.Registered()) != 0 {
		t.Errorf("a dry run: %d %s %s", got.code, got.stdout, got.stderr)
	}
	if got := r.register(); got.code != 0 {
		t.Fatalf("register: %d %s %s", got.code, got.stdout, got.stderr)
	}
	made := r.platform.Registered()
	if len(made) != r.types || made[0].EndPoint != publicURL+intake.Path || made[0].Organization != demo.Organization {
		t.Errorf("got %d subscriptions, the first %+v; want %d", len(made), made[0], r.types)
	}
	kept := r.kept()
	for _, m := range made {
		if kept[m.Type] != m.ID {
			t.Errorf("%s is kept as %q, want %q", m.Type, kept[m.Type], m.ID)
		}
	}
	if got := r.register(); got.code != 0 || strings.Count(got.stdout, "is there already") != r.types || len(r.platform.Registered()) != r.types {
		t.Errorf("again: %d %s, %d subscriptions", got.code, got.stdout, len(r.platform.Registered()))
	}
	got := r.run("register", "--no-check", "--public-url", "https://other.example.com")
	if got.code != 1 || !strings.Contains(got.stdout, "remove that first") || len(r.platform.Registered()) != r.types {
		t.Errorf("to another URL: %d %s", got.code, got.stdout)
	}
}

// TestAHalfIsThereAlready: what a failure left is made up for, and nothing is doubled.
func TestHalfOfTheWebhooksAreThereAlready(t *testing.T) {
	t.Parallel()
	r := newRegistering(t)
	r.platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: createOp, Code: "BAD_USER_INPUT", Skip: 4, Count: 1})
	if got := r.register(); got.code != 1 || !strings.Contains(got.stderr, "was not registered") || len(r.platform.Registered()) != 4 {
		t.Fatalf("a URL that is refused: %d %s %s", got.code, got.stdout, got.stderr)
	}
	if got := r.register(); got.code != 0 || len(r.platform.Registered()) != r.types || r.twice() != nil {
		t.Errorf("the rest: %d %s %s, twice %v", got.code, got.stdout, got.stderr, r.twice())
	}
}

func TestALostReplyIsNeverRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"applied, connection lost": {Kind: sandbox.DropAfter, Operation: createOp, Count: 1},
		"lost before":              {Kind: sandbox.DropBefore, Operation: createOp, Count: 1},
		"applied, an error of it":  {Kind: sandbox.AnswerCode, Operation: createOp, Code: "GATEWAY_TIMEOUT", Applied: true, Count: 1},
		"a page":                   {Kind: sandbox.FaultHTML, Operation: createOp, Count: 1},
		"applied, HTTP 502":        {Kind: sandbox.AnswerCode, Operation: createOp, Status: 502, Applied: true, Count: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistering(t)
			r.platform.AddFault(fault)
			if got := r.register(); got.code != 1 || !strings.Contains(got.stderr, "may exist") || !strings.Contains(got.stderr, "look in the dashboard") {
				t.Fatalf("got %d %s %s, want to be told that it may exist", got.code, got.stdout, got.stderr)
			}
			if got := r.register(); got.code != 1 || !strings.Contains(got.stdout, "may exist") || r.twice() != nil {
				t.Errorf("again: %d %s, twice %v; want it not asked for", got.code, got.stdout, r.twice())
			}
			kept := r.kept()
			if len(kept) != r.types {
				t.Errorf("%d are kept, want %d: the others are registered", len(kept), r.types)
			}
			var lost string
			for kind, id := range kept {
				if id == "" {
					lost = kind
				}
			}
			if got := r.run("remove", "--type", lost); got.code != 3 || !strings.Contains(got.stdout, "Mutation."+createOp) {
				t.Errorf("remove without an answer: %d %s %s, want nothing done, and to be told what the schema shows", got.code, got.stdout, got.stderr)
			}
			if got := r.run("remove", "--type", lost, "--yes"); got.code != 0 || !strings.Contains(got.stdout, "1 forgotten") {
				t.Errorf("remove: %d %s %s", got.code, got.stdout, got.stderr)
			}
			if _, there := r.kept()[lost]; there {
				t.Error("what was forgotten is kept")
			}
		})
	}
}

func TestRegisteringIsRefusedWithAClearLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare func(*registering)
		args    []string
		code    int
		says    string
	}{
		"no configuration":   {nil, []string{"webhooks", "list"}, 2, "--config FILE"},
		"no URL":             {nil, []string{"register"}, 2, "--public-url"},
		"http":               {nil, []string{"register", "--public-url", "http://reassigner.example.com"}, 2, "https"},
		"a password":         {nil, []string{"register", "--public-url", "https://u:p@reassigner.example.com"}, 2, "https"},
		"no scope":           {func(r *registering) { r.platform.SetScopes(demo.Organization, "view_orders") }, []string{"register", "--no-check", "--public-url", publicURL}, 1, "edit_integrations"},
		"no service yet":     {nil, []string{"register", "--public-url", publicURL}, 4, "no service was started"},
		"nobody at the URL":  {func(r *registering) { _ = r.redis.Set("reassigner:deployment", "ID") }, []string{"register", "--public-url", "https://127.0.0.1:1"}, 4, "cannot be reached"},
		"another platform's": {func(r *registering) { _ = r.redis.Set(app.PlatformKey, "https://other") }, []string{"register", "--no-check", "--public-url", publicURL}, 2, "another platform"},
		"Redis away":         {func(r *registering) { r.redis.Close() }, []string{"list"}, 4, "does not answer"},
		"nothing to remove":  {nil, []string{"remove", "--yes"}, 3, "none is kept"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistering(t)
			if tt.prepare != nil {
				tt.prepare(r)
			}
			var got outcome
			if tt.args[0] == "webhooks" {
				got = runVerb(t, apptest.Environment(), tt.args...)
			} else {
				got = r.run(tt.args...)
			}
			if got.code != tt.code || !strings.Contains(got.stderr, tt.says) || len(r.platform.Registered()) != 0 {
				t.Errorf("got %d %s %s, want %d and %q", got.code, got.stdout, got.stderr, tt.code, tt.says)
			}
		})
	}
}
