package app

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"
)

// memoryUsageHook answers asynq's question how much memory a queue takes with 0 where Redis refuses MEMORY USAGE, as
// managed services do. asynq asks it whenever it is asked about a queue, and fails with the refusal; then metrics, doctor
// and the web UI would know nothing of any queue.
type memoryUsageHook struct{}

// DialHook implements redis.Hook.
func (memoryUsageHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements redis.Hook; asynq sends the question by itself.
func (memoryUsageHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements redis.Hook.
func (memoryUsageHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		var refused redis.Error
		if err == nil || !errors.As(err, &refused) || redis.HasErrorPrefix(err, "NOSCRIPT") || !asksMemoryUsage(cmd) {
			return err
		}
		answer, ok := cmd.(*redis.Cmd)
		if !ok {
			return err
		}
		answer.SetErr(nil)
		answer.SetVal(int64(0))
		return nil
	}
}

// asksMemoryUsage recognizes asynq's script by its keys, since it may be sent by its hash: the ids of a queue in six
// states, and its groups.
func asksMemoryUsage(cmd redis.Cmder) bool {
	args := cmd.Args()
	const keys, firstKey = 7, 3 // EVALSHA hash 7 key key ...
	if name := cmd.Name(); name != "eval" && name != "evalsha" || len(args) < firstKey+keys || args[2] != keys {
		return false
	}
	first, _ := args[firstKey].(string)
	last, _ := args[firstKey+keys-1].(string)
	queue, ok := strings.CutSuffix(first, ":active")
	return ok && strings.HasPrefix(queue, "asynq:") && last == queue+":groups"
}
