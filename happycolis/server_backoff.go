package happycolis

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	maxResetPause = 60 * time.Second // the platform counts by the minute (documented)
	maxRetryAfter = 5 * time.Minute
	firstBackoff  = time.Second // after HTTP 429 without Retry-After
	lastBackoff   = 30 * time.Second
	lowShare      = 0.02 // of the limit; with less left, pause until it is renewed
)

// serverBackoff remembers what the platform said about its rate limit, so that a request that would be refused is not
// sent. All accounts with the same credentials share it, whatever their class.
type serverBackoff struct {
	mu      sync.Mutex
	until   time.Time
	strikes int // answers HTTP 429 in a row, counted once a pause
}

// waitTime returns how long nothing may be sent.
func (p *serverBackoff) waitTime(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.until.Sub(now))
}

// observe reads a response and returns for how long it asks to wait, 0 unless it was HTTP 429.
func (p *serverBackoff) observe(now time.Time, status int, h http.Header) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if status != http.StatusTooManyRequests {
		p.strikes = 0
		p.pause(now, resetPause(now, h))
		return 0
	}
	// Many requests in flight are refused at the same time: that is one pause and one strike.
	if !p.until.After(now) {
		p.strikes++
	}
	wait := retryAfter(now, h)
	if wait <= 0 {
		wait = backoff(firstBackoff, lastBackoff, p.strikes)
	}
	p.pause(now, wait)
	return wait
}

func (p *serverBackoff) pause(now time.Time, d time.Duration) {
	if at := now.Add(d); at.After(p.until) {
		p.until = at
	}
}

// resetPause reads X-RateLimit-Limit, -Remaining and -Reset (documented: Unix seconds). The reset is compared with the
// response's own Date, if it has one, so that a wrong clock of ours does not matter.
func resetPause(now time.Time, h http.Header) time.Duration {
	limit, _ := strconv.ParseFloat(h.Get("X-RateLimit-Limit"), 64)
	left, err := strconv.ParseFloat(h.Get("X-RateLimit-Remaining"), 64)
	if err != nil || left > 0 && left >= lowShare*limit {
		return 0
	}
	reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, time.Unix(reset, 0).Sub(now)), maxResetPause)
}

// parseAllowance reads how many requests are allowed and left; 0, 0 unless the platform said both.
func parseAllowance(h http.Header) (limit, remaining int) {
	limit, wrongLimit := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	remaining, wrongRest := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if wrongLimit != nil || wrongRest != nil || limit <= 0 {
		return 0, 0
	}
	return limit, remaining
}

// retryAfter reads Retry-After: seconds (documented) or, as HTTP also allows, a date. 0 if absent.
func retryAfter(now time.Time, h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(text, 64); err == nil && s > 0 {
		return time.Duration(min(s, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(now)), maxRetryAfter)
	}
	return 0
}

// backoff doubles from first to last with the strikes, with a jitter of a fifth, so that processes that were refused
// together do not return together.
func backoff(first, last time.Duration, strikes int) time.Duration {
	d := first
	for ; strikes > 1 && d < last; strikes-- {
		d *= 2
	}
	d = min(d, last)
	return d - time.Duration(rand.Int64N(int64(d)/5))
}
