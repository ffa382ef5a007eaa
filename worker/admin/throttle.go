package admin

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net"
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
	attemptWindow          = time.Minute
	maxAttemptsOfUser      = 5  // wrong logins for one name in a window
	maxAttemptsFrom        = 20 // wrong logins from one address in a window; behind a proxy all users have one address
	maxAttemptsUnavailable = 20 // wrong logins in one process in a window, while Redis is away
	maxAttemptsAtOnce      = 8  // logins checked at the same time: so many may pass a counter that is just reaching its limit
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

// keys are the keys of the counters of an attempt. They share a hash tag, so that one script may change both in a
// cluster, and contain digests: neither addresses nor what was typed as a name is stored.
func (g loginAttempt) keys() []string {
	return []string{rediskey.Login("user:" + digestOf(g.user)), rediskey.Login("from:" + digestOf(networkOf(g.address)))}
}

// networkOf returns what is counted for an address: itself, or of IPv6, where one host may have many, its /64.
func networkOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Unmap().Is4() {
		return host
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return prefix.String()
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

	mu    sync.Mutex // counts in this process while Redis is away
	until time.Time
	wrong int
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
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.wrong >= maxAttemptsUnavailable && now.Before(t.until) {
			return t.until.Sub(now)
		}
		return 0
	}
	var wait time.Duration
	for i, most := range []int64{maxAttemptsOfUser, maxAttemptsFrom} {
		if counted[2*i] >= most {
			wait = max(wait, time.Duration(counted[2*i+1])*time.Millisecond, time.Second)
		}
	}
	return wait
}

// failed counts a wrong login.
func (t *throttle) failed(ctx context.Context, g loginAttempt, now time.Time) {
	err := t.count(ctx, g, 1).Err()
	if err == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !now.Before(t.until) {
		t.until, t.wrong = now.Add(attemptWindow), 0
	}
	t.wrong++
}

// setRetryAfter sets the header that says when to try again.
func setRetryAfter(h http.Header, wait time.Duration) {
	h.Set("Retry-After", fmt.Sprint(roundUpSeconds(wait)))
}
