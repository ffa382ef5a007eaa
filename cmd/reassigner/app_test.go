package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/receiver"
)

// allRoles is what a process does by default.
var allRoles = []string{roleReceiver, roleWorker, roleDesk}

// quiet drops what is logged.
var quiet = slog.New(slog.DiscardHandler)

// buffer is a log that is read while it is written.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// testConfig is a configuration on free ports whose platform is not there.
func testConfig(redis string) *config.Config {
	return &config.Config{
		Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Redis: happycolis.Secret(redis),
		Platform: config.Platform{GraphQLURL: "http://127.0.0.1:1/graphql", TokenURL: "http://127.0.0.1:1/token", Timeout: time.Second},
		Organizations: []config.Organization{{
			Credentials: happycolis.Credentials{Organization: "org_1", ClientID: "app", ClientSecret: "s"},
			Signing:     "s", Rate: happycolis.Rate{PerMinute: 1000, PerSecond: 100}, Policy: "policy.yaml",
		}},
		Incident:   config.Incident{Mode: "approve", Settle: time.Second, Sweep: time.Second},
		Handover:   config.Handover{Statuses: []string{"DRAFT", "PENDING"}, Poll: time.Second, MaxHops: 3},
		OpenPolicy: func(string) (*policy.Policy, error) { return policy.Parse(demoPolicy) },
	}
}

func startApp(t *testing.T, cfg *config.Config, roles []string, log *slog.Logger) *app {
	t.Helper()
	a, err := newApp(cfg, roles, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.stop)
	if err := a.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

// fetch returns the status and the body of a GET.
func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(body))
}

// eventuallyMost is long enough for a busy machine.
const eventuallyMost = 30 * time.Second

// eventually waits for something that others bring about.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(eventuallyMost); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
	}
}

func TestTheWholeAppStartsOnFreePortsAndStopsTwice(t *testing.T) {
	t.Parallel()
	a := startApp(t, testConfig(config.EmbeddedRedis), allRoles, quiet)
	public, admin := "http://"+a.publicAddress().String(), "http://"+a.adminAddress().String()
	for url, want := range map[string]string{
		public + "/healthz":   `{"ok":true}`,
		public + "/readyz":    `{"ready":true}`,
		admin + "/api/orders": `[]`,
	} {
		if status, got := fetch(t, url); status != http.StatusOK || got != want {
			t.Errorf("%s: got %d %s, want 200 %s", url, status, got, want)
		}
	}
	if status, body := fetch(t, admin+"/monitoring/"); status != http.StatusOK || !strings.Contains(body, "<html") {
		t.Errorf("the web UI: got %d %.60s", status, body)
	}
	if status, _ := fetch(t, public+"/api/orders"); status != http.StatusNotFound {
		t.Errorf("the API on the public listener: got %d, want 404", status)
	}
	a.stop()
	a.stop()
	if _, err := http.Get(public + "/healthz"); err == nil {
		t.Error("it still answers after it was stopped")
	}
}

func TestAReceiverAloneNeedsNoPolicyAndServesNoDesk(t *testing.T) {
	t.Parallel()
	cfg := testConfig(config.EmbeddedRedis)
	cfg.OpenPolicy = config.ReadPolicy
	a := startApp(t, cfg, []string{roleReceiver}, quiet)
	if a.admin != nil || a.servers != nil {
		t.Error("a receiver alone has a desk or a worker")
	}
	if status, body := fetch(t, "http://"+a.publicAddress().String()+"/readyz"); status != http.StatusOK {
		t.Errorf("ready: got %d %s", status, body)
	}
	if _, err := newApp(cfg, []string{roleWorker}, quiet); err == nil {
		t.Error("a worker started without its policy")
	}
}

