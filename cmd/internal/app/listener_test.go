package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
)

// talk sends text on a connection, and returns the first line of the answer.
func talk(t *testing.T, address, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(apptest.EventuallyMost)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(line)
}

func TestTheLimitsOfARequestHoldOnBothListeners(t *testing.T) {
	t.Parallel()
	a := startApp(t, apptest.Config(config.EmbeddedRedis), AllRoles(), apptest.Quiet)
	for listener, on := range map[string]struct{ address, path string }{
		"public": {a.PublicAddress().String(), "/healthz"}, "admin": {a.AdminAddress().String(), "/api/status"},
	} {
		for bytes, want := range map[int]string{15 << 10: "HTTP/1.1 200 OK", 16 << 10: "HTTP/1.1 431 Request Header Fields Too Large"} {
			if got := talk(t, on.address, "GET "+on.path+" HTTP/1.1\r\nHost: localhost\r\nX: "+strings.Repeat("x", bytes)+"\r\n\r\n"); got != want {
				t.Errorf("%s, %d bytes of headers: got %s, want %s", listener, bytes, got, want)
			}
		}
	}
	for _, l := range []*Listener{a.public, a.admin} {
		if s := l.server; s.ReadHeaderTimeout != 5*time.Second || s.ReadTimeout != 15*time.Second || s.IdleTimeout != 620*time.Second {
			t.Errorf("%s: headers in %s, the request in %s, idle for %s", l.Name, s.ReadHeaderTimeout, s.ReadTimeout, s.IdleTimeout)
		}
	}
}

func TestHealthChecksAreFoundWhateverTheSlashes(t *testing.T) {
	t.Parallel()
	a := startApp(t, apptest.Config(config.EmbeddedRedis), AllRoles(), apptest.Quiet)
	for request, want := range map[string]string{
		"GET /healthz": "200 OK", "GET /healthz/": "200 OK", "HEAD //readyz": "200 OK", "GET /health": "404 Not Found",
		"POST /healthz": "405 Method Not Allowed", "POST //webhooks//happycolis/": "401 Unauthorized", "GET /webhooks/happycolis/": "405 Method Not Allowed",
	} {
		got := talk(t, a.PublicAddress().String(), request+" HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
		if got != "HTTP/1.1 "+want {
			t.Errorf("%s: got %s, want %s", request, got, want)
		}
	}
}

// TestAnAnswerMayTakeLongerThanARequest has the deadline for reading pass while the answer is being made.
func TestAnAnswerMayTakeLongerThanARequest(t *testing.T) {
	t.Parallel()
	l := &Listener{Name: "test", Address: "127.0.0.1:0", Log: apptest.Quiet, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		ctx, cancel := context.WithTimeout(r.Context(), 600*time.Millisecond)
		defer cancel()
		<-ctx.Done()
		_, _ = fmt.Fprint(w, err, " ", context.Cause(ctx))
	})}
	if err := l.Open(); err != nil {
		t.Fatal(err)
	}
	l.server.ReadTimeout = 200 * time.Millisecond
	l.Serve()
	t.Cleanup(l.Close)
	const whole = "<nil> " + "context deadline exceeded"
	for _, body := range []string{"", "text"} {
		response, err := http.Post("http://"+l.Addr().String(), "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || string(got) != whole {
			t.Errorf("body %q: got %q, %v, want %q", body, got, err, whole)
		}
	}
	if got := talk(t, l.Addr().String(), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nstalls"); got != "HTTP/1.1 200 OK" { // the handler tells the error of its body
		t.Errorf("a body that stalls: got %s", got)
	}
}

// TestHealthChecksDoNotWaitForTheConnectionsOfOthers has all connections of the worker in use.
func TestHealthChecksDoNotWaitForTheConnectionsOfOthers(t *testing.T) {
	t.Parallel()
	a := startApp(t, apptest.Config(config.EmbeddedRedis), []string{RoleReceiver}, apptest.Quiet)
	for range redisPool {
		conn := a.redis.(*redis.Client).Conn()
		t.Cleanup(func() { _ = conn.Close() })
		if err := conn.Ping(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if status, body := apptest.Fetch(t, "http://"+a.PublicAddress().String()+"/readyz"); status != http.StatusOK {
		t.Errorf("got %d %s", status, body)
	}
}
