package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

const read = `{deliveryOrder(id:"d1"){status}}`

func (w *world) token(path string, form url.Values) (int, map[string]any) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://platform"+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r := w.send(req)
	var v map[string]any
	if err := json.Unmarshal([]byte(r.raw), &v); err != nil {
		w.t.Fatal(err)
	}
	return r.status, v
}

func TestTokens(t *testing.T) {
	t.Parallel()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {"secret"}, "organization_id": {org},
	}
	t.Run("a token works for its hour", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.pending("d1")
		status, v := w.token("/token", form)
		if status != 200 || v["token_type"] != "bearer" || v["expires_in"] != 3600.0 || !strings.Contains(v["scope"].(string), ",") {
			t.Fatalf("token = %d %v", status, v)
		}
		token := v["access_token"].(string)
		if r := w.askAs(token, read, nil); r.status != 200 || len(r.Errors) > 0 {
			t.Errorf("read = %d %s", r.status, r.raw)
		}
		w.pass(time.Hour)
		if r := w.askAs(token, read, nil); r.status != 401 {
			t.Errorf("read with an expired token = %d, want 401", r.status)
		}
	})
	t.Run("scopes narrow", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.pending("d1")
		narrow := url.Values{"scopes": {"view_orders view_locations"}}
		for k, v := range form {
			narrow[k] = v
		}
		_, v := w.token("/oauth2/token", narrow)
		if v["scope"] != "view_orders,view_locations" {
			t.Errorf("scope = %v", v["scope"])
		}
		if r := w.askAs(v["access_token"].(string), read, nil); r.code() != "FORBIDDEN" {
			t.Errorf("read = %s, want FORBIDDEN", r.raw)
		}
	})
	t.Run("revoked tokens are refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		_, v := w.token("/token", form)
		w.RevokeTokens(org)
		if r := w.askAs(v["access_token"].(string), read, nil); r.status != 401 {
			t.Errorf("status = %d, want 401", r.status)
		}
	})
	t.Run("wrong credentials are refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		for _, field := range []string{"client_id", "client_secret", "organization_id"} {
			bad := url.Values{}
			for k, v := range form {
				bad[k] = v
			}
			bad.Set(field, "wrong")
			if status, _ := w.token("/token", bad); status != 401 {
				t.Errorf("wrong %s = %d, want 401", field, status)
			}
		}
	})
}

func TestTheAllowanceSlides(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, sandbox.Options{RatePerMinute: 5, RatePerSecond: 2})
	w.pending("d1")
	serve := func(want int) result {
		t.Helper()
		r := w.ask(read)
		if r.status != want {
			t.Errorf("status = %d, want %d", r.status, want)
		}
		return r
	}
	serve(200)
	w.pass(600 * time.Millisecond)
	serve(200)
	if r := serve(429); r.header.Get("Retry-After") != "1" || !strings.Contains(r.raw, `"statusCode":429`) {
		t.Errorf("refusal = %v %s", r.header, r.raw)
	}
	w.pass(400 * time.Millisecond)
	serve(200)
	serve(429)
	w.pass(time.Second)
	serve(200)
	if r := serve(200); r.header.Get("X-RateLimit-Remaining") != "0" || r.header.Get("X-RateLimit-Limit") != "5" {
		t.Errorf("headers = %v", r.header)
	}
	w.pass(10 * time.Second)
	if r := serve(429); r.header.Get("Retry-After") != "48" {
		t.Errorf("Retry-After = %s, want 48", r.header.Get("Retry-After"))
	}
	w.pass(48 * time.Second)
	serve(200)
	if got := w.Books().Throttled; got != 3 {
		t.Errorf("throttled = %d, want 3", got)
	}
}

func TestResponsesCarryThePlatformsDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, token := range []string{"token", "nonsense"} {
		h := w.askAs(token, read, nil).header
		if h.Get("Date") != "Sun, 17 May 2026 14:00:00 GMT" || h.Get("X-RateLimit-Limit") == "" || h.Get("X-RateLimit-Reset") == "" {
			t.Errorf("headers = %v", h)
		}
	}
}

func TestFaultsOfTransport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind        string
		after       time.Duration
		status      int
		soon, later string
	}{
		{sandbox.Fault500, 0, 500, "PENDING", "PENDING"},
		{sandbox.Fault429, 7 * time.Second, 429, "PENDING", "PENDING"},
		{sandbox.Fault429, 0, 429, "PENDING", "PENDING"},
		{sandbox.DropBefore, 0, 0, "PENDING", "PENDING"},
		{sandbox.DropAfter, 0, 0, "COMPLETED", "COMPLETED"},
		{sandbox.DropLate, time.Minute, 0, "PENDING", "COMPLETED"},
	} {
		t.Run(c.kind+" after "+c.after.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pending("d1")
			w.AddFault(sandbox.Fault{Kind: c.kind, Operation: "deliveryOrderCancel", Count: 1, After: c.after})
			r := w.ask(`mutation{deliveryOrderCancel(id:"d1"){state}}`)
			if r.status != c.status || (r.err != nil) != (c.status == 0) {
				t.Errorf("status %d, error %v; want status %d", r.status, r.err, c.status)
			}
			if c.after > 0 && c.status == 429 && r.header.Get("Retry-After") != "7" || c.after == 0 && r.header.Get("Retry-After") != "" {
				t.Errorf("Retry-After = %q", r.header.Get("Retry-After"))
			}
			if got := w.at("d1").Status; got != c.soon {
				t.Errorf("status at once = %s, want %s", got, c.soon)
			}
			w.pass(time.Hour)
			if got := w.at("d1").Status; got != c.later {
				t.Errorf("status later = %s, want %s", got, c.later)
			}
			if r := w.ask(read); r.status != 200 {
				t.Errorf("the next request = %d, want 200", r.status)
			}
		})
	}
}

func TestFaultsCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: "deliveryOrder", Skip: 1, Count: 2})
	var got []int
	for range 4 {
		got = append(got, w.ask(read).status)
	}
	if want := [4]int{200, 500, 500, 200}; [4]int(got) != want {
		t.Errorf("statuses = %v, want %v", got, want)
	}
}

func TestOverRealHTTP(t *testing.T) {
	t.Parallel()
	p := sandbox.New(sandbox.Options{Latency: time.Millisecond})
	m := sandbox.Seed(p, sandbox.SeedOptions{Organization: org, Orders: 3, Seed: 1})
	server := httptest.NewServer(p)
	defer server.Close()
	post := func() (*http.Response, error) {
		body := `{"query":"query($id:String!){deliveryOrder(id:$id){status}}","variables":{"id":"` + m.DeliveryOrders[0] + `"}}`
		req, err := http.NewRequest(http.MethodPost, server.URL+"/graphql", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer token-"+org)
		return http.DefaultClient.Do(req)
	}
	resp, err := post()
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("read = %v, %v", resp, err)
	}
	resp.Body.Close()
	p.AddFault(sandbox.Fault{Kind: sandbox.DropBefore, Count: 1})
	if resp, err := post(); err == nil {
		resp.Body.Close()
		t.Errorf("a dropped connection answered %d", resp.StatusCode)
	}
	start := time.Now()
	p.AddFault(sandbox.Fault{Kind: sandbox.Latency, Operation: "deliveryOrder", After: 30 * time.Millisecond})
	resp, err = post()
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if took := time.Since(start); took < 30*time.Millisecond {
		t.Errorf("answered after %v, want 30 ms at least", took)
	}
}
