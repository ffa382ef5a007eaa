package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

// unlimited is the limit in the headers of a platform without limits, in requests a minute.
const unlimited = 1_000_000

// countRequest counts one HTTP request of an organization. It tells how long to wait when the allowance of
// a sliding minute or of a sliding second is used up; a refused request is not counted (assumed).
func (p *Platform) countRequest(o *organization) (wait time.Duration, ok bool) {
	now := p.currentTime()
	p.dropOldRequests(o, now)
	if p.perMinute > 0 && len(o.served) >= p.perMinute {
		return o.served[len(o.served)-p.perMinute].Add(time.Minute).Sub(now), false
	}
	if p.perSecond > 0 && len(o.served) >= p.perSecond {
		if free := o.served[len(o.served)-p.perSecond].Add(time.Second); free.After(now) {
			return free.Sub(now), false
		}
	}
	if p.perMinute > 0 || p.perSecond > 0 {
		o.served = append(o.served, now)
	}
	return 0, true
}

func (p *Platform) dropOldRequests(o *organization, now time.Time) {
	n := 0
	for n < len(o.served) && !o.served[n].Add(time.Minute).After(now) {
		n++
	}
	o.served = o.served[n:]
}

// allowanceHeaders sets the headers for limit, remainder and reset (Unix seconds), all per minute (documented).
func (p *Platform) allowanceHeaders(h http.Header, o *organization) {
	limit, used, reset := p.perMinute, 0, p.currentTime().Add(time.Minute)
	if limit == 0 {
		limit = unlimited
	}
	if o != nil {
		used = len(o.served)
		if used > 0 {
			reset = o.served[0].Add(time.Minute)
		}
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-used)))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
}

// throttledReply is HTTP 429; Retry-After is in whole seconds, rounded up; 0 leaves it out.
func (p *Platform) throttledReply(o *organization, wait time.Duration) reply {
	p.throttled++
	a := p.failureReply(o, http.StatusTooManyRequests, "too many requests")
	retryAfter(a, wait)
	return a
}

func retryAfter(a reply, wait time.Duration) {
	if wait > 0 {
		a.header.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
}
