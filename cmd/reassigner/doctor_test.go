package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/cmd/internal/doctor"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/redistest"
)

// sickbed is what a doctor is called to: a platform, a Redis and a configuration.
type sickbed struct {
	t        *testing.T
	platform *sandbox.Platform
	places   map[string]string // slug > id
	url      string
	redis    string
	dir      string
	policy   string
	users    string
	secret   string
	change   func(body []byte) []byte // of the platform's answers; nil: none
	page     int                      // the HTTP status of the page that answers in the place of the API; 0: none does
	skew     atomic.Int64             // ns that the platform's clock is ahead
}

// lie makes a sickbed where all is well but what the test changes.
func lie(t *testing.T, redisAddress string) *sickbed {
	t.Helper()
	b := &sickbed{t: t, redis: "redis://" + redisAddress, dir: t.TempDir(),
		secret: "secret-" + demo.Organization, users: `[{name: ops, password: "${SECRET}", role: operator}]`,
		policy: "version: 1\nrules:\n  - name: paris falls back to lyon\n    when: {from: [paris-warehouse]}\n    then: {reassign: {candidates: [lyon-warehouse], prefer: [listed_order]}}\ndefault: needs_person\n"}
	b.platform = sandbox.New(sandbox.Options{Seed: 1, Now: func() time.Time { return time.Now().Add(time.Duration(b.skew.Load())) }})
	demo.AddOrganization(b.platform, demo.Organization)
	b.places = sandbox.Seed(b.platform, sandbox.SeedOptions{Organization: demo.Organization, Orders: 3, Seed: 1}).Locations
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.page != 0 && r.URL.Path == "/graphql" {
			w.WriteHeader(b.page)
			_, _ = w.Write([]byte("<html>no</html>"))
			return
		}
		if b.change == nil {
			b.platform.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		b.platform.ServeHTTP(answer, r)
		for k, v := range answer.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(b.change(answer.Body.Bytes()))
	}))
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// knows lets the index know one delivery order, and an import be finished.
func (b *sickbed) knows(rdb redis.UniversalClient) {
	b.t.Helper()
	x := index.New(rdb)
	now := time.Now().UTC()
	if err := x.PutLocation(b.t.Context(), demo.Organization, index.Location{ID: "loc_paris", Slug: sandbox.Paris}); err != nil {
		b.t.Fatal(err)
	}
	if _, err := x.Put(b.t.Context(), demo.Organization, index.Entry{ID: "do_1", Location: "loc_paris", Status: "PENDING", Date: now,
		Lines: []index.Line{{ID: "dl_1", SKU: "MUG", Status: "PENDING", Quantity: 1}}}, "m_1"); err != nil {
		b.t.Fatal(err)
	}
	if err := x.FinishImport(b.t.Context(), demo.Organization, now); err != nil {
		b.t.Fatal(err)
	}
}

