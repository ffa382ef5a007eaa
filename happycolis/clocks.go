package happycolis

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Clock is how far a clock of ours was from the platform's when it was measured last.
type Clock struct {
	Host  string        // whose clock; [RedisClock] for Redis's
	Ahead time.Duration // of the platform's; below 0 behind it
}

// RedisClock stands for the host of Redis's clock, which orders what the platform tells.
const RedisClock = "Redis"

// Clocks keep how far the clocks of all hosts are from the platform's where all processes find it.
type Clocks struct {
	rdb  redis.UniversalClient
	host string
	now  func() time.Time

	mu      sync.Mutex
	since   time.Time // of what is measured and not written yet
	closest time.Duration
	latest  int // the number of the latest write

	writing sync.Mutex // writes are made one after the other
	writes  sync.WaitGroup
}

const (
	clockEvery = time.Minute      // between two writes; of what is measured meanwhile the smallest is written
	clockKept  = 15 * time.Minute // a host that does not measure any more is forgotten
	clockWrite = time.Second      // for one write
)

// NewClocks returns clocks in rdb, measured by this host.
func NewClocks(rdb redis.UniversalClient, host string, now func() time.Time) *Clocks {
	return &Clocks{rdb: rdb, host: host, now: now}
}

// Observe measures by the Date of an answer. It does not wait for Redis: what is lost is measured again.
func (c *Clocks) Observe(call Call) {
	ahead, known := call.Ahead()
	if !known {
		return
	}
	ahead, number := c.measured(ahead)
	if number == 0 {
		return
	}
	at := c.now()
	c.writes.Go(func() {
		c.writing.Lock()
		defer c.writing.Unlock()
		if !c.isLatest(number) { // it was overtaken
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), clockWrite)
		defer cancel()
		_ = noteClock.Run(ctx, c.rdb, []string{clocksKey}, c.host, ahead.Milliseconds(), at.UnixMilli(), clockKept.Milliseconds(), RedisClock).Err()
	})
}

func (c *Clocks) isLatest(number int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latest == number
}

// measured keeps the smallest distance of a minute: an answer may have waited somewhere, or be somebody else's. number is
// that of the write that is due now, 0 where none is.
func (c *Clocks) measured(ahead time.Duration) (closest time.Duration, number int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	first := c.since.IsZero()
	if first || ahead.Abs() < c.closest.Abs() {
		c.closest = ahead
	}
	if due := first || now.Sub(c.since).Abs() >= clockEvery; !due {
		return 0, 0
	}
	closest = c.closest
	c.since, c.closest = now, ahead
	c.latest++
	return closest, c.latest
}

// Ahead is how far our clock is ahead of the platform's at least, by one answer: it was dated, in whole seconds, at some
// moment between the sending and the end of the answer. known is false where the answer tells nothing of that.
func (c Call) Ahead() (ahead time.Duration, known bool) {
	if c.Outcome != outcomeOK || c.Date.IsZero() || c.SentAt.IsZero() {
		return 0, false
	}
	if ahead = c.SentAt.Sub(c.Date.Add(time.Second)); ahead > 0 {
		return ahead, true
	}
	return min(0, c.SentAt.Add(c.Duration).Sub(c.Date)), true
}

// LastClocks returns every clock that was measured lately, by host.
func LastClocks(ctx context.Context, rdb redis.UniversalClient) ([]Clock, error) {
	fields, err := lastClocks.Run(ctx, rdb, []string{clocksKey}, clockKept.Milliseconds()).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("reading how far the clocks are apart: %w", err)
	}
	var all []Clock
	for _, field := range fields {
		var c struct {
			Host  string `json:"host"`
			Ahead int64  `json:"ahead"` // ms
		}
		if err := json.Unmarshal([]byte(field), &c); err != nil {
			continue // of another release
		}
		all = append(all, Clock{c.Host, time.Duration(c.Ahead) * time.Millisecond})
	}
	slices.SortFunc(all, func(a, b Clock) int { return cmp.Compare(a.Host, b.Host) })
	return all, nil
}

const clocksKey = "reassigner:{*}:clocks" // host > {host, ahead, at}, by Redis's clock

// noteClock keeps what a host measured, and with it how far Redis's clock is.
// KEYS clocks; ARGV host ahead_ms host_now_ms kept_ms redis_name.
var noteClock = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function note(host, ahead)
  redis.call('HSET', KEYS[1], host, cjson.encode({host = host, ahead = ahead, at = now}))
end
note(ARGV[1], tonumber(ARGV[2]))
note(ARGV[5], ARGV[2] + (now - ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`)

// lastClocks forgets what was measured long ago and returns the rest. KEYS clocks; ARGV kept_ms.
var lastClocks = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local found = redis.call('HGETALL', KEYS[1])
local all = {}
for i = 1, #found, 2 do
  local readable, clock = pcall(cjson.decode, found[i + 1])
  if readable and type(clock) == 'table' and tonumber(clock.at) and math.abs(now - clock.at) <= tonumber(ARGV[1]) then
    all[#all + 1] = found[i + 1]
  else
    redis.call('HDEL', KEYS[1], found[i])
  end
end
return all
`)
