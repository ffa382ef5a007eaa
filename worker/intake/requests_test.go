package intake_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/rediskey"
)

// TestRefusedRequestsAreLoggedOnceInAWhile: with method and path, cut and escaped, and nothing else that a sender chose.
func TestRefusedRequestsAreLoggedOnceInAWhile(t *testing.T) {
	t.Parallel()
	var results []string
	now := arrival
	b := newFixture(t, func(o *options) {
		o.Now = func() time.Time { return now }
		o.Observe = func(result, code string, _ time.Duration) { results = append(results, result+" "+code) }
	})
	ask := func(method, path string) {
		r := httptest.NewRequest(method, "http://h"+path, http.NoBody)
		r.Header.Set("User-Agent", canary)
		b.ServeHTTP(httptest.NewRecorder(), r)
	}
	ask(http.MethodPost, "/"+strings.Repeat("x", 80)+"?q="+canary)
	ask(http.MethodPost, "/second")
	ask(http.MethodPost, "/third")
	ask(http.MethodGet, intake.Path)
	now = now.Add(10 * time.Second)
	ask(http.MethodPost, "/a%0Ab%1b/\u00fc")
	want := []string{`method=POST path=/` + strings.Repeat("x", 63) + ` reason="no such path" count=1`,
		`method=GET path=/webhooks/happycolis reason="wrong method" count=1`,
		`method=POST path=/a%0Ab%1B/%C3%BC reason="no such path" count=3`}
	lines := strings.Split(strings.TrimSpace(b.logs.String()), "\n")
	if len(lines) != len(want) {
		t.Fatalf("the log has %d lines, want %d:\n%s", len(lines), len(want), b.logs)
	}
	for i, line := range lines {
		if !strings.HasSuffix(line, `msg="request refused" `+want[i]) {
			t.Errorf("line %d is %s, want %s", i, line, want[i])
		}
	}
	if strings.Contains(b.logs.String(), canary) {
		t.Error("the log has a query or a header")
	}
	if got := strings.Join(results, ", "); got != "no such path 404, no such path 404, no such path 404, wrong method 405, no such path 404" {
		t.Errorf("counted: %s", got)
	}
}

func TestWrongSignaturesAreRecordedForTheAlert(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	good := breaks(org, "msg_1", "loc_paris")
	b.post(t, good, secret)
	wait := func(want int) {
		t.Helper()
		for end := time.Now().Add(patient); ; time.Sleep(20 * time.Millisecond) {
			got, err := intake.ListWrongSignatures(t.Context(), b.rdb, arrival)
			if err == nil && len(got) == want {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("recorded are %v, %v, want %d", got, err, want)
			}
		}
	}
	b.post(t, good, "another secret")
	wait(1)
	b.send(t, good, "")
	b.send(t, good, "@")
	for range 100 {
		b.post(t, good, "another secret")
	}
	wait(3)
	if got, err := intake.ListWrongSignatures(t.Context(), b.rdb, arrival.Add(intake.WrongSignaturesWithin)); err != nil || len(got) != 0 {
		t.Errorf("after ten minutes: %v, %v", got, err)
	}
	if got := b.redis.TTL(rediskey.Shared("wrong_signatures")); got <= 0 || got > intake.WrongSignaturesWithin {
		t.Errorf("they are kept for %s", got)
	}
}