// late lets a webhook come two hours after its date.
func (b *sickbed) late() {
	b.t.Helper()
	x := index.New(redistest.NewClient(b.t, strings.TrimPrefix(b.redis, "redis://")))
	if err := x.MarkSeen(b.t.Context(), demo.Organization, "m_late", time.Now().Add(-2*time.Hour-time.Minute)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *sickbed) call(args ...string) outcome {
	b.t.Helper()
	for name, text := range map[string]string{"policy.yaml": b.policy, "reassigner.yaml": fmt.Sprintf(`
admin: {users: %s}
redis: %s
happycolis: {graphql_url: "%s/graphql", token_url: "%s/token", timeout: 2s}
organizations: [{id: %s, client_id: client-%s, client_secret: "${SECRET}"}]
alerts: {targets: ["${TARGET}"]}
incident: {mode: approve}
`, b.users, b.redis, b.url, b.url, demo.Organization, demo.Organization)} {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	got := runVerb(b.t, apptest.Environment("SECRET", b.secret, "TARGET", "generic+https://pager.example.com/hook"), append([]string{"doctor", "--config", filepath.Join(b.dir, "reassigner.yaml")}, args...)...)
	got.stdout = strings.NewReplacer(b.dir+"/", "", strings.TrimPrefix(b.url, "http://"), "PLATFORM", strings.TrimPrefix(b.redis, "redis://"), "REDIS").Replace(got.stdout)
	got.stdout = regexp.MustCompile(`[\d.]+ MiB`).ReplaceAllString(got.stdout, "N MiB")
	got.stdout = regexp.MustCompile(`\(\d+ %\)`).ReplaceAllString(got.stdout, "(N %)")
	got.stdout = regexp.MustCompile(`(version +)\d+\.\d+\.\d+`).ReplaceAllString(got.stdout, "${1}V")
	if strings.Contains(got.stdout+got.stderr, b.secret) {
		b.t.Error("it tells the secret")
	}
	return got
}

// healthy are the settings of a Redis that keeps what it is told.
var healthy = []string{"--appendonly", "yes", "--appendfsync", "everysec"}

func TestDoctor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		redis []string
		bend  func(*sickbed)
		args  []string
		code  int
	}{
		"healthy": {redis: healthy, args: []string{"--public-url", "https://reassigner.example.com/"}, bend: func(b *sickbed) {
			b.policy = strings.ReplaceAll(b.policy, "paris", "lille") // lyon ships to wherever lille does
		}},
		"evicting_and_forgetful": {
			redis: []string{"--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru", "--save", "", "--appendonly", "no"}, code: cli.ExitFailed,
		},
		"snapshots_and_nearly_full": {redis: []string{"--save", "3600 1"}, bend: func(b *sickbed) {
			rdb := redistest.NewClient(b.t, strings.TrimPrefix(b.redis, "redis://"))
			for i := range 32 {
				if err := rdb.Set(b.t.Context(), fmt.Sprint("filler-", i), strings.Repeat("x", 1<<20), 0).Err(); err != nil {
					b.t.Fatal(err)
				}
			}
			if err := rdb.ConfigSet(b.t.Context(), "maxmemory", "50mb").Err(); err != nil {
				b.t.Fatal(err)
			}
		}},
		"of_another_platform": {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) {
			rdb := redistest.NewClient(b.t, strings.TrimPrefix(b.redis, "redis://"))
			if err := rdb.Set(b.t.Context(), app.PlatformKey, "https://other.example/graphql", 0).Err(); err != nil {
				b.t.Fatal(err)
			}
		}},
		"webhooks_behind": {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) { b.late() }},
		"webhooks_came_late": {redis: healthy, bend: func(b *sickbed) {
			b.late()
			x := index.New(redistest.NewClient(b.t, strings.TrimPrefix(b.redis, "redis://")))
			if err := x.MarkSeen(b.t.Context(), demo.Organization, "m_timely", time.Now()); err != nil {
				b.t.Fatal(err)
			}
		}},
		"missing_scopes": {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) {
			b.platform.SetScopes(demo.Organization, "view_delivery_orders", "edit_delivery_orders", "view_orders", "view_locations")
		}},
		"bad_secret":    {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) { b.secret = "another" }},
		"platform_away": {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) { b.url = "http://127.0.0.1:1" }},
		"platform_in_trouble": {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) {
			b.change = func(body []byte) []byte {
				if !bytes.HasPrefix(body, []byte(`{"data"`)) {
					return body
				}
				return []byte(`{"data":null,"errors":[{"message":"x","extensions":{"code":"GATEWAY_TIMEOUT"}}]}`)
			}
		}},
		"refused_on_the_way": {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) { b.page = http.StatusForbidden }},
		"token_endpoint_in_trouble": {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) {
			b.change = func([]byte) []byte { return []byte("<html>back soon</html>") }
		}},
		"schema_refused_in_other_words": {redis: healthy, bend: func(b *sickbed) {
			b.change = func(body []byte) []byte {
				if !bytes.Contains(body, []byte(`"__schema"`)) {
					return body
				}
				return []byte(`{"errors":[{"message":"x","extensions":{"code":"INTROSPECTION_DISABLED"}}]}`)
			}
		}},
		"schema_refused": {redis: healthy, bend: func(b *sickbed) {
			b.platform.AddFault(sandbox.Fault{Kind: sandbox.RefuseIntrospection})
		}},
		"schema_lacks_a_field": {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) {
			b.change = func(body []byte) []byte {
				body = bytes.Replace(body, []byte(`{"name":"orderNumber",`), []byte(`{"name":"reference",`), 1)
				return bytes.Replace(body, []byte(`{"name":"shipments",`), []byte(`{"name":"parcels",`), 1)
			}
		}},
		"places_of_the_policy": {redis: healthy, code: cli.ExitFailed, bend: func(b *sickbed) {
			b.platform.SetActive(sandbox.Lille, false)
			b.platform.Break(sandbox.Lyon)
			b.platform.Break(sandbox.Paris)
			b.policy = "version: 1\nrules:\n  - name: all\n    when: {from: [paris-warehouse, atlantis]}\n    then: {reassign: {candidates: [lyon-warehouse, lille-warehouse, nowhere], prefer: [listed_order]}}\ndefault: needs_person\n"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := redistest.StartServerAddr(t, c.redis...)
			b := lie(t, address)
			if name != "evicting_and_forgetful" {
				b.knows(redistest.NewClient(t, address))
			}
			if c.bend != nil {
				c.bend(b)
			}
			got := b.call(c.args...)
			if got.code != c.code {
				t.Errorf("exit code: got %d, want %d: %s", got.code, c.code, got.stderr)
			}
			apptest.Golden(t, "doctor_"+name+".golden", got.stdout)
		})
	}
}

