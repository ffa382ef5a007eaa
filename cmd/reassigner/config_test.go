package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/incident"
)

// environment makes a getenv of pairs.
func environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

func TestEveryMistakeIsToldWithItsPlaceItsKeyAndWhatToDo(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/busted_*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no busted files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".want")
			if err != nil {
				t.Fatal(err)
			}
			_, err = loadConfig(file, environment("SECRET", "s3cret-value", "HOOK", "generic+https://s3cret-value.example/hook",
				"PAGER", "pagerduty://s3cret-value"))
			if err == nil {
				t.Fatal("the configuration was accepted")
			}
			if diff := cmp.Diff(string(want), err.Error()+"\n"); diff != "" {
				t.Errorf("messages differ (-want +got):\n%s", diff)
			}
			for _, secret := range []string{"hunter", "tok3n", "letmein", "pa55word", "s3cret-value"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("a message tells the secret %q", secret)
				}
			}
		})
	}
}

func TestTheSmallestConfigurationHasTheDocumentedDefaults(t *testing.T) {
	t.Parallel()
	got, err := loadConfig("testdata/working_smallest.yaml", environment("SECRET", "s"))
	if err != nil {
		t.Fatal(err)
	}
	if got.openPolicy == nil {
		t.Error("policies cannot be read")
	}
	got.openPolicy = nil
	want := &config{
		listen: ":8080", admin: "127.0.0.1:8081",
		log:      logConfig{level: slog.LevelInfo, json: true},
		redis:    "redis://127.0.0.1:6379/0",
		platform: platformConfig{graphqlURL: "https://p.example/graphql", tokenURL: "https://p.example/token", timeout: 15 * time.Second},
		organizations: []organizationConfig{{
			credentials: happycolis.Credentials{Organization: "org_1", ClientID: "app", ClientSecret: "s"},
			signing:     "s", policy: "testdata/policy.yaml", rate: happycolis.Rate{PerMinute: 1000, PerSecond: 100},
		}},
		incident: incidentConfig{mode: "approve", settle: 2 * time.Minute, sweep: time.Minute, approveAbove: 200, canary: 5, maxShare: 0.5, cooldown: time.Hour},
		handover: handoverConfig{
			statuses: []string{"DRAFT", "PENDING"}, redispatchSettle: 2 * time.Minute, poll: 20 * time.Second,
			cancelTimeout: 15 * time.Minute, acceptTimeout: time.Hour, maxHops: 3,
		},
		retention: retentionConfig{incident.Retention{Incidents: 2160 * time.Hour, Audit: 8760 * time.Hour}, 1000},
		alerts:    alertsConfig{remind: 30 * time.Minute, silence: time.Hour},
	}
	exported := cmp.AllowUnexported(config{}, logConfig{}, platformConfig{}, organizationConfig{}, incidentConfig{}, handoverConfig{}, alertsConfig{}, retentionConfig{})
	if diff := cmp.Diff(want, got, exported); diff != "" {
		t.Errorf("defaults differ (-want +got):\n%s", diff)
	}
}

func TestTheExampleIsInOrderWithItsPolicy(t *testing.T) {
	t.Parallel()
	cfg, err := loadConfig("../../reassigner.example.yaml", environment("REASSIGNER_OPS_PASSWORD", "p", "HAPPYCOLIS_CLIENT_SECRET", "s"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cfg.openPolicy(cfg.organizations[0].policy); err != nil {
		t.Error(err)
	}
}

func TestTheDemoPlaysTheExamplePolicy(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../../policy.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(example), string(demoPolicy)); diff != "" {
		t.Errorf("copy policy.example.yaml to demo_policy.yaml again (-example +demo):\n%s", diff)
	}
}

func TestValuesComeFromTheEnvironmentAndFromFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("secret", "from-a-file\r\n")
	path := write("reassigner.yaml", `
redis: ${REDIS}
happycolis: {graphql_url: "${URL}", rate_limit: {per_minute: 500}}
organizations:
  - {id: org_1, client_secret: "${file:secret}", integration_token: "${TOKEN}", policy: own.yaml, rate_limit: {per_second: 7}}
incident: {mode: automatic}
`)
	cfg, err := loadConfig(path, environment("REDIS", "redis-cluster://:pw@10.0.0.1:7000", "URL", "http://10.0.0.2/graphql", "TOKEN", "t"))
	if err != nil {
		t.Fatal(err)
	}
	o := cfg.organizations[0]
	if got, want := o.signing.Reveal(), "from-a-file"; got != want {
		t.Errorf("secret of the file: got %q, want %q", got, want)
	}
	if got, want := o.policy, filepath.Join(dir, "own.yaml"); got != want {
		t.Errorf("policy: got %q, want %q", got, want)
	}
	if got, want := o.rate, (happycolis.Rate{PerMinute: 500, PerSecond: 7}); got != want {
		t.Errorf("rate: got %v, want %v", got, want)
	}
	if got, want := cfg.platform.graphqlURL, "http://10.0.0.2/graphql"; got != want {
		t.Errorf("graphql_url: got %q, want %q", got, want)
	}
}

func TestEverySchemeOfRedisIsUnderstood(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"redis://127.0.0.1:6379/2": true, "rediss://cache.example:6380": true, "embedded": true,
		"redis-sentinel://10.0.0.1:26379/0?master_name=main": true, "redis-sentinel://10.0.0.1:26379/0": false,
		"redis-cluster://10.0.0.1:7000?addr=10.0.0.2:7000": true, "unix:///run/redis.sock": false, "redis://host:port:x": false,
	} {
		if got := checkRedisURL(text, true) == ""; got != good {
			t.Errorf("%s: accepted %v, want %v", text, got, good)
		}
	}
}
