package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/logtest"
	"happycolis-reassigner/worker/redistest"
)

// stopPromise is how long serve may take to end after SIGTERM, whatever Redis and the platform do.
const stopPromise = 10 * time.Second

// process is the program as a process of its own, with its log.
type process struct {
	command *exec.Cmd
	log     logtest.Buffer
	ended   chan struct{}
}

// serving starts "serve" with a configuration file over a Redis and a platform; lines are added to the
// configuration. It is killed at the end of the test.
func serving(t *testing.T, redis, platform string, lines ...string) *process {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "reassigner.yaml")
	text := fmt.Sprintf("redis: %q\nhappycolis: {graphql_url: %q, token_url: %q, timeout: 60s}\n"+
		"organizations: [{id: org_1, client_id: a, client_secret: \"${SECRET}\"}]\nincident: {mode: automatic, settle: 1s}\n",
		redis, platform+"/graphql", platform+"/token") + strings.Join(lines, "\n")
	for name, content := range map[string]string{file: text, filepath.Join(dir, "policy.yaml"): string(demo.Policy)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return running(t, file, "", []string{"SECRET=s3cret"})
}

// running starts "serve" over a configuration file that is there, in a role, "" for all. Its log goes to
// others too.
func running(t *testing.T, file, role string, environment []string, log ...io.Writer) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	arguments := []string{"serve", "--config", file}
	if role != "" {
		arguments = append(arguments, "--role", role)
	}
	return launched(t, exec.Command(self, arguments...), environment, log...)
}

// launched starts a command that is the program. Its log goes to others too.
func launched(t *testing.T, command *exec.Cmd, environment []string, log ...io.Writer) *process {
	t.Helper()
	p := &process{command: command, ended: make(chan struct{})}
	// The race detector, where there is one, would sleep a second at the end of the process.
	p.command.Env = append(append(os.Environ(), asProgram+"=1", "GORACE=atexit_sleep_ms=0"), environment...)
	p.command.Stderr = io.MultiWriter(append(log, &p.log)...)
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait() // how it ended is asked of the state
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill() // it may have ended
		<-p.ended
	})
	return p
}

// freePorts is the configuration of a process that takes any ports.
const freePorts = "listen: 127.0.0.1:0\nadmin: {listen: \"127.0.0.1:0\"}"

// ready waits until the process works, and returns where it listens for webhooks.
func (p *process) ready(t *testing.T) (address string) {
	t.Helper()
	return p.listens(t)["public"]
}

// listens waits until the process works, and returns the addresses of its listeners by name.
func (p *process) listens(t *testing.T) map[string]string {
	t.Helper()
	at := map[string]string{}
	apptest.Eventually(t, "ready", func() bool {
		found := false
		for line := range strings.Lines(p.log.String()) {
			var entry struct{ Msg, Listener, Address string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
				at[entry.Listener] = entry.Address
			}
			found = found || entry.Msg == "ready"
		}
		return found
	})
	return at
}

// terminate sends SIGTERM and returns the exit code; the process has to end in time.
func (p *process) terminate(t *testing.T) int {
	t.Helper()
	begun := time.Now()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(2 * stopPromise):
		t.Fatalf("it did not end: %s", tail(p.log.String()))
	}
	if took := time.Since(begun); took > stopPromise {
		t.Errorf("ending took %s, more than %s", took, stopPromise)
	}
	return p.command.ProcessState.ExitCode()
}

// nowhere is a platform that refuses connections.
const nowhere = "http://127.0.0.1:1"

func TestSIGTERMEndsServeInTime(t *testing.T) {
	t.Parallel()
	end := func(t *testing.T, p *process) {
		t.Helper()
		if got := p.terminate(t); got != cli.ExitDone {
			t.Errorf("got %d, want 0: %s", got, tail(p.log.String()))
		}
	}
	t.Run("with the embedded Redis", func(t *testing.T) {
		t.Parallel()
		p := serving(t, config.EmbeddedRedis, nowhere, freePorts)
		p.ready(t)
		end(t, p)
	})
	for name, signal := range map[string]syscall.Signal{
		"with Redis up": 0, "with Redis gone": syscall.SIGKILL, "with a Redis that does not answer": syscall.SIGSTOP,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := redistest.StartServerAddr(t)
			pid := serverPID(t, address)
			p := serving(t, "redis://"+address+"/0", nowhere, freePorts)
			ready := "http://" + p.ready(t) + "/readyz"
			if signal != 0 {
				if err := syscall.Kill(pid, signal); err != nil {
					t.Fatal(err)
				}
				apptest.Eventually(t, "it is not ready any more", func() bool {
					status, _ := apptest.Fetch(t, ready)
					return status == http.StatusServiceUnavailable
				})
			}
			end(t, p)
		})
	}
	t.Run("with a platform that hangs", func(t *testing.T) {
		t.Parallel()
		asked, let := make(chan struct{}, 100), make(chan struct{})
		platform := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request) {
			asked <- struct{}{}
			<-let
		}))
		t.Cleanup(platform.Close)
		t.Cleanup(func() { close(let) })
		p := serving(t, config.EmbeddedRedis, platform.URL, freePorts)
		address := p.ready(t)
		body := []byte(`{"header":{"organizationId":"org_1","messageId":"m","type":"location/fulfillment_service_integration/errored"},` +
			`"body":{"id":"i","locationId":"l","state":"ERROR"}}`)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+intake.Path, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(webhook.SignatureHeader, webhook.Sign(body, "s3cret"))
		if status, answer := exchange(request); status != http.StatusOK {
			t.Fatalf("the event: got %d %s", status, answer)
		}
		select {
		case <-asked:
		case <-time.After(trialMost):
			t.Fatalf("the platform was never asked: %s", tail(p.log.String()))
		}
		end(t, p)
	})
}

func TestServeThatMayNotStartEndsWithTwo(t *testing.T) {
	t.Parallel()
	wants := func(t *testing.T, p *process, want string) {
		t.Helper()
		select {
		case <-p.ended:
		case <-time.After(trialMost):
			t.Fatal("it did not end")
		}
		if got := p.command.ProcessState.ExitCode(); got != cli.ExitUsage || !strings.Contains(p.log.String(), want) {
			t.Errorf("got %d %s, want 2 and %q", got, p.log.String(), want)
		}
	}
	t.Run("on a port in use", func(t *testing.T) {
		t.Parallel()
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		address := taken.Addr().String()
		wants(t, serving(t, config.EmbeddedRedis, nowhere, "listen: "+address, `admin: {listen: "127.0.0.1:0"}`), "listening on "+address+": the port is in use")
	})
	for _, s := range stores {
		t.Run("on a Redis of another platform, on "+s.name, func(t *testing.T) {
			t.Parallel()
			opened := s.open(t)
			first := serving(t, opened.url.Reveal(), nowhere, freePorts)
			first.ready(t)
			wants(t, serving(t, opened.url.Reveal(), "http://127.0.0.1:2", freePorts), "Redis belongs to another platform: its records are about "+nowhere)
			if err := first.command.Process.Signal(syscall.Signal(0)); err != nil {
				t.Errorf("the one that it belongs to ended: %v", err)
			}
		})
	}
}
