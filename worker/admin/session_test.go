package admin

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// browser keeps cookies and does not follow redirects.
type browser struct {
	b      *fixture
	client *http.Client
}

func (b *fixture) browser() *browser {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return &browser{b, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// do sends a request; headers are pairs, and an empty value takes a header back.
func (w *browser) do(method, path, body string, headers ...string) *http.Response {
	w.b.t.Helper()
	request, err := http.NewRequestWithContext(w.b.t.Context(), method, w.b.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.b.t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html,*/*")
	if method == http.MethodPost {
		request.Header.Set("Origin", w.b.server.URL)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := w.client.Do(request)
	if err != nil {
		w.b.t.Fatal(err)
	}
	_ = response.Body.Close()
	return response
}

func (w *browser) login(name, password, next string) *http.Response {
	form := url.Values{"name": {name}, "password": {password}, "next": {next}}
	return w.do(http.MethodPost, LoginPath, form.Encode())
}

func TestALoginLastsUntilItIsEnded(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops, eve)
	w := b.browser()
	if got := w.do(http.MethodGet, "/incidents?x=1", ""); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/login?next=%2Fincidents%3Fx%3D1" {
		t.Errorf("a stranger: got %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	in := w.login("ops", "ops-password", "/incidents?x=1")
	if in.StatusCode != http.StatusSeeOther || in.Header.Get("Location") != "/incidents?x=1" {
		t.Fatalf("login: got %d to %q", in.StatusCode, in.Header.Get("Location"))
	}
	c := in.Cookies()[0]
	if c.Name != sessionCookie || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure || c.MaxAge != int(maxSession.Seconds()) {
		t.Errorf("the cookie: got %v", c)
	}
	if got := w.do(http.MethodGet, "/", ""); got.StatusCode != http.StatusOK {
		t.Errorf("logged in: got %d", got.StatusCode)
	}
	for _, key := range b.redis.Keys() {
		if value, err := b.redis.Get(key); strings.Contains(key, c.Value) || err == nil && strings.Contains(value, c.Value) {
			t.Errorf("Redis holds the id of the session at %s", key)
		}
	}
	if got := w.do(http.MethodPost, LogoutPath, ""); got.StatusCode != http.StatusSeeOther {
		t.Errorf("logout: got %d", got.StatusCode)
	}
	if got := w.do(http.MethodGet, "/", "", "Cookie", sessionCookie+"="+c.Value); got.StatusCode != http.StatusSeeOther {
		t.Errorf("with the cookie of before: got %d", got.StatusCode)
	}
}

func TestWhatEndsASession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *fixture){
		"idle for too long": func(b *fixture) { b.redis.FastForward(sessionIdle) },
		"too old": func(b *fixture) {
			b.desk.Now = func() time.Time { return time.Now().Add(maxSession) }
		},
		"another password": func(b *fixture) {
			b.desk.passwords = digestUsers([]User{{Name: "ops", Password: "new", Role: Operator}})
		},
		"a user that is gone":        func(b *fixture) { b.desk.passwords = digestUsers([]User{eve}) },
		"a record of something else": func(b *fixture) { b.spoilSessions() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, ops, eve)
			w := b.browser()
			w.login("ops", "ops-password", "/")
			b.redis.FastForward(sessionIdle - time.Second)
			if got := w.do(http.MethodGet, "/", ""); got.StatusCode != http.StatusOK {
				t.Fatalf("before: got %d", got.StatusCode)
			}
			end(b)
			if got := w.do(http.MethodGet, "/", ""); got.StatusCode != http.StatusSeeOther {
				t.Errorf("after: got %d, want a redirect to the login", got.StatusCode)
			}
		})
	}
}

func (b *fixture) spoilSessions() {
	for _, key := range b.redis.Keys() {
		if strings.HasPrefix(key, "reassigner:session:") {
			if err := b.redis.Set(key, "{"); err != nil {
				b.t.Fatal(err)
			}
		}
	}
}

func TestALoginLeadsToThisHostOnly(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops)
	for next, want := range map[string]string{
		"/orders?a=b": "/orders?a=b", "": "/", "orders": "/", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "javascript:alert(1)": "/",
	} {
		if got := b.browser().login("ops", "ops-password", next).Header.Get("Location"); got != want {
			t.Errorf("next %q: got %q, want %q", next, got, want)
		}
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ops", "nobody"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, ops, eve)
			w := b.browser()
			for i := range maxAttemptsOfUser {
				if got := w.login(name, fmt.Sprint("guess ", i), "/"); got.StatusCode != http.StatusUnauthorized {
					t.Fatalf("guess %d: got %d", i, got.StatusCode)
				}
			}
			got := w.login(name, "ops-password", "/")
			if got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" {
				t.Errorf("then: got %d, Retry-After %q", got.StatusCode, got.Header.Get("Retry-After"))
			}
			status, answer, header := b.call(http.MethodGet, "/api/status", "", "user", name)
			if status != http.StatusTooManyRequests || header.Get("Retry-After") == "" || !strings.HasPrefix(answer, `{"error":"too many wrong logins; try again in `) {
				t.Errorf("the API: got %d %s", status, answer)
			}
			if status, answer, _ := b.call(http.MethodGet, "/api/status", "", "user", "eve"); status != http.StatusOK {
				t.Errorf("somebody else: got %d %s", status, answer)
			}
			b.redis.FastForward(attemptWindow)
			if got := w.login("ops", "ops-password", "/"); got.StatusCode != http.StatusSeeOther {
				t.Errorf("after the window: got %d", got.StatusCode)
			}
		})
	}
}

func TestGuessingManyNamesIsSlowedDownByAddress(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops)
	for i := range maxAttemptsFrom {
		if status, _, _ := b.call(http.MethodGet, "/api/status", "", "user", fmt.Sprint("name", i)); status != http.StatusUnauthorized {
			t.Fatalf("guess %d: got %d", i, status)
		}
	}
	if status, _, _ := b.call(http.MethodGet, "/api/status", "", "user", "ops"); status != http.StatusTooManyRequests {
		t.Errorf("got %d, want 429", status)
	}
	for address, want := range map[string]string{"10.0.0.1:99": "10.0.0.1", "[2001:db8:1:2:3:4:5:6]:99": "2001:db8:1:2::/64", "nonsense": "nonsense"} {
		if got := networkOf(address); got != want {
			t.Errorf("network of %s: got %s, want %s", address, got, want)
		}
	}
}

func TestGuessingIsSlowedDownWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops)
	b.redis.Close()
	b.call(http.MethodGet, "/api/nonsense", "", "user", "nobody")
	from := loginAttempt{address: "127.0.0.1"}.keys()[1]
	if got := b.desk.throttle.wrong[from]; got != 1 {
		t.Fatalf("wrong logins counted: got %d, want 1", got)
	}
	b.desk.throttle.wrong[from] = maxAttemptsFrom - 1 // each one waits for Redis
	if status, _, _ := b.call(http.MethodGet, "/api/nonsense", "", "user", "nobody"); status != http.StatusUnauthorized {
		t.Errorf("the last of them: got %d", status)
	}
	if status, _, _ := b.call(http.MethodGet, "/api/nonsense", "", "user", "ops"); status != http.StatusTooManyRequests {
		t.Errorf("got %d, want 429", status)
	}
	for range maxLocalCounters {
		b.desk.throttle.wrong[fmt.Sprint(len(b.desk.throttle.wrong))] = 1
	}
	delete(b.desk.throttle.wrong, from)
	b.call(http.MethodGet, "/api/nonsense", "", "user", "nobody")
	if got := len(b.desk.throttle.wrong); got > maxLocalCounters {
		t.Errorf("%d counters are kept, want %d at the most", got, maxLocalCounters)
	}
}