func TestDoctorNeedsNeitherRedisNorTwoRuns(t *testing.T) {
	t.Parallel()
	b := lie(t, "127.0.0.1:1")
	begun := time.Now()
	got := b.call("--json")
	if took := time.Since(begun); took > (25 * time.Second) {
		t.Errorf("it took %s", took)
	}
	var told doctor.Report
	if err := json.Unmarshal([]byte(got.stdout), &told); err != nil || got.code != cli.ExitFailed {
		t.Fatalf("got %d, %v: %s", got.code, err, got.stdout)
	}
	found := map[string]doctor.Severity{}
	for _, f := range told.Checks {
		found[f.Section+" "+f.Check] = f.Severity
	}
	for check, want := range map[string]doctor.Severity{"Redis reachable": doctor.Failed, "Platform credentials": doctor.Passed, "Schema schema": doctor.Passed, "Index index": doctor.Unknown} {
		if found[check] != want {
			t.Errorf("%s: got %q, want %q", check, found[check], want)
		}
	}
	if told.Holds || len(told.Webhooks) < 15 {
		t.Errorf("holds %t, %d webhooks", told.Holds, len(told.Webhooks))
	}
}

func TestDoctorIsMisusedWithTwo(t *testing.T) {
	t.Parallel()
	b := lie(t, "127.0.0.1:1")
	b.policy = "version: 1\nrules: []\ndefault: throw_away\n"
	if got := b.call(); got.code != cli.ExitUsage || !strings.Contains(got.stderr, "default") {
		t.Errorf("a wrong policy: got %d %s", got.code, got.stderr)
	}
	b.policy = "version: 1\nrules: []\ndefault: leave\n"
	if got := b.call("--public-url", "reassigner.example.com"); got.code != cli.ExitUsage || !strings.Contains(got.stderr, "--public-url") {
		t.Errorf("a wrong URL: got %d %s", got.code, got.stderr)
	}
}

func TestDoctorSaysThatAnIntegrationTokenTellsNoScopes(t *testing.T) {
	t.Parallel()
	b := lie(t, "127.0.0.1:1")
	file := filepath.Join(b.dir, "token.yaml")
	if err := os.WriteFile(filepath.Join(b.dir, "policy.yaml"), []byte(b.policy), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(fmt.Sprintf("redis: embedded\nhappycolis: {graphql_url: \"%s/graphql\"}\norganizations: [{id: %s, client_secret: \"${SECRET}\", integration_token: \"${TOKEN}\"}]\nincident: {mode: approve}\n",
		b.url, demo.Organization)), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runVerb(t, apptest.Environment("SECRET", "s", "TOKEN", "token-"+demo.Organization), "doctor", "--config", file)
	if got.code != cli.ExitDone || !strings.Contains(got.stdout, "nobody is told what an integration token allows") {
		t.Errorf("got %d %s %s", got.code, got.stdout, got.stderr)
	}
	got = runVerb(t, apptest.Environment("SECRET", "s", "TOKEN", "wrong"), "doctor", "--config", file)
	if got.code != cli.ExitFailed || !strings.Contains(got.stdout, "the platform refuses the integration token") {
		t.Errorf("got %d %s %s", got.code, got.stdout, got.stderr)
	}
}

func TestDoctorSaysWhoseClockIsApart(t *testing.T) {
	t.Parallel()
	b := lie(t, redistest.StartServerAddr(t, healthy...))
	rdb := redistest.NewClient(t, strings.TrimPrefix(b.redis, "redis://"))
	b.knows(rdb)
	b.skew.Store(int64(30 * time.Second))
	for host, ahead := range map[string]time.Duration{"worker-1": 2 * time.Hour, "worker-2": 9 * time.Second} {
		now := time.Now()
		happycolis.NewClocks(rdb, rediskey.Clocks(), host, func() time.Time { return now }).Observe(happycolis.Call{Outcome: "ok", SentAt: now, Date: now.Add(-ahead)})
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if all, err := happycolis.LastClocks(t.Context(), rdb, rediskey.Clocks()); err == nil && len(all) == 3 {
			break
		}
	}
	got := b.call()
	for _, want := range []string{
		`warn  against the platform this machine is (29|30)s behind\n`,
		`FAIL  of worker-1 +it is 1h59m59s ahead of the platform's\n`,
		`ok    against Redis +this machine agrees\n`,
	} {
		if !regexp.MustCompile(want).MatchString(got.stdout) {
			t.Errorf("it does not say %q:\n%s", want, got.stdout)
		}
	}
	if got.code != cli.ExitFailed || strings.Contains(got.stdout, "worker-2") {
		t.Errorf("got %d:\n%s", got.code, got.stdout)
	}
}
