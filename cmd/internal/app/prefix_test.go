package app

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/admin"
)

// browser asks the admin listener behind a proxy that names another Host, and follows no redirect.
type browser struct {
	*testing.T
	upstream, cookie string
}

func (b *browser) send(method, path string, form url.Values, header ...string) (int, http.Header, string) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, b.upstream+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Cookie", b.cookie)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}

var address = regexp.MustCompile(` (?:href|src|action)="([^"#][^"]*)"`)

// A proxy may pass the path on or take it away, and name itself as the Host.
func TestTheConsoleStandsBelowThePathOfItsURL(t *testing.T) {
	t.Parallel()
	const origin, prefix = "https://ops.example.com", "/tools/reassigner"
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Users = []admin.User{{Name: "ops", Password: "pw", Role: admin.Operator}}
	cfg.ConsoleURL = origin + prefix + "/"
	a := startApp(t, cfg, AllRoles(), apptest.Quiet)
	for name, passed := range map[string]string{"passed on": prefix, "taken away": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &browser{T: t, upstream: "http://" + a.AdminAddress().String() + passed}
			status, header, _ := b.send(http.MethodGet, "/orders?state=left", nil)
			if want := prefix + "/login?next=%2Forders%3Fstate%3Dleft"; status != http.StatusSeeOther || header.Get("Location") != want {
				t.Fatalf("without a login: got %d to %s, want %s", status, header.Get("Location"), want)
			}
			form := url.Values{"name": {"ops"}, "password": {"pw"}, "next": {"/orders?state=left"}}
			if status, _, _ := b.send(http.MethodPost, "/login", form, "Origin", "https://evil.example.com"); status != http.StatusForbidden {
				t.Errorf("a form of another origin: got %d, want 403", status)
			}
			status, header, body := b.send(http.MethodPost, "/login", form, "Origin", origin)
			if want := prefix + "/orders?state=left"; status != http.StatusSeeOther || header.Get("Location") != want {
				t.Fatalf("logged in: got %d to %s, want %s; %.200s", status, header.Get("Location"), want, body)
			}
			b.cookie, _, _ = strings.Cut(header.Get("Set-Cookie"), ";")
			for _, path := range []string{"/", "/incidents", "/orders", "/policy", "/audit", "/parked", "/confirm/pause?back=%2F", "/nowhere", "/monitoring/"} {
				_, _, page := b.send(http.MethodGet, path, nil)
				found := address.FindAllStringSubmatch(page, -1)
				if len(found) == 0 {
					t.Errorf("%s has no links; is it looked at in the right way? %.300s", path, page)
				}
				for _, to := range found {
					if strings.HasPrefix(to[1], "https://fonts.") {
						continue // of the web UI, and not let through
					}
					below, ours := strings.CutPrefix(to[1], prefix+"/")
					if !ours {
						t.Errorf("%s leads to %s, outside of %s", path, to[1], prefix)
						continue
					}
					below = "/" + strings.ReplaceAll(below, "&amp;", "&")
					if status, _, _ := b.send(http.MethodGet, below, nil); !strings.Contains(to[0], "action") && status != http.StatusOK && path != "/nowhere" {
						t.Errorf("%s leads to %s, which answers %d", path, to[1], status)
					}
				}
			}
			if status, _, body := b.send(http.MethodGet, "/monitoring/api/queues", nil); status != http.StatusOK || !strings.Contains(body, "queues") {
				t.Errorf("the data of the web UI: got %d %.100s", status, body)
			}
			if _, _, page := b.send(http.MethodGet, "/monitoring/", nil); !strings.Contains(page, prefix+"/monitoring") {
				t.Errorf("the web UI does not know its path: %.600s", page)
			}
		})
	}
}
