package index

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Canceled is what was ever shown of the CANCELED events in the log of a delivery order: how many at one time, and the
// latest of their dates, by the clock of that log. It only grows: a log may lose an event when a cancellation is rejected
// (assumed), and what was once shown is no news when it is shown again.
type Canceled struct {
	Number   int
	Last     time.Time // zero: none has a date
	Recorded bool      // got: a webhook showed one; reads of ours do not count
}

// AddEvent counts an event of the log if it is a CANCELED one.
func (c *Canceled) AddEvent(event string, date time.Time) {
	if event != "CANCELED" {
		return
	}
	c.Number++
	if date = date.UTC().Truncate(time.Millisecond); date.After(c.Last) { // what is stored has no more than that
		c.Last = date
	}
}

// noteCanceled keeps the most and the latest. KEYS entry; ARGV number last_ms(” none).
var noteCanceled = redis.NewScript(`
local number, last = unpack(redis.call('HMGET', KEYS[1], 'canceled_number', 'canceled_last'))
if not number or tonumber(number) < tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'canceled_number', ARGV[1]) end
if ARGV[2] ~= '' and (not last or tonumber(last) < tonumber(ARGV[2])) then redis.call('HSET', KEYS[1], 'canceled_last', ARGV[2]) end
if ARGV[3] == '1' then redis.call('HSET', KEYS[1], 'canceled_told', 1) end
return 1
`)

// queueCanceled adds what an entry shows of CANCELED events to a round trip; most entries show none.
func queueCanceled(ctx context.Context, p redis.Pipeliner, entry string, c Canceled, byWebhook bool) {
	if c.Number == 0 {
		return
	}
	last := ""
	if !c.Last.IsZero() {
		last = strconv.FormatInt(c.Last.UnixMilli(), 10)
	}
	told := "0"
	if byWebhook {
		told = "1"
	}
	noteCanceled.Eval(ctx, p, []string{entry}, c.Number, last, told)
}

func decodeCanceled(number, last, told any) Canceled {
	text, _ := number.(string)
	n, err := strconv.Atoi(text)
	if err != nil {
		return Canceled{}
	}
	return Canceled{Number: n, Last: decodeMillis(last), Recorded: told != nil}
}
