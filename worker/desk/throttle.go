package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// How often a login may be wrong. The counters lie in Redis, so several desks count together; each ends with
// its window, so that they are never many.
const (
	guessWindow   = time.Minute
	guessesOfUser = 5  // wrong logins of one name in a window
	guessesFrom   = 20 // wrong logins from one address in a window; behind a proxy that is everybody
	guessesAway   = 20 // wrong logins of one process in a window, while Redis is away
	guessesAtOnce = 8  // logins that are compared at the same time: as many may slip past a full counter
)

// tooManyError tells to wait.
type tooManyError struct{ wait time.Duration }

func (e *tooManyError) Error() string {
	return fmt.Sprintf("too many wrong logins; try again in %d s", seconds(e.wait))
}

// seconds rounds up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// guess is one try to log in.
type guess struct{ user, address string }

// keys are the guess's counters. They share a hash tag, so that one script may touch both on a cluster, and
// hold digests: neither addresses nor what was typed as a name is kept.
func (g guess) keys() []string {
	return []string{"reassigner:{login}:user:" + digest(g.user), "reassigner:{login}:from:" + digest(network(g.address))}
}

// network is whom an address stands for: itself, or of IPv6, where one may have many, its /64.
func network(address string) string {
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

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// guesses adds ARGV[1] to each counter, and returns each with the milliseconds until it ends.
var guesses = redis.NewScript(`
local answer = {}
for i, key in ipairs(KEYS) do
  local n = tonumber(redis.call('GET', key) or '0')
  if ARGV[1] ~= '0' then
    n = redis.call('INCRBY', key, ARGV[1])
    if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ARGV[2]) end
  end
  answer[2*i-1] = n
  answer[2*i] = redis.call('PTTL', key)
end
return answer`)

// throttle slows down who guesses passwords.
type throttle struct {
	rdb redis.UniversalClient
	at  chan struct{}

	mu    sync.Mutex // what this process counts while Redis is away
	until time.Time
	wrong int
}

func newThrottle(rdb redis.UniversalClient) *throttle {
	return &throttle{rdb: rdb, at: make(chan struct{}, guessesAtOnce)}
}

func (t *throttle) enter() { t.at <- struct{}{} }
func (t *throttle) leave() { <-t.at }

// wait returns how long no login of this name, or from this address, is looked at; 0 if it is.
func (t *throttle) wait(ctx context.Context, g guess, now time.Time) time.Duration {
	counted, err := guesses.Run(ctx, t.rdb, g.keys(), 0, guessWindow.Milliseconds()).Int64Slice()
	if err != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.wrong >= guessesAway && now.Before(t.until) {
			return t.until.Sub(now)
		}
		return 0
	}
	var wait time.Duration
	for i, most := range []int64{guessesOfUser, guessesFrom} {
		if counted[2*i] >= most {
			wait = max(wait, time.Duration(counted[2*i+1])*time.Millisecond, time.Second)
		}
	}
	return wait
}

// failed counts a wrong login.
func (t *throttle) failed(ctx context.Context, g guess, now time.Time) {
	err := guesses.Run(ctx, t.rdb, g.keys(), 1, guessWindow.Milliseconds()).Err()
	if err == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !now.Before(t.until) {
		t.until, t.wrong = now.Add(guessWindow), 0
	}
	t.wrong++
}

// tellWait sets the header that says when to try again.
func tellWait(h http.Header, wait time.Duration) { h.Set("Retry-After", fmt.Sprint(seconds(wait))) }
