package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Times of a trial of the program.
const (
	outsideMost = 60 * time.Second      // until something happens that has to, on a busy machine
	outsideLook = 30 * time.Millisecond // between two looks
	redisTick   = 200 * time.Millisecond
)

// outside is the program, its Redis and its platform, as somebody sees them who has the binary alone.
type outside struct {
	*testing.T
	recorder
	binary, dir   string
	redis         *miniredis.Miniredis
	sandbox       string // URL of the fake platform
	public, admin string // URLs of the worker
	config        string // path
	worker        *process
}

// buildProgram builds the program as its users do.
func buildProgram(t *testing.T, dir string) string {
	t.Helper()
	binary := filepath.Join(dir, "reassigner")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "happycolis-reassigner/cmd/reassigner")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	return binary
}

// serveRedis starts a Redis in this process that tells its memory and lets keys expire.
func (o *outside) serveRedis() {
	o.Helper()
	o.redis = miniredis.RunT(o)
	o.redis.Server().SetPreHook(func(c *server.Peer, command string, args ...string) bool {
		if !strings.EqualFold(command, "INFO") || len(args) != 1 || args[0] != "memory" {
			return false
		}
		c.WriteBulk("# Memory\r\nused_memory:1000\r\nmaxmemory:2000\r\nmaxmemory_policy:noeviction\r\n")
		return true
	})
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(redisTick):
				o.redis.FastForward(redisTick)
			}
		}
	}()
	o.Cleanup(func() { close(stop); <-done })
}

// environment is what the processes see.
func (o *outside) environment() []string {
	return append(os.Environ(), "SECRET=secret-org_1", "OPS_PASSWORD=ops-password", "EVE_PASSWORD=eve-password",
		"HAPPYCOLIS_CLIENT_SECRET=x", "REASSIGNER_OPS_PASSWORD=y")
}

// process is a running program.
type process struct {
	*exec.Cmd
	output *synchronized
}

// begin starts the program. It is ended with the test, if not before.
func (o *outside) begin(args ...string) *process {
	o.Helper()
	p := &process{exec.Command(o.binary, args...), &synchronized{}}
	p.Env, p.Dir = o.environment(), o.dir
	p.Stdout, p.Stderr = p.output, p.output
	if err := p.Start(); err != nil {
		o.Fatal(err)
	}
	o.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill() // it may have ended by itself
			_ = p.Wait()         // of a killed process this is an error
		}
		if o.Failed() {
			o.Logf("%v ended with:\n%s", args, p.output.tail())
		}
	})
	return p
}

// end sends SIGTERM and returns the exit code.
func (p *process) end(o *outside) int {
	o.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		o.Fatal(err)
	}
	_ = p.Wait() // the exit code tells
	return p.ProcessState.ExitCode()
}

// until waits for something that others bring about.
func (o *outside) until(what string, is func() bool) {
	o.Helper()
	for deadline := time.Now().Add(outsideMost); !is(); time.Sleep(outsideLook) {
		if time.Now().After(deadline) {
			o.Fatalf("it did not happen: %s", what)
		}
	}
}

func (o *outside) write(name, content string) string {
	o.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		o.Fatal(err)
	}
	return path
}

