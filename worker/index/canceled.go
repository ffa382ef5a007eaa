package index

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// Canceled is what was ever shown of the CANCELED events in the log of a delivery order: the largest number seen at
// one time, and the latest of their dates, by the clock of that log. It only grows: a log may lose an event when a
// cancellation is rejected (assumed), and the same event shown again must not look like a new one.
type Canceled struct {
	Number   int
	Last     time.Time // zero: none has a date
	Recorded bool      // returned by Get: a webhook showed one; our own reads do not count
}

// AddEvent counts an event of the log if it is a CANCELED one.
func (c *Canceled) AddEvent(event string, date time.Time) {
	if event != "CANCELED" {
		return
	}
	c.Number++
	if date = date.UTC().Truncate(time.Millisecond); date.After(c.Last) { // stored dates have milliseconds only
		c.Last = date
	}
}

// queueCanceled adds what an entry shows of CANCELED events to a round trip; most entries show none.
func queueCanceled(ctx context.Context, p redis.Pipeliner, entry string, c Canceled, byWebhook bool) {
	if c.Number == 0 {
		return
	}
	last := ""
	if !c.Last.IsZero() {
		last = strconv.FormatInt(c.Last.UnixMilli(), 10)
	}
	noteCanceled.Eval(ctx, p, redisscript.Keys{"entry": entry}, redisscript.Args{"number": c.Number, "last_ms": last, "by_webhook": byWebhook})
}

func decodeCanceled(number, last, told any) Canceled {
	text, _ := number.(string)
	n, err := strconv.Atoi(text)
	if err != nil {
		return Canceled{}
	}
	return Canceled{Number: n, Last: decodeMillis(last), Recorded: told != nil}
}
