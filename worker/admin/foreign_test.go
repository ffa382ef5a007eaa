package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"happycolis-reassigner/worker/api"
)

const evil = "https://evil.example"

// Each row is a browser and what stands before the worker; "" takes the header back that the browser of the tests sends.
func TestAFormIsTakenFromOurOwnPagesOnly(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops)
	own := b.server.URL
	for _, c := range []struct {
		name    string
		headers []string
		ours    bool
	}{
		{"a browser of today, by HTTPS or on this machine", []string{"Sec-Fetch-Site", "same-origin", "Origin", own}, true},
		{"a form that is sent once more by the address bar", []string{"Sec-Fetch-Site", "none", "Origin", ""}, true},
		{"a foreign page", []string{"Sec-Fetch-Site", "cross-site", "Origin", evil}, false},
		{"a foreign page that hides its origin", []string{"Sec-Fetch-Site", "cross-site", "Origin", ""}, false},
		{"a page beside us, of the same site", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://wiki.ops.example"}, false},
		{"what is neither", []string{"Sec-Fetch-Site", "nonsense", "Origin", own}, false},

		{"a proxy with TLS that changes the Host", []string{"Host", "worker.internal", "Origin", "https://ops.example", "Sec-Fetch-Site", "same-origin"}, true},
		{"a proxy with TLS that passes the Host on", []string{"Host", "ops.example", "Origin", "https://ops.example", "X-Forwarded-Proto", "https"}, true},
		{"a proxy that changes the Host, and no Sec-Fetch-Site", []string{"Host", "worker.internal", "Origin", "http://ops.example"}, false},
		{"the same with X-Forwarded-Host, which anybody may write", []string{"Host", "worker.internal", "Origin", "http://ops.example", "X-Forwarded-Host", "ops.example"}, false},
		{"a foreign page that writes X-Forwarded-Host", []string{"Origin", evil, "X-Forwarded-Host", "evil.example"}, false},

		{"an old browser", []string{"Origin", own}, true},
		{"an old browser on a foreign page", []string{"Origin", evil}, false},
		{"an old browser on another port of this host", []string{"Origin", "http://127.0.0.1:1"}, false},
		{"an old browser on a page without an origin", []string{"Origin", "null"}, false},
		{"a browser that says nothing", []string{"Origin", ""}, false},
		{"a program that says nothing and marks its request", []string{"Origin", "", api.CSRFHeader, "1"}, true},
		{"a mark from a foreign page", []string{"Origin", evil, api.CSRFHeader, "1"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := b.browser()
			session := in.login("ops", "ops-password", "/").Cookies()
			if len(session) != 1 {
				t.Fatalf("login: got the cookies %v", session)
			}
			login := url.Values{"name": {"ops"}, "password": {"ops-password"}}.Encode()
			for _, form := range []struct {
				name string
				by   *browser
				path string
				body string
				want int
			}{
				{"an action", in, "/act", "reason=x", http.StatusOK},
				{"the login", b.browser(), LoginPath, login, http.StatusSeeOther},
				{"the logout", in, LogoutPath, "", http.StatusSeeOther},
			} {
				if !c.ours {
					form.want = http.StatusForbidden
				}
				headers := slices.Concat(c.headers, []string{"Cookie", sessionCookie + "=" + session[0].Value}) // whatever the Host
				got := form.by.do(http.MethodPost, form.path, form.body, headers...)
				if got.StatusCode != form.want {
					t.Errorf("%s: got %d, want %d", form.name, got.StatusCode, form.want)
				}
				if !c.ours && len(got.Cookies()) > 0 {
					t.Errorf("%s: refused, and a cookie was set: %v", form.name, got.Cookies())
				}
			}
			if got := in.do(http.MethodGet, "/", ""); !c.ours && got.StatusCode != http.StatusOK {
				t.Errorf("a refused logout ended the session: got %d", got.StatusCode)
			}
		})
	}
}

