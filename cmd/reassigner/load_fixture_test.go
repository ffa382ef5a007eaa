//go:build soak || bench

package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/redistest"
)

// loadFixture is the product as it is operated: processes of the real binary, a Redis that keeps its writes, and
// a platform, all over loopback. The platform lives in the test, which bends it and reads its books.
type loadFixture struct {
	t         testing.TB
	o         rigOptions
	binary    string
	dir       string // configuration, policy and logs
	listener  *app.Listener
	platform  *sandbox.Platform
	redis     *redistest.Server
	rdb       redis.UniversalClient
	journal   *journal.Journal
	processes []*instance
	inFlight  []string // delivery orders at Paris that have to come to rest

	failed, broken atomic.Int64 // requests answered 500, and connections broken off
}

// rigOptions shape a rig.
type rigOptions struct {
	seed      int64
	processes int           // the first does everything, the others are workers
	request   time.Duration // deadline of one request; leases follow from it
	latency   time.Duration // of the platform
	perMinute int           // requests, on both sides
	policy    string        // YAML
	statuses  string        // "": the default

	organizations int      // more that are configured, each with a secret of its own
	environment   []string // of the processes, beside that of the test

	approveAbove int // delivery orders; 0: whatever they are, nobody is asked
}

// buildBinary builds the program once for all rigs of a test.
func buildBinary(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "reassigner")
	arguments := []string{"build", "-o", binary}
	if os.Getenv("SOAK_RACE") == "1" {
		arguments = append(arguments, "-race")
	}
	if out, err := exec.Command("go", append(arguments, ".")...).CombinedOutput(); err != nil {
		t.Fatalf("building the binary: %v\n%s", err, out)
	}
	return binary
}

// newRig starts platform and Redis. Orders are the caller's to seed; then come the processes: start.
func newRig(t *testing.T, binary string, o rigOptions) *loadFixture {
	t.Helper()
	r := &loadFixture{t: t, o: o, binary: binary, dir: t.ArtifactDir()}
	app.SilenceRedisLibrary()
	r.redis = redistest.StartServer(t, "--appendonly", "yes", "--appendfsync", "everysec")
	r.rdb = redistest.NewClient(t, r.redis.Addr)
	r.journal = journal.New(r.rdb, o.request, 0)
	r.platform = sandbox.New(sandbox.Options{Seed: o.seed, Latency: o.latency, RatePerMinute: o.perMinute})
	demo.AddOrganization(r.platform, demo.Organization)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { r.platform.Run(ctx); close(ended) }()
	r.listener = &app.Listener{Name: "platform", Address: "127.0.0.1:0", Handler: r.counted(r.platform), Log: apptest.Quiet}
	if err := r.listener.Open(); err != nil {
		t.Fatal(err)
	}
	r.listener.Serve()
	t.Cleanup(func() { stop(); <-ended; r.listener.Close() })
	return r
}

// counted counts the requests that the platform lets fail.
func (r *loadFixture) counted(platform http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		defer func() {
			if aborted := recover(); aborted != nil {
				r.broken.Add(1)
				panic(aborted)
			}
		}()
		platform.ServeHTTP(&statusSeen{w, &r.failed}, request)
	})
}

type statusSeen struct {
	http.ResponseWriter
	failed *atomic.Int64
}

// WriteHeader implements http.ResponseWriter.
func (s *statusSeen) WriteHeader(status int) {
	if status == http.StatusInternalServerError {
		s.failed.Add(1)
	}
	s.ResponseWriter.WriteHeader(status)
}

// start writes the configurations, starts the processes and subscribes the first to the webhooks.
func (r *loadFixture) start() {
	r.t.Helper()
	r.write("policy.yaml", r.o.policy)
	for i := range r.o.processes {
		p := &instance{t: r.t, binary: r.binary, public: freeAddress(r.t), admin: freeAddress(r.t), environment: r.o.environment}
		p.config = r.write(fmt.Sprintf("reassigner-%d.yaml", i+1), r.config(p))
		p.log = filepath.Join(r.dir, fmt.Sprintf("reassigner-%d.log", i+1))
		if i > 0 {
			p.roles = app.RoleWorker
		}
		r.processes = append(r.processes, p)
		r.t.Cleanup(p.kill)
		p.start()
	}
	r.awaitReady()
	r.platform.SubscribeURL(demo.Organization, "http://"+r.processes[0].public+intake.Path)
}

