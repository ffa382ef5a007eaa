package notify

import (
	"context"
	"fmt"

	"happycolis-reassigner/worker/journal"
)

// Redis is full, and no longer, at these shares of its limit.
const (
	fullAt   = 0.80
	fullDone = 0.75
)

// memoryTopic tells that Redis fills up.
func memoryTopic() topic {
	return topic{key: "memory", shared: true, gather: (*Alerts).gatherMemory, news: condition{
		diff: func(n *diff) standing {
			share := n.memory.UsedShare()
			return standing{lasts: share >= fullAt, ended: share < fullDone}
		},
		text:    (*diff).fullText,
		endText: (*diff).notFullText,
	}}
}

func (a *Alerts) gatherMemory(ctx context.Context, v *snapshot) (err error) {
	if v.memory == (journal.RedisMemory{}) {
		v.memory, err = a.Journal.RedisMemory(ctx)
	}
	return err
}

// fullText says that Redis fills up.
func (n *diff) fullText() Message {
	return n.message(fmt.Sprintf("Redis has used %.0f%% of its memory", 100*n.memory.UsedShare()),
		fmt.Sprintf("%s of %s (maxmemory).", formatBytes(n.memory.Used), formatBytes(n.memory.Limit)),
		"When it is full webhooks cannot be kept, and the first one that is refused blocks the platform's queue.",
		"Give it more memory, or keep less: retention.incidents in the configuration. See what fills it: redis-cli --bigkeys")
}

func (n *diff) notFullText() Message {
	return n.message(fmt.Sprintf("Redis has room again: %.0f%% of its memory is used", 100*n.memory.UsedShare()),
		fmt.Sprintf("%s of %s (maxmemory).", formatBytes(n.memory.Used), formatBytes(n.memory.Limit)))
}
