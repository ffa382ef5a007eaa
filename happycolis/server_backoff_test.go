package happycolis

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)

func TestWhatTheRateHeadersAskFor(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) string { return strconv.FormatInt(noon.Add(d).Unix(), 10) }
	tests := []struct {
		name   string
		status int
		header map[string]string
		want   time.Duration
	}{
		{"plenty left", 200, map[string]string{"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "20", "X-RateLimit-Reset": in(9 * time.Second)}, 0},
		{"nothing left", 200, map[string]string{"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(9 * time.Second)}, 9 * time.Second},
		{"less than 2 % left", 200, map[string]string{"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "19", "X-RateLimit-Reset": in(9 * time.Second)}, 9 * time.Second},
		{"a reset by the platform's clock", 200, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(time.Hour + 9*time.Second), "Date": noon.Add(time.Hour).Format(http.TimeFormat)}, 9 * time.Second},
		{"a reset far away is a mistake", 200, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(time.Hour)}, maxResetPause},
		{"a reset that is over", 200, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(-time.Second)}, 0},
		{"no headers", 200, nil, 0},
		{"HTTP 429 with seconds", 429, map[string]string{"Retry-After": "3"}, 3 * time.Second},
		{"HTTP 429 with a date", 429, map[string]string{"Retry-After": noon.Add(4 * time.Second).Format(http.TimeFormat)}, 4 * time.Second},
		{"HTTP 429 with years", 429, map[string]string{"Retry-After": "1e9"}, maxRetryAfter},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			for k, v := range tt.header {
				h.Set(k, v)
			}
			var p serverBackoff
			p.observe(noon, tt.status, h)
			if got := p.waitTime(noon); got != tt.want {
				t.Errorf("got a wait of %s, want %s", got, tt.want)
			}
		})
	}
}

func TestBackoffGrowsOncePerPause(t *testing.T) {
	t.Parallel()
	var p serverBackoff
	now := noon
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		want *= time.Second
		first := p.observe(now, 429, http.Header{})
		p.observe(now, 429, http.Header{}) // was in flight together with the first
		if first > want || first < want*8/10 {
			t.Errorf("pause %d: got %s, want %s less a fifth at most", i+1, first, want)
		}
		now = now.Add(p.waitTime(now))
	}
	p.observe(now, 200, http.Header{})
	if got := p.observe(now, 429, http.Header{}); got > firstBackoff {
		t.Errorf("after a success: got %s, want to begin anew with %s", got, firstBackoff)
	}
}

func TestPauseIsKeptBeforeSending(t *testing.T) {
	t.Parallel()
	now := noon
	p := start(t, func(_ string, before int) cannedAnswer {
		if before == 0 {
			return cannedAnswer{status: 429, header: map[string]string{"Retry-After": "3"}}
		}
		return ok(noOrder)
	})
	a := p.account(func(o *Options) { o.Now = func() time.Time { return now } })
	if e := mustError(t, ask(t, a)); e.Kind != KindThrottled || e.RetryAfter != 3*time.Second {
		t.Errorf("got %v, want throttled for 3s", e)
	}
	now = now.Add(time.Second)
	other := a.client.Account(testCredentials(), ClassBackground)
	if e := mustError(t, ask(t, other)); e.Kind != KindWaiting || e.RetryAfter != 2*time.Second || !e.IsNotExecuted() {
		t.Errorf("got %v, want waiting for 2s", e)
	}
	if got := len(p.operations()); got != 1 {
		t.Errorf("got %d requests, want 1", got)
	}
	now = now.Add(2 * time.Second)
	if err := ask(t, a); err != nil {
		t.Errorf("got %v, want success after the pause", err)
	}
}

type limiterFunc func(context.Context, string, Class) (time.Duration, error)

func (f limiterFunc) Wait(ctx context.Context, organization string, class Class) (time.Duration, error) {
	return f(ctx, organization, class)
}

func TestLimiterDecidesBeforeSending(t *testing.T) {
	t.Parallel()
	away := errors.New("redis is away")
	p := start(t, always(ok(noOrder)))
	a := p.account(func(o *Options) {
		o.Limiter = limiterFunc(func(_ context.Context, organization string, class Class) (time.Duration, error) {
			if organization != "org_1" {
				t.Errorf("got organization %q, want org_1", organization)
			}
			if class == ClassBackground {
				return 0, away
			}
			return 70 * time.Millisecond, nil
		})
	})
	if e := mustError(t, ask(t, a)); e.Kind != KindWaiting || e.RetryAfter != 70*time.Millisecond || !e.IsNotExecuted() {
		t.Errorf("denied: got %v, want waiting for 70ms", e)
	}
	e := mustError(t, ask(t, a.client.Account(testCredentials(), ClassBackground)))
	if e.Kind != KindLimiter || !errors.Is(e, away) || !e.IsNotExecuted() {
		t.Errorf("failed: got %v, want the limiter's error", e)
	}
	if got := p.operations(); len(got) != 0 {
		t.Errorf("got %v, want nothing sent", got)
	}
}
