package app

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/logtest"
)

// startApp starts a worker that is stopped with the test.
func startApp(t *testing.T, cfg *config.Config, roles []string, log *slog.Logger) *App {
	t.Helper()
	a, err := New(cfg, roles, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTheWholeAppStartsOnFreePortsAndStopsTwice(t *testing.T) {
	t.Parallel()
	a := startApp(t, apptest.Config(config.EmbeddedRedis), AllRoles(), apptest.Quiet)
	public, adminURL := "http://"+a.PublicAddress().String(), "http://"+a.AdminAddress().String()
	for url, want := range map[string]string{
		public + "/healthz":      `{"ok":true}`,
		public + "/readyz":       `{"ready":true}`,
		adminURL + "/api/orders": `[]`,
	} {
		if status, got := apptest.Fetch(t, url); status != http.StatusOK || got != want {
			t.Errorf("%s: got %d %s, want 200 %s", url, status, got, want)
		}
	}
	if status, body := apptest.Fetch(t, adminURL+"/monitoring/"); status != http.StatusOK || !strings.Contains(body, "<html") {
		t.Errorf("the web UI: got %d %.60s", status, body)
	}
	if status, _ := apptest.Fetch(t, public+"/api/orders"); status != http.StatusNotFound {
		t.Errorf("the API on the public listener: got %d, want 404", status)
	}
	a.Stop()
	a.Stop()
	if _, err := http.Get(public + "/healthz"); err == nil {
		t.Error("it still answers after it was stopped")
	}
}

func TestAReceiverAloneNeedsNoPolicyAndServesNoDesk(t *testing.T) {
	t.Parallel()
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.OpenPolicy = config.ReadPolicy
	a := startApp(t, cfg, []string{RoleReceiver}, apptest.Quiet)
	if a.admin != nil || a.servers != nil {
		t.Error("a receiver alone has a desk or a worker")
	}
	if status, body := apptest.Fetch(t, "http://"+a.PublicAddress().String()+"/readyz"); status != http.StatusOK {
		t.Errorf("ready: got %d %s", status, body)
	}
	if _, err := New(cfg, []string{RoleWorker}, apptest.Quiet); err == nil {
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
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Admin = taken.Addr().String()
	_, err = New(cfg, AllRoles(), apptest.Quiet)
	want := "listening on " + cfg.Admin + ": the port is in use by another process; stop it, or configure another"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestRedisOfAnotherPlatformIsRefused(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	startApp(t, apptest.Config("redis://"+server.Addr()), AllRoles(), apptest.Quiet)
	other := apptest.Config("redis://" + server.Addr())
	other.Platform.GraphQLURL = "http://127.0.0.1:2/graphql"
	a, err := New(other, AllRoles(), apptest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	err = a.Start(t.Context())
	want := "Redis belongs to another platform: its records are about http://127.0.0.1:1/graphql, the configuration says http://127.0.0.1:2/graphql; use another Redis, or another database of it"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestRedisOfAnOlderBuildIsRefused has what a build before the first release left: the platform's URL, and a record that
// would be read by halves.
func TestRedisOfAnOlderBuildIsRefused(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	cfg := apptest.Config("redis://" + server.Addr())
	if err := server.Set("reassigner:platform", cfg.Platform.GraphQLURL); err != nil {
		t.Fatal(err)
	}
	server.HSet("reassigner:{"+cfg.Organizations[0].Credentials.Organization+"}:re:inc/do_1", "version", "3", "state", "sending", "body", `{"shape":1,"id":"inc/do_1","state":"sending"}`)
	before := server.Dump()
	a, err := New(cfg, AllRoles(), apptest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	if err := a.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "Redis has the records of an older build, which this one does not read") {
		t.Errorf("got %v, want it to be refused", err)
	}
	if after := server.Dump(); after != before {
		t.Errorf("it wrote into that Redis: it had\n%s\nand has\n%s", before, after)
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
	a := startApp(t, apptest.Config("redis://"+address), AllRoles(), apptest.Quiet)
	ready := "http://" + a.PublicAddress().String() + "/readyz"
	if status, got := apptest.Fetch(t, ready); status != http.StatusServiceUnavailable || got != `{"ready":false,"reason":"Redis does not answer"}` {
		t.Errorf("without Redis: got %d %s", status, got)
	}
	if status, _ := apptest.Fetch(t, "http://"+a.PublicAddress().String()+"/healthz"); status != http.StatusOK {
		t.Errorf("health without Redis: got %d", status)
	}
	back := miniredis.NewMiniRedis()
	if err := back.StartAddr(address); err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	apptest.Eventually(t, "ready once Redis is there", func() bool {
		status, _ := apptest.Fetch(t, ready)
		return status == http.StatusOK
	})
}

func TestItStopsInTimeThoughRedisIsGone(t *testing.T) {
	t.Parallel()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	a := startApp(t, apptest.Config("redis://"+server.Addr()), AllRoles(), apptest.Quiet)
	server.Close()
	begun := time.Now()
	a.Stop()
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("stopping took %s, more than 10 s", took)
	}
}

func TestAWebhookThatComesBeforeRedisIsKnownWaitsForIt(t *testing.T) {
	t.Parallel()
	cfg := apptest.Config(config.EmbeddedRedis)
	a, err := New(cfg, AllRoles(), apptest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	a.public.Serve() // as while Redis is away: it listens and has not begun
	status := make(chan int, 1)
	go func() {
		body := []byte(`{"header":{"organizationId":"org_1","messageId":"m","type":"unknown/thing"},"body":{}}`)
		request, _ := http.NewRequest(http.MethodPost, "http://"+a.PublicAddress().String()+intake.Path, bytes.NewReader(body))
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
	if err := a.startWork(t.Context()); err != nil {
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
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.OpenPolicy, cfg.Organizations[0].Policy = config.ReadPolicy, path
	var out logtest.Buffer
	a := startApp(t, cfg, AllRoles(), NewLog(&out, config.Log{}))
	first := a.policies[path].Load().Revision()
	write("version: 1\nrules: []\ndefault: throw_away\n")
	a.ReloadPolicies(t.Context())
	if got := a.policies[path].Load().Revision(); got != first {
		t.Errorf("a bad policy came into force: %s", got)
	}
	if !strings.Contains(out.String(), "NOT reloaded") {
		t.Errorf("nobody was told: %s", out.String())
	}
	write("version: 1\nrules: []\ndefault: needs_person\n")
	a.ReloadPolicies(t.Context())
	if got := a.policies[path].Load().Revision(); got == first {
		t.Error("a good policy did not come into force")
	}
}

func TestWrongCredentialsAreToldWithTheOrganizationOnceInAWhile(t *testing.T) {
	t.Parallel()
	platform := sandbox.New(sandbox.Options{})
	platform.AddOrganization(sandbox.Organization{ID: "org_1", ClientID: "client-org_1", ClientSecret: "secret-org_1"})
	at := &Listener{Address: "127.0.0.1:0", Handler: platform, Log: apptest.Quiet}
	if err := at.Open(); err != nil {
		t.Fatal(err)
	}
	at.Serve()
	defer at.Close()
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Platform.GraphQLURL = "http://" + at.Addr().String() + "/graphql"
	cfg.Platform.TokenURL = "http://" + at.Addr().String() + "/token"
	var out logtest.Buffer
	a := startApp(t, cfg, AllRoles(), NewLog(&out, config.Log{JSON: true}))
	for range 3 {
		status, body := apptest.Fetch(t, "http://"+a.AdminAddress().String()+"/api/plan?location=nowhere")
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

func TestEveryJournalHasTheConfiguredCanary(t *testing.T) {
	t.Parallel()
	a := &App{cfg: &config.Config{Incident: config.Incident{Canary: 7}}}
	if got := a.newStores(nil).Journal.CanarySize(); got != 7 {
		t.Errorf("the journal of the worker has a canary of %d, want 7", got)
	}
}