// Without users there is neither a login nor a cookie, so nothing else stands between a foreign page and an action.
func TestWithoutUsersAForeignPageDoesNothing(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	w := b.browser()
	for name, c := range map[string]struct {
		headers []string
		want    int
	}{
		"our own page":        {nil, 200},
		"a foreign page":      {[]string{"Origin", evil}, 403},
		"a foreign page, new": {[]string{"Origin", evil, "Sec-Fetch-Site", "cross-site"}, 403},
		"nothing is said":     {[]string{"Origin", ""}, 403},
	} {
		if got := w.do(http.MethodPost, "/act", "reason=x", c.headers...); got.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", name, got.StatusCode, c.want)
		}
	}
}

func TestWithoutUsersAForeignPageReadsNothing(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	for _, c := range []struct {
		name, path string
		headers    []string
		want       int
	}{
		{"a program", "/api/status", nil, 200},
		{"our own page", "/api/status", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"our own page, by an old browser", "/api/status", []string{"Origin", b.server.URL}, 200},
		{"the address bar", "/", []string{"Sec-Fetch-Site", "none", "Accept", "text/html"}, 200},
		{"a foreign page", "/api/status", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a foreign page, of an old browser", "/api/status", []string{"Origin", evil}, 403},
		{"a page beside us", "/api/status", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"a page without an origin", "/api/status", []string{"Origin", "null"}, 403},
		{"a picture on a foreign page", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image", "Accept", "text/html"}, 403},
		{"a frame on a foreign page", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe", "Accept", "text/html"}, 403},
		{"a link in an alert", "/incidents", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Accept", "text/html"}, 200},
		{"a link to the API", "/api/plan?all=1", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Accept", "text/html"}, 403},
	} {
		if status, answer, _ := b.call(http.MethodGet, c.path, "", c.headers...); status != c.want {
			t.Errorf("%s: got %d %s, want %d", c.name, status, answer, c.want)
		}
	}
}

func TestAFormOfAnybodyElseIsRefused(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops, eve)
	viewer := b.browser()
	if got := viewer.login("eve", "eve-password", "/"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("login: got %d", got.StatusCode)
	}
	for _, c := range []struct {
		name, path, body string
		by               *browser
		want             int
	}{
		{"a viewer's form", "/act", "", viewer, 403},
		{"a form that is too large", LoginPath, "name=ops&password=" + strings.Repeat("x", maxForm), b.browser(), 403},
		{"a form that is no form", LoginPath, "name=%zz", b.browser(), 403},
		{"a stranger's form", "/act", "", b.browser(), 401},
		{"a viewer may log out", LogoutPath, "", viewer, 303},
	} {
		if got := c.by.do(http.MethodPost, c.path, c.body); got.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got.StatusCode, c.want)
		}
	}
}

// A program sends neither Origin nor Sec-Fetch-Site. It reads without a mark, and acts with one.
func TestProgramsNeedNoHeadersOfABrowser(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops)
	for _, c := range []struct {
		method, path string
		headers      []string
		want         int
	}{
		{"GET", "/api/status", nil, 200},
		{"GET", "/monitoring/api/queues", nil, 200},
		{"POST", "/api/pause", nil, 403},
		{"POST", "/api/pause", []string{"Content-Type", "application/json"}, 403},
		{"POST", "/api/pause", []string{api.CSRFHeader, "1"}, 200},
		{"POST", "/api/resume", []string{"Content-Type", "application/json", "Sec-Fetch-Site", "same-origin"}, 200},
		{"POST", "/api/resume", []string{"Content-Type", "text/plain", "Sec-Fetch-Site", "same-origin"}, 403},
		{"DELETE", "/monitoring/api/queues/start", nil, 403},
		{"DELETE", "/monitoring/api/queues/start", []string{api.CSRFHeader, "1"}, 404}, // there is no such queue
	} {
		if status, answer, _ := b.call(c.method, c.path, `{"reason":"works","dry_run":false}`, slices.Concat(c.headers, []string{"user", "ops"})...); status != c.want {
			t.Errorf("%s %s %v: got %d %s, want %d", c.method, c.path, c.headers, status, answer, c.want)
		}
	}
}
