package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"

	"github.com/alicebob/miniredis/v2"
)

// held is what systemd does for a service with a socket unit: it listens, and passes the sockets to each process.
type held struct {
	configuration string
	sockets       []*os.File
	addresses     []string
}

// holdSockets listens on sockets for a receiver and its metrics.
func holdSockets(t *testing.T) *held {
	t.Helper()
	h := &held{configuration: filepath.Join(t.TempDir(), "reassigner.yaml")}
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		socket, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = l.Close(), socket.Close() })
		h.sockets, h.addresses = append(h.sockets, socket), append(h.addresses, l.Addr().String())
	}
	return h
}

// hold also configures a receiver for them.
func hold(t *testing.T, lines string) *held {
	t.Helper()
	h := holdSockets(t)
	text := fmt.Sprintf("redis: redis://%s/0\nhappycolis: {graphql_url: %q, token_url: %q}\nincident: {mode: approve}\n"+
		"organizations: [{id: org_1, client_id: a, client_secret: \"${SECRET}\"}]\nlisten: %q\nshutdown_delay: 500ms\n%s\n",
		miniredis.RunT(t).Addr(), nowhere, nowhere, h.addresses[0], fmt.Sprintf(lines, h.addresses[1]))
	if err := os.WriteFile(h.configuration, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// start starts a process that has the sockets; the shell knows its process id before it becomes the program.
func (h *held) start(t *testing.T) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$0" "$@"`, self, "serve", "--config", h.configuration, "--role", "receiver")
	command.ExtraFiles = h.sockets
	return launched(t, command, []string{"SECRET=s3cret", fmt.Sprintf("LISTEN_FDS=%d", len(h.sockets))})
}

// TestARestartOnSocketsThatSystemdHoldsRefusesNothing restarts a receiver twice, while webhooks come on new connections.
func TestARestartOnSocketsThatSystemdHoldsRefusesNothing(t *testing.T) {
	t.Parallel()
	h := hold(t, "metrics: %q")
	client := &http.Client{Timeout: apptest.EventuallyMost, Transport: &http.Transport{DisableKeepAlives: true}}
	var ids, refused atomic.Int64
	post := func() {
		body := fmt.Sprintf(`{"header":{"organizationId":"org_1","messageId":"m%d","type":"order/created"},"body":{"id":"o"}}`, ids.Add(1))
		request, err := http.NewRequest(http.MethodPost, "http://"+h.addresses[0]+intake.Path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		request.Header.Set(webhook.SignatureHeader, webhook.Sign([]byte(body), "s3cret"))
		response, err := client.Do(request)
		if err != nil {
			refused.Add(1)
			t.Log(err)
			return
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			refused.Add(1)
			t.Log(response.Status)
		}
	}
	p := h.start(t)
	if at := p.listens(t); at["public"] != h.addresses[0] || at["metrics"] != h.addresses[1] {
		t.Fatalf("it listens at %v, not at what is held: %v", at, h.addresses)
	}
	var senders sync.WaitGroup
	enough := make(chan struct{})
	for range 4 {
		senders.Go(func() {
			for {
				select {
				case <-enough:
					return
				case <-time.After(2 * time.Millisecond):
					post()
				}
			}
		})
	}
	sendMore := func() {
		enough := ids.Load() + 40
		apptest.Eventually(t, "40 more webhooks are sent", func() bool { return ids.Load() >= enough })
	}
	for range 2 {
		sendMore()
		if got := p.terminate(t); got != cli.ExitDone {
			t.Errorf("got %d, want 0: %s", got, tail(p.log.String()))
		}
		senders.Go(post) // nobody runs now
		p = h.start(t)
		p.ready(t)
	}
	sendMore()
	close(enough)
	senders.Wait()
	if got := refused.Load(); got > 0 {
		t.Errorf("%d of %d webhooks were not taken", got, ids.Load())
	}
}

func TestASocketOfSystemdThatNothingListensOnIsTold(t *testing.T) {
	t.Parallel()
	h := hold(t, "# not metrics: %q")
	p := h.start(t)
	<-p.ended
	want := "systemd holds a socket at " + h.addresses[1] + ", where nothing is to listen by the configuration and the roles: write it there, or take it out of the socket unit"
	if got := p.command.ProcessState.ExitCode(); got != cli.ExitUsage || !strings.Contains(p.log.String(), want) {
		t.Errorf("got %d %s, want 2 and: %s", got, tail(p.log.String()), want)
	}
}
