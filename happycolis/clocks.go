package happycolis

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Clock is the difference between a clock of ours and the platform's, at the last measurement.
type Clock struct {
	Host  string        // whose clock; [RedisClock] for Redis's
	Ahead time.Duration // of the platform's; negative: behind it
}

// RedisClock stands for the clock of Redis, by which dates from the platform are judged.
const RedisClock = "Redis"

// Clocks stores, in Redis for all processes, how far the clocks of all hosts are from the platform's.
type Clocks struct {
	rdb  redis.UniversalClient
	key  string // host > {host, ahead, at}, by Redis's clock
	host string
	now  func() time.Time

	mu      sync.Mutex
	since   time.Time // when the measurement that is not written yet began
	closest time.Duration
	latest  int // number of the latest write

	writing sync.Mutex // so that one write follows the other
	writes  sync.WaitGroup
}

const (
	clockEvery = time.Minute      // between two writes; of the measurements in between the smallest is written
	clockKept  = 15 * time.Minute // a host that does not measure any more is deleted
	clockWrite = time.Second      // for one write
)

// NewClocks returns clocks in rdb, all under one key, measured by this host.
func NewClocks(rdb redis.UniversalClient, key, host string, now func() time.Time) *Clocks {
	return &Clocks{rdb: rdb, key: key, host: host, now: now}
}

// Observe measures by the Date of an answer. It does not wait for Redis: a measurement that is lost is soon repeated.
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
		if !c.isLatest(number) { // a later write has begun
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), clockWrite)
		defer cancel()
		_ = noteClock.Run(ctx, c.rdb, []string{c.key}, c.host, ahead.Milliseconds(), at.UnixMilli(), clockKept.Milliseconds(), RedisClock).Err()
	})
}

func (c *Clocks) isLatest(number int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latest == number
}

// measured keeps the smallest difference within a minute, since an answer may have been delayed on the way. number is
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

// Ahead returns how far our clock is ahead of the platform's at least, by one answer: its Date, in whole seconds, lies
// between the sending and the end of the answer. known is false where the answer shows nothing.
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
func LastClocks(ctx context.Context, rdb redis.UniversalClient, key string) ([]Clock, error) {
	fields, err := lastClocks.Run(ctx, rdb, []string{key}, clockKept.Milliseconds()).StringSlice()
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
			continue // written by another release
		}
		all = append(all, Clock{c.Host, time.Duration(c.Ahead) * time.Millisecond})
	}
	slices.SortFunc(all, func(a, b Clock) int { return cmp.Compare(a.Host, b.Host) })
	return all, nil
}

//go:embed lua/note_clock.lua
var noteClockText string

//go:embed lua/last_clocks.lua
var lastClocksText string

// The scripts are handed one key, and arguments in the order in which they name them on their first lines.
var (
	noteClock  = redis.NewScript(noteClockText)
	lastClocks = redis.NewScript(lastClocksText)
)
