package admin

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/redisscript"
)

// How many wrong logins are allowed. The counters are in Redis, so that several processes count together; each expires
// with its window, so there are never many.
const (
	attemptWindow     = time.Minute
	maxAttemptsOfUser = 5      // wrong logins for one name from one address in a window; others who bear the name may still log in
	maxAttemptsFrom   = 20     // wrong logins from one address in a window; behind a proxy that is not trusted all users have one
	maxLocalCounters  = 10_000 // counters in this process while Redis is away; then they begin anew
	maxAttemptsAtOnce = 8      // logins checked at the same time: so many may pass a counter that is just reaching its limit
)

// tooManyError refuses a login until wait is over.
type tooManyError struct{ wait time.Duration }

func (e *tooManyError) Error() string {
	return fmt.Sprintf("too many wrong logins; try again in %d s", roundUpSeconds(e.wait))
}

// roundUpSeconds rounds up.
func roundUpSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// loginAttempt is one try to log in.
type loginAttempt struct{ user, address string }

// keys are the keys of the counters of an attempt, in the order of attemptLimits. They share a hash tag, so that one script may change both in a
// cluster, and contain digests: neither addresses nor what was typed as a name is stored.
func (g loginAttempt) keys() []string {
	network := networkOf(g.address)
	return []string{rediskey.Login("user:" + digestOf(network+" "+g.user)), rediskey.Login("from:" + digestOf(network))}
}

// attemptLimits are the limits of the counters of an attempt.
var attemptLimits = []int64{maxAttemptsOfUser, maxAttemptsFrom}

// networkOf returns what is counted for an address: itself, or of IPv6, where one host may have many, its /64.
func networkOf(address string) string {
	ip, valid := parseAddress(address)
	if !valid {
		return address
	}
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

//go:embed lua/*.lua
var lua embed.FS

var countAttempts = redisscript.New(lua, "count_guesses.lua")

// throttle limits wrong logins.
type throttle struct {
	rdb redis.UniversalClient
	at  chan struct{}

	mu    sync.Mutex // the counters of this process, while Redis is away
	until time.Time
	wrong map[string]int64
}

func newThrottle(rdb redis.UniversalClient) *throttle {
	return &throttle{rdb: rdb, at: make(chan struct{}, maxAttemptsAtOnce)}
}

func (t *throttle) enter() { t.at <- struct{}{} }
func (t *throttle) leave() { <-t.at }

// count adds to the counters of a guess; 0 only looks at them.
func (t *throttle) count(ctx context.Context, g loginAttempt, by int) *redis.Cmd {
	return countAttempts.Run(ctx, t.rdb, redisscript.Keys{"counters": g.keys()}, redisscript.Args{"by": by, "window_ms": attemptWindow.Milliseconds()})
}

// wait returns how long no login of this name, or from this address, is looked at; 0 if it is.
func (t *throttle) wait(ctx context.Context, g loginAttempt, now time.Time) time.Duration {
	counted, err := t.count(ctx, g, 0).Int64Slice()
	if err != nil {
		return t.waitLocally(g, now)
	}
	var wait time.Duration
	for i, most := range attemptLimits {
		if counted[2*i] >= most {
			wait = max(wait, time.Duration(counted[2*i+1])*time.Millisecond, time.Second)
		}
	}
	return wait
}

func (t *throttle) waitLocally(g loginAttempt, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, key := range g.keys() {
		if t.wrong[key] >= attemptLimits[i] && now.Before(t.until) {
			return t.until.Sub(now)
		}
	}
	return 0
}

// failed counts a wrong login.
func (t *throttle) failed(ctx context.Context, g loginAttempt, now time.Time) {
	err := t.count(ctx, g, 1).Err()
	if err == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !now.Before(t.until) || len(t.wrong) >= maxLocalCounters {
		t.until, t.wrong = now.Add(attemptWindow), map[string]int64{}
	}
	for _, key := range g.keys() {
		t.wrong[key]++
	}
}

// setRetryAfter sets the header that says when to try again.
func setRetryAfter(h http.Header, wait time.Duration) {
	h.Set("Retry-After", fmt.Sprint(roundUpSeconds(wait)))
}
