package config

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
	"happycolis-reassigner/worker/intake/kafka"
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
			_, err = Load(file, environment("SECRET", "s3cret-value", "HOOK", "generic+https://s3cret-value.example/hook",
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
	got, err := Load("testdata/working_smallest.yaml", environment("SECRET", "s"))
	if err != nil {
		t.Fatal(err)
	}
	if got.OpenPolicy == nil {
		t.Error("policies cannot be read")
	}
	got.OpenPolicy = nil
	want := &Config{
		Listen: ":8080", Admin: "127.0.0.1:8081", MaxBody: 256 << 10, ShutdownDelay: 5 * time.Second,
		Log:      Log{Level: slog.LevelInfo, JSON: true},
		Spool:    Spool{MaxBytes: 1 << 30},
		Redis:    "redis://127.0.0.1:6379/0",
		Platform: Platform{GraphQLURL: "https://p.example/graphql", TokenURL: "https://p.example/token", Timeout: 15 * time.Second},
		Organizations: []Organization{{
			Credentials: happycolis.Credentials{Organization: "org_1", ClientID: "app", ClientSecret: "s"},
			Signing:     "s", Policy: "testdata/policy.yaml", Rate: happycolis.Rate{PerMinute: 1000, PerSecond: 100},
		}},
		Incident: Incident{Mode: "approve", Settle: 2 * time.Minute, Sweep: time.Minute, ApproveAbove: 200, Canary: 5, MaxShare: 0.5, Cooldown: time.Hour},
		Handover: Handover{
			Statuses: []string{"DRAFT", "PENDING"}, RedispatchSettle: 2 * time.Minute, Poll: 20 * time.Second,
			CancelTimeout: 15 * time.Minute, AcceptTimeout: time.Hour, MaxHops: 3,
		},
		Retention: Retention{incident.Retention{Incidents: 2160 * time.Hour, Audit: 8760 * time.Hour}, 1000},
		Alerts:    Alerts{Remind: 30 * time.Minute, Silence: time.Hour},
		Kafka:     kafka.Settings{Group: "happycolis-reassigner"},
		TimeZone:  "UTC",
	}
	exported := cmp.AllowUnexported(Config{}, Log{}, Platform{}, Organization{}, Incident{}, Handover{}, Alerts{}, Retention{})
	if diff := cmp.Diff(want, got, exported); diff != "" {
		t.Errorf("defaults differ (-want +got):\n%s", diff)
	}
}

func TestTheExampleIsInOrderWithItsPolicy(t *testing.T) {
	t.Parallel()
	cfg, err := Load("../../../reassigner.example.yaml", environment("REASSIGNER_OPS_PASSWORD", "p", "HAPPYCOLIS_CLIENT_SECRET", "s"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cfg.OpenPolicy(cfg.Organizations[0].Policy); err != nil {
		t.Error(err)
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
	cfg, err := Load(path, environment("REDIS", "redis-cluster://:pw@10.0.0.1:7000", "URL", "http://10.0.0.2/graphql", "TOKEN", "t"))
	if err != nil {
		t.Fatal(err)
	}
	o := cfg.Organizations[0]
	if got, want := o.Signing.Reveal(), "from-a-file"; got != want {
		t.Errorf("secret of the file: got %q, want %q", got, want)
	}
	if got, want := o.Policy, filepath.Join(dir, "own.yaml"); got != want {
		t.Errorf("policy: got %q, want %q", got, want)
	}
	if got, want := o.Rate, (happycolis.Rate{PerMinute: 500, PerSecond: 7}); got != want {
		t.Errorf("rate: got %v, want %v", got, want)
	}
	if got, want := cfg.Platform.GraphQLURL, "http://10.0.0.2/graphql"; got != want {
		t.Errorf("graphql_url: got %q, want %q", got, want)
	}
}

func TestTheSpoolIsBesideTheFileAndHasASize(t *testing.T) {
	t.Parallel()
	smallest, err := os.ReadFile("testdata/working_smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]any{
		"1GiB": int64(1 << 30), "1MiB": int64(1 << 20), "1024GiB": int64(1 << 40),
		"1023KiB": "1023KiB is out of range; write 1MiB to 1024GiB", "1025GiB": "1025GiB is out of range; write 1MiB to 1024GiB",
	} {
		path := filepath.Join(t.TempDir(), "reassigner.yaml")
		if err := os.WriteFile(path, append([]byte("spool: {dir: events, max_bytes: "+text+"}\n"), smallest...), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(path, environment("SECRET", "s"))
		var got any
		if err == nil {
			got = cfg.Spool.MaxBytes
			if want := filepath.Join(filepath.Dir(path), "events"); cfg.Spool.Dir != want {
				t.Errorf("the folder is %s, want %s", cfg.Spool.Dir, want)
			}
		} else {
			got = strings.TrimPrefix(err.Error(), path+":1:33: spool.max_bytes: ")
		}
		if got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestUsersAndTargetsAreLimitedToOrganizations(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "r.yaml")
	load := func(targets string) *Config {
		text := `
redis: embedded
happycolis: {graphql_url: https://p.example/graphql, token_url: https://p.example/token}
organizations:
  - {id: org_1, client_id: app, client_secret: "${SECRET}"}
  - {id: "${SECOND}", client_id: app, client_secret: "${SECRET}"}
admin: {users: [{name: ops, password: "${SECRET}", role: operator}, {name: eve, password: "${SECRET}", role: viewer, organizations: [org_2]}]}
incident: {mode: approve}
alerts: {targets: ` + targets + "}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path, environment("SECRET", "s", "SECOND", "org_2", "A", "generic+https://a.example/hook", "B", "generic+https://b.example/hook"))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := load(`["${A}", {url: "${B}", organizations: [org_1, "${SECOND}"]}]`)
	got := [][]string{c.Users[0].Organizations, c.Users[1].Organizations, c.Alerts.Targets[0].Organizations, c.Alerts.Targets[1].Organizations}
	if diff := cmp.Diff([][]string{nil, {"org_2"}, nil, {"org_1", "org_2"}}, got); diff != "" {
		t.Errorf("differ (-want +got):\n%s", diff)
	}
	if len(c.Notes) > 0 {
		t.Errorf("noted: %q", c.Notes)
	}
	if c = load(`[{url: "${A}", organizations: [org_1]}]`); len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "nobody is told of what all share") {
		t.Errorf("noted: %q", c.Notes)
	}
}

// TestAValueLosesWhatWasPutAroundIt: "echo secret | base64" ends with a line end, and an editor of Windows begins with a mark.
func TestAValueLosesWhatWasPutAroundIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"secret": "\ufeffold secret\r\n\n", "r.yaml": `
redis: ${REDIS}
happycolis: {graphql_url: https://p.example/graphql, token_url: https://p.example/token}
organizations: [{id: org_1, client_id: app, client_secret: "${SECRET}", previous_client_secret: "${file:secret}"}]
admin: {users: [{name: ops, password: "${PASSWORD}", role: operator}]}
incident: {mode: approve}
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "r.yaml")
	env := []string{"REDIS", "redis://h:1/0\n", "SECRET", "\ufeffs3cret\r\n\n", "PASSWORD", "p\tw \n"}
	cfg, err := Load(path, environment(env...))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{cfg.Redis.Reveal(), cfg.Organizations[0].Signing.Reveal(), cfg.Organizations[0].Previous.Reveal(), cfg.Users[0].Password.Reveal()}
	if diff := cmp.Diff([]string{"redis://h:1/0", "s3cret", "old secret", "p\tw "}, got); diff != "" {
		t.Errorf("values differ (-want +got):\n%s", diff)
	}
	const note = ": the secret holds white space, which is part of it; remove it where the secret comes from, unless it belongs there"
	want := []string{path + ":4:97: organizations[0].previous_client_secret" + note, path + ":5:39: admin.users[0].password" + note}
	if diff := cmp.Diff(want, cfg.Notes); diff != "" {
		t.Errorf("notes differ (-want +got):\n%s", diff)
	}
	if _, err := Load(path, environment("REDIS", "redis://h:1/0", "SECRET", "\r\n", "PASSWORD", "p")); err == nil || !strings.Contains(err.Error(), "SECRET is not set") {
		t.Errorf("a secret of a line end alone: got %v", err)
	}
	key, err := PeekSecret(path, environment(env...), "org_1")
	if err != nil || key != "s3cret" {
		t.Errorf("the secret of event send: got %q, %v", key.Reveal(), err)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	smallest, err := os.ReadFile("testdata/working_smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const noSize = " is not a size; write it like 256KiB, 8MiB or 1GiB"
	const range_ = " is out of range; write 16KiB to 8MiB"
	for text, want := range map[string]any{
		"16KiB": int64(16 << 10), "1MiB": int64(1 << 20), "8MiB": int64(8 << 20), `"300 KiB"`: int64(300 << 10),
		"15KiB": "15KiB" + range_, "9MiB": "9MiB" + range_, "1GiB": "1GiB" + range_, "0KiB": "0KiB" + range_,
		"262144": `"262144"` + noSize, "256kb": `"256kb"` + noSize, "KiB": `"KiB"` + noSize, "-1KiB": `"-1KiB"` + noSize, "1.5MiB": `"1.5MiB"` + noSize,
		"9999999999999GiB": `"9999999999999GiB"` + noSize,
	} {
		file := filepath.Join(t.TempDir(), "r.yaml")
		if err := os.WriteFile(file, append([]byte("max_body: "+text+"\n"), smallest...), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(file, environment("SECRET", "s"))
		var got any
		if err == nil {
			got = cfg.MaxBody
		} else {
			got = strings.TrimPrefix(err.Error(), file+":1:11: max_body: ")
		}
		if got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestTheShutdownDelayIsFiveSecondsAtMost(t *testing.T) {
	t.Parallel()
	smallest, err := os.ReadFile("testdata/working_smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]any{
		"": 5 * time.Second, "0s": time.Duration(0), "1500ms": 1500 * time.Millisecond, "5s": 5 * time.Second,
		"6s": "6s is too long; write 5s at most", "-1s": "-1s is too short; write 0s or more",
		"soon": `"soon" is not a duration; write it like 30s, 2m or 1h`,
	} {
		file := filepath.Join(t.TempDir(), "r.yaml")
		if err := os.WriteFile(file, append([]byte("shutdown_delay: "+text+"\n"), smallest...), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(file, environment("SECRET", "s"))
		var got any
		if err == nil {
			got = cfg.ShutdownDelay
		} else {
			got = strings.TrimPrefix(err.Error(), file+":1:17: shutdown_delay: ")
		}
		if got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