// free is an address that nobody listens at.
func (o *outside) free() string {
	o.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		o.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// serveSandbox starts the fake platform.
func (o *outside) serveSandbox() {
	o.Helper()
	p := o.begin("sandbox", "--listen", "127.0.0.1:0", "--organization", "org_1")
	told := regexp.MustCompile(`graphql_url\s+(http://\S+)/graphql`)
	o.until("the sandbox tells its address", func() bool { return told.MatchString(p.output.String()) })
	o.sandbox = told.FindStringSubmatch(p.output.String())[1]
}

// configFor writes a configuration with a line for the admin listener, and returns its path.
func (o *outside) configFor(name, public, adminURL, mode string) string {
	o.Helper()
	return o.write(name, fmt.Sprintf(`listen: "%s"
admin: %s
log: {level: info, format: json}
shutdown_delay: 0s
redis: redis://%s/0
happycolis:
  graphql_url: %s/graphql
  token_url: %s/token
  timeout: 5s
  rate_limit: {per_minute: 6000, per_second: 100}
organizations:
  - {id: org_1, client_id: client-org_1, client_secret: "${SECRET}"}
policy: policy.yaml
incident: {mode: %s, settle: 1s, approve_above: 1000, canary: 100, max_share: 1, cooldown: 1h, sweep: 1s}
handover: {statuses: [DRAFT, PENDING], redispatch_settle: 1s, poll: 1s, cancel_timeout: 2s, accept_timeout: 1m, max_hops: 3}
alerts: {targets: ["${file:hook}"], remind: 1h, silence: 1h}
`, public, adminURL, o.redis.Addr(), o.sandbox, o.sandbox, mode))
}

// serveWorker starts the worker on that platform, and waits until it is ready. Alerts go to a server of the test's.
func (o *outside) serveWorker() {
	o.Helper()
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	o.Cleanup(hook.Close)
	o.write("hook", "generic+"+hook.URL+"/hook?template=json")
	o.write("policy.yaml", outsidePolicy)
	public, adminURL := o.free(), o.free()
	o.public, o.admin = "http://"+public, "http://"+adminURL
	o.config = o.configFor("reassigner.yaml", public, fmt.Sprintf(`{listen: "%s"}`, adminURL), "approve")
	o.worker = o.begin("serve", "--config", o.config)
	o.until("the worker is ready", func() bool { return o.status(o.public+"/readyz") == http.StatusOK })
}

// status is the status that a GET is answered with; 0 is no answer.
func (o *outside) status(url string) int {
	answer, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // the status tells
	return answer.StatusCode
}

// verb runs a verb to its end, records it, and returns what it printed to stdout. Output that is no JSON is worded for
// people; it is recorded whether there is any.
func (o *outside) verb(name string, args ...string) string {
	o.Helper()
	return o.verbWith(nil, name, args...)
}

func (o *outside) verbWith(env []string, name string, args ...string) string {
	o.Helper()
	command := exec.Command(o.binary, append(strings.Fields(name), args...)...)
	command.Env, command.Dir = append(o.environment(), env...), o.dir
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		o.Fatal(err)
	}
	shown := make([]any, 0, len(args))
	for _, arg := range args {
		shown = append(shown, text(strings.ReplaceAll(arg, o.dir, "<directory>")))
	}
	o.add("verb_"+strings.ReplaceAll(name, " ", "_"), map[string]any{
		"arguments": shown, "exit": command.ProcessState.ExitCode(), "stdout": answered(stdout.Bytes(), false),
		"stderr_is_empty": stderr.Len() == 0,
	})
	return stdout.String()
}

// of runs a verb against the worker.
func (o *outside) of(name string, args ...string) string {
	o.Helper()
	return o.verb(name, append(args, "--admin", o.admin)...)
}

// answered is what a body is recorded as.
func answered(body []byte, shapeOnly bool) any {
	var v any
	if len(body) == 0 {
		return ""
	}
	if json.Unmarshal(body, &v) != nil {
		return "<text>"
	}
	if shapeOnly {
		return shape(v)
	}
	return normal(v)
}

// request is one to an endpoint. The route is what its path is registered as.
type request struct {
	base, route, path, body, user string // user is NAME:PASSWORD

	shapeOnly bool
}

// answer is what came back.
type answer struct {
	status int
	kind   string
	body   []byte
}

func (o *outside) send(r request) answer {
	o.Helper()
	method, _, _ := strings.Cut(r.route, " ")
	sent, err := http.NewRequestWithContext(o.Context(), method, r.base+r.path, strings.NewReader(r.body))
	if err != nil {
		o.Fatal(err)
	}
	sent.Header.Set("X-Reassigner-CSRF", "1")
	if name, password, is := strings.Cut(r.user, ":"); is {
		sent.SetBasicAuth(name, password)
	}
	got, err := http.DefaultClient.Do(sent)
	if err != nil {
		o.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		o.Fatal(err)
	}
	return answer{got.StatusCode, got.Header.Get("Content-Type"), body}
}

func (o *outside) record(r request, a answer) []byte {
	o.Helper()
	method, _, _ := strings.Cut(r.route, " ")
	entry := map[string]any{
		"request": method + " " + text(r.path), "status": a.status, "type": a.kind, "answer": answered(a.body, r.shapeOnly),
	}
	if len(r.body) > 1000 {
		r.body = `"<long>"`
	}
	if r.body != "" {
		entry["body"] = answered([]byte(r.body), false)
	}
	if r.user != "" {
		entry["user"] = strings.Split(r.user, ":")[0]
	}
	o.add(transcriptOf(r.route), entry)
	return a.body
}

// call sends a request, records it, and returns the body of the answer.
func (o *outside) call(r request) []byte {
	o.Helper()
	return o.record(r, o.send(r))
}

// transcriptOf names the transcript of a route.
func transcriptOf(route string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z]+`).ReplaceAllString(strings.ToLower(route), "_"), "_")
}

// api sends a request to the admin API of the worker, platform one to the sandbox's control surface.
func (o *outside) api(route, path, body string) []byte {
	o.Helper()
	return o.call(request{base: o.admin, route: route, path: path, body: body})
}

func (o *outside) platform(route, body string) {
	o.Helper()
	_, path, _ := strings.Cut(route, " ")
	o.call(request{base: o.sandbox, route: route, path: path, body: body, shapeOnly: strings.HasSuffix(route, "/books")})
}

// synchronized is what a process prints.
type synchronized struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (s *synchronized) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes.Write(p)
}

func (s *synchronized) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes.String()
}

func (s *synchronized) tail() string {
	all := s.String()
	return all[max(0, len(all)-20000):]
}
