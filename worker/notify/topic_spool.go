package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/wording"
)

// spoolTopic tells that a receiver could keep no event if Redis went away. While Redis is away the receiver itself sends
// this message, since what was told is remembered there.
func spoolTopic() topic {
	return topic{key: "spool", shared: true, gather: (*Alerts).gatherSpoolFailures, news: condition{
		diff:    func(n *diff) standing { return lastsWhile(len(n.spoolFailures) > 0) },
		text:    func(n *diff) Message { return SpoolMessage(n.spoolFailures) },
		endText: fixedText("Every receiver can keep events again while Redis is away"),
	}}
}

// SpoolFailure says that a receiver can keep no event on disk.
type SpoolFailure struct {
	Process string    `json:"-"`
	Why     string    `json:"why"`
	At      time.Time `json:"at"` // it was seen last
}

// spoolFailureKept is how long a failure counts after it was seen last: who notes it every few seconds may have ended.
const spoolFailureKept = 2 * time.Minute

// NoteSpool notes why the spool of a process can keep no event, or, with "", that it can.
func NoteSpool(ctx context.Context, rdb redis.UniversalClient, process, why string, at time.Time) error {
	key := rediskey.Shared("spool_failures")
	if why == "" {
		return rdb.HDel(ctx, key, process).Err()
	}
	body, err := json.Marshal(SpoolFailure{Why: why, At: at.UTC()})
	if err != nil {
		return fmt.Errorf("noting a failure of the spool: %w", err)
	}
	_, err = rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, key, process, body)
		p.Expire(ctx, key, notifiedKept)
		return nil
	})
	return err
}

func (a *Alerts) gatherSpoolFailures(ctx context.Context, v *snapshot) error {
	fields, err := a.Redis.HGetAll(ctx, rediskey.Shared("spool_failures")).Result()
	if err != nil {
		return fmt.Errorf("reading what spools do: %w", err)
	}
	for process, body := range fields {
		f := SpoolFailure{}
		if json.Unmarshal([]byte(body), &f) != nil || v.at.Sub(f.At) > spoolFailureKept {
			continue
		}
		f.Process = process
		v.spoolFailures = append(v.spoolFailures, f)
	}
	slices.SortFunc(v.spoolFailures, func(a, b SpoolFailure) int { return cmp.Compare(a.Process, b.Process) })
	return nil
}

// SpoolMessage says which receivers can keep no event.
func SpoolMessage(failures []SpoolFailure) Message {
	var lines []string
	for _, f := range failures[:min(len(failures), maxLines)] {
		lines = append(lines, "- "+f.Process+": "+f.Why)
	}
	m := snapshot{}.message("URGENT: "+wording.Count(len(failures), "receiver can keep no event", "receivers can keep no event")+" on disk",
		strings.Join(lines, "\n"),
		"While Redis is away they refuse webhooks, and HappyColis stops its queue at the first refused one, until somebody unblocks it by hand.",
		"Make room, or make the folder writable for the user of the worker: spool.dir and spool.max_bytes in the configuration. It is used again as soon as it can be; nothing has to be restarted.")
	m.Urgent = true
	return m
}