func (r *loadFixture) write(name, text string) (path string) {
	r.t.Helper()
	path = filepath.Join(r.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// config is what a user would write, with shorter times.
func (r *loadFixture) config(p *instance) string {
	o, at := demo.SandboxOrganization(demo.Organization), r.listener.Addr()
	more := ""
	for i := range r.o.organizations {
		name := fmt.Sprint("more_", i)
		r.write(name, "secret of "+name)
		more += fmt.Sprintf("  - {id: %s, client_id: app, client_secret: \"${file:%s}\"}\n", name, name)
	}
	return fmt.Sprintf(`listen: "%s"
admin: {listen: "%s"}
log: {format: text}
redis: redis://%s/0
happycolis:
  graphql_url: http://%s/graphql
  token_url: http://%s/token
  timeout: %s
  rate_limit: {per_minute: %d, per_second: 100}
organizations:
  - {id: %s, client_id: %s, client_secret: "${RIG_SECRET}"}
%spolicy: policy.yaml
incident: {mode: automatic, settle: 1s, approve_above: %d, sweep: 5s}
handover: {statuses: [%s], redispatch_settle: 1s, poll: 2s, cancel_timeout: 1m, accept_timeout: 1m}
`, p.public, p.admin, r.redis.Addr, at, at, r.o.request, r.o.perMinute, o.ID, o.ClientID, more, cmp.Or(r.o.approveAbove, 1_000_000), cmp.Or(r.o.statuses, "DRAFT, PENDING"))
}

// readyMost is how long a process may take to be ready, Redis's own start included.
const readyMost = 20 * time.Second

func (r *loadFixture) awaitReady() {
	r.t.Helper()
	for end := time.Now().Add(readyMost); time.Now().Before(end); time.Sleep(lookEvery) {
		ready := true
		for _, p := range r.processes {
			ready = ready && p.ready()
		}
		if ready {
			return
		}
	}
	r.t.Fatalf("not every process is ready after %s; see %s", readyMost, r.dir)
}

// lookEvery is how often a rig looks at its world.
const lookEvery = 50 * time.Millisecond

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// instance is one running "reassigner serve".
type instance struct {
	t             testing.TB
	binary        string
	config, log   string // paths
	roles         string // "": all
	public, admin string // addresses
	environment   []string

	command *exec.Cmd
	starts  int
}

// start starts it, its log after that of the former.
func (p *instance) start() {
	p.t.Helper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close() // the process has its own
	arguments := []string{"serve", "--config", p.config}
	if p.roles != "" {
		arguments = append(arguments, "--role", p.roles)
	}
	p.command = exec.Command(p.binary, arguments...)
	p.command.Env = append(os.Environ(), "RIG_SECRET="+demo.SandboxOrganization(demo.Organization).ClientSecret)
	p.command.Env = append(p.command.Env, p.environment...)
	p.command.Stdout, p.command.Stderr = log, log
	if err := p.command.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.starts++
}

// kill ends it as kill -9 does.
func (p *instance) kill() {
	if p.command == nil {
		return
	}
	_ = p.command.Process.Kill() // it may have ended by itself
	_ = p.command.Wait()         // of a killed process this is an error
	p.command = nil
}

func (p *instance) ready() bool {
	client := http.Client{Timeout: time.Second}
	answer, err := client.Get("http://" + p.public + "/readyz")
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// verb runs another verb of the binary against the first process and returns what it prints.
func (r *loadFixture) verb(arguments ...string) []byte {
	r.t.Helper()
	command := exec.Command(r.binary, append(arguments, "--admin", "http://"+r.processes[0].admin)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		r.t.Fatalf("%v: %v", arguments, err)
	}
	return out
}