func TestAPortInUseIsToldWithItsAddress(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cfg := testConfig(config.EmbeddedRedis)
	cfg.Admin = taken.Addr().String()
	_, err = newApp(cfg, allRoles, quiet)
	want := "listening on " + cfg.Admin + ": the port is in use by another process; stop it, or configure another"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestRedisOfAnotherPlatformIsRefused(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	startApp(t, testConfig("redis://"+server.Addr()), allRoles, quiet)
	other := testConfig("redis://" + server.Addr())
	other.Platform.GraphQLURL = "http://127.0.0.1:2/graphql"
	a, err := newApp(other, allRoles, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer a.stop()
	err = a.start(t.Context())
	want := "Redis belongs to another platform: its records are about http://127.0.0.1:1/graphql, the configuration says http://127.0.0.1:2/graphql; use another Redis, or another database of it"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWithRedisAwayItStartsUnreadyAndBecomesReady(t *testing.T) {
	t.Parallel()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	address := server.Addr()
	server.Close()
	a := startApp(t, testConfig("redis://"+address), allRoles, quiet)
	ready := "http://" + a.publicAddress().String() + "/readyz"
	if status, got := fetch(t, ready); status != http.StatusServiceUnavailable || got != `{"ready":false,"reason":"Redis does not answer"}` {
		t.Errorf("without Redis: got %d %s", status, got)
	}
	if status, _ := fetch(t, "http://"+a.publicAddress().String()+"/healthz"); status != http.StatusOK {
		t.Errorf("health without Redis: got %d", status)
	}
	back := miniredis.NewMiniRedis()
	if err := back.StartAddr(address); err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	eventually(t, "ready once Redis is there", func() bool {
		status, _ := fetch(t, ready)
		return status == http.StatusOK
	})
}

func TestItStopsInTimeThoughRedisIsGone(t *testing.T) {
	t.Parallel()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	a := startApp(t, testConfig("redis://"+server.Addr()), allRoles, quiet)
	server.Close()
	begun := time.Now()
	a.stop()
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("stopping took %s, more than 10 s", took)
	}
}

func TestAWebhookThatComesBeforeRedisIsKnownWaitsForIt(t *testing.T) {
	t.Parallel()
	cfg := testConfig(config.EmbeddedRedis)
	a, err := newApp(cfg, allRoles, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.stop)
	a.public.serve() // as while Redis is away: it listens and has not begun
	status := make(chan int, 1)
	go func() {
		body := []byte(`{"header":{"organizationId":"org_1","messageId":"m","type":"unknown/thing"},"body":{}}`)
		request, _ := http.NewRequest(http.MethodPost, "http://"+a.publicAddress().String()+receiver.Path, bytes.NewReader(body))
		request.Header.Set(webhook.SignatureHeader, webhook.Sign(body, "s"))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			status <- 0
			return
		}
		_ = response.Body.Close()
		status <- response.StatusCode
	}()
	select {
	case got := <-status:
		t.Fatalf("it was answered %d before Redis was known", got)
	case <-time.After(80 * time.Millisecond):
	}
	if err := a.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-status; got != http.StatusOK {
		t.Errorf("got %d, want 200", got)
	}
}

func TestABadPolicyIsNotReloaded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("version: 1\nrules: []\ndefault: leave\n")
	cfg := testConfig(config.EmbeddedRedis)
	cfg.OpenPolicy, cfg.Organizations[0].Policy = config.ReadPolicy, path
	var out buffer
	a := startApp(t, cfg, allRoles, newLog(&out, config.Log{}))
	first := a.policies[path].Load().Revision()
	write("version: 1\nrules: []\ndefault: throw_away\n")
	a.reloadPolicies(t.Context())
	if got := a.policies[path].Load().Revision(); got != first {
		t.Errorf("a bad policy came into force: %s", got)
	}
	if !strings.Contains(out.String(), "NOT reloaded") {
		t.Errorf("nobody was told: %s", out.String())
	}
	write("version: 1\nrules: []\ndefault: needs_person\n")
	a.reloadPolicies(t.Context())
	if got := a.policies[path].Load().Revision(); got == first {
		t.Error("a good policy did not come into force")
	}
}

func TestWrongCredentialsAreToldWithTheOrganizationOnceInAWhile(t *testing.T) {
	t.Parallel()
	platform := sandbox.New(sandbox.Options{})
	addSandboxOrganization(platform, "org_1")
	at := &listener{address: "127.0.0.1:0", handler: platform, log: quiet}
	if err := at.open(); err != nil {
		t.Fatal(err)
	}
	at.serve()
	defer at.close()
	cfg := testConfig(config.EmbeddedRedis)
	cfg.Platform.GraphQLURL = "http://" + at.bound.Addr().String() + "/graphql"
	cfg.Platform.TokenURL = "http://" + at.bound.Addr().String() + "/token"
	var out buffer
	a := startApp(t, cfg, allRoles, newLog(&out, config.Log{JSON: true}))
	for range 3 {
		status, body := fetch(t, "http://"+a.adminAddress().String()+"/api/plan?location=nowhere")
		var told map[string]string
		if err := json.Unmarshal([]byte(body), &told); err != nil || status != http.StatusBadGateway || !strings.Contains(told["error"], "unauthorized") {
			t.Fatalf("got %d %s", status, body)
		}
	}
	if got := strings.Count(out.String(), "refuses the credentials"); got != 1 {
		t.Errorf("told %d times, want once", got)
	}
	if !strings.Contains(out.String(), `"organization":"org_1"`) {
		t.Errorf("the organization is not named: %s", out.String())
	}
	if got := platform.Books().Requests["token"]; got > 1 {
		t.Errorf("the token endpoint was asked %d times, want once", got)
	}
}
