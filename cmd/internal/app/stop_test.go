package app

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
)

const unknownEvent = `{"header":{"organizationId":"org_1","messageId":"m","type":"unknown/thing"},"body":{}}`

// signedRequest is a webhook as it is written on a connection.
func signedRequest() string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: h\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s", intake.Path,
		webhook.SignatureHeader, webhook.Sign([]byte(unknownEvent), "s"), len(unknownEvent), unknownEvent)
}

// conversation is one connection, on which several requests may be written.
type conversation struct {
	net.Conn
	read *bufio.Reader
}

func converse(t *testing.T, a *App) *conversation {
	t.Helper()
	conn, err := net.Dial("tcp", a.PublicAddress().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(apptest.EventuallyMost)); err != nil {
		t.Fatal(err)
	}
	return &conversation{conn, bufio.NewReader(conn)}
}

// ask writes text and returns the status of the answer, and whether it asks to close the connection.
func (c *conversation) ask(t *testing.T, text string) (status int, closes bool) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(c.read, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode, response.Close
}

// TestWhileItStopsWebhooksAreTaken goes through a stop: the shutdown delay, then a request in progress, then idle
// connections.
func TestWhileItStopsWebhooksAreTaken(t *testing.T) {
	t.Parallel()
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.ShutdownDelay = 2 * time.Second
	a := startApp(t, cfg, AllRoles(), apptest.Quiet)
	idle, begun := converse(t, a), converse(t, a)
	if status, closes := idle.ask(t, signedRequest()); status != http.StatusOK || closes {
		t.Fatalf("before the stop: got %d, closes %t", status, closes)
	}
	text := signedRequest()
	if _, err := io.WriteString(begun, text[:len(text)-1]); err != nil {
		t.Fatal(err)
	}
	apptest.Eventually(t, "the request is in progress", func() bool { return a.public.isBusy() })

	stopped := make(chan struct{})
	began := time.Now()
	go func() { a.Stop(); close(stopped) }()
	apptest.Eventually(t, "it is not ready", func() bool {
		status, body := apptest.Fetch(t, "http://"+a.PublicAddress().String()+"/readyz")
		return status == http.StatusServiceUnavailable && body == `{"ready":false,"reason":"the process is stopping"}`
	})
	for range 3 {
		if status, closes := converse(t, a).ask(t, signedRequest()); status != http.StatusOK || !closes {
			t.Errorf("a new connection in the delay: got %d, closes %t, want 200 and closed", status, closes)
		}
	}
	fresh := converse(t, a) // its first request comes when no other is in progress any more
	for {                   // the delay ends
		conn, err := net.Dial("tcp", a.PublicAddress().String())
		if err != nil {
			break
		}
		_ = conn.Close()
		time.Sleep(20 * time.Millisecond)
	}
	if took := time.Since(began); took < cfg.ShutdownDelay {
		t.Errorf("connections were refused after %s, want after %s", took, cfg.ShutdownDelay)
	}
	if status, closes := idle.ask(t, signedRequest()); status != http.StatusOK || !closes {
		t.Errorf("a connection that was idle: got %d, closes %t, want 200 and closed", status, closes)
	}
	select {
	case <-stopped:
		t.Error("it ended before a request in progress was answered")
	default:
	}
	if status, closes := begun.ask(t, text[len(text)-1:]); status != http.StatusOK || !closes {
		t.Errorf("the request in progress: got %d, closes %t, want 200 and closed", status, closes)
	}
	time.Sleep(4 * drainLook)
	if status, closes := fresh.ask(t, signedRequest()); status != http.StatusOK || !closes {
		t.Errorf("the first request of a connection: got %d, closes %t, want 200 and closed", status, closes)
	}
	<-stopped
}

// TestAnAnswerThatBeginsAfterTheStopAsksToClose has a request in progress whose answer has no body.
func TestAnAnswerThatBeginsAfterTheStopAsksToClose(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter){
		"nothing": func(http.ResponseWriter) {}, "a status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) },
		"a body": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "text") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &Listener{Name: "test", Address: "127.0.0.1:0", Log: apptest.Quiet}
			l.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				l.AskToClose()
				answer(w)
			})
			if err := l.Open(); err != nil {
				t.Fatal(err)
			}
			l.Serve()
			t.Cleanup(l.Close)
			response, err := http.Get("http://" + l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if !response.Close {
				t.Error("it does not ask to close the connection")
			}
		})
	}
}

// TestAStopEndsThePatienceOfWebhooks has Redis away: once it is known, and before it ever was.
func TestAStopEndsThePatienceOfWebhooks(t *testing.T) {
	t.Parallel()
	start := func(a *App) error { return a.Start(t.Context()) }
	for name, c := range map[string]struct {
		serve func(*App) error
		spool string
		want  int
	}{
		"after the start":     {start, "", http.StatusServiceUnavailable},
		"before it answers":   {func(a *App) error { a.public.Serve(); return nil }, "", http.StatusServiceUnavailable},
		"where a spool keeps": {start, t.TempDir(), http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := miniredis.NewMiniRedis()
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			cfg := apptest.Config("redis://" + server.Addr())
			cfg.Spool = config.Spool{Dir: c.spool, MaxBytes: 1 << 20}
			a, err := New(cfg, []string{RoleReceiver}, apptest.Quiet)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(a.Stop)
			if err := c.serve(a); err != nil {
				t.Fatal(err)
			}
			server.Close()
			a.endPatience()
			began := time.Now()
			if status, body := postTo(t, a, "m"); status != c.want {
				t.Errorf("got %d %s, want %d", status, body, c.want)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("it was answered after %s, want at once", took)
			}
		})
	}
}
