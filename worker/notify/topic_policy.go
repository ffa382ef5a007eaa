package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
)

// policyTopic tells that the policy that is in force is not the one in the file.
func policyTopic() topic {
	return topic{key: "policy", shared: true, gather: (*Alerts).gatherRefusedPolicy, news: condition{
		diff:    func(n *diff) standing { return lastsWhile(!n.policyRefusedAt.IsZero()) },
		text:    (*diff).refusedText,
		endText: fixedText("The policy was reloaded: what the file says is in force"),
	}}
}

// PolicyRefused notes that a reload of the policies was refused, or, with a zero time, that one was accepted.
func PolicyRefused(ctx context.Context, rdb redis.UniversalClient, at time.Time) error {
	k := rediskey.Shared("policy_refused")
	if at.IsZero() {
		return rdb.Del(ctx, k).Err()
	}
	return rdb.Set(ctx, k, at.UnixMilli(), 0).Err()
}

func (a *Alerts) gatherRefusedPolicy(ctx context.Context, v *snapshot) error {
	ms, err := a.Redis.Get(ctx, rediskey.Shared("policy_refused")).Int64()
	switch {
	case errors.Is(err, redis.Nil):
		return nil
	case err != nil:
		return fmt.Errorf("reading whether a policy was refused: %w", err)
	}
	v.policyRefusedAt = time.UnixMilli(ms).UTC()
	return nil
}

func (n *diff) refusedText() Message {
	return n.message("A changed policy was refused: the former one stays in force",
		"The reload of "+n.localTime(n.policyRefusedAt)+" found mistakes.",
		"See all of them: reassigner config check FILE",
		"Then reload it: SIGHUP to the worker")
}
