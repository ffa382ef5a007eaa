package redistest

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// ErrRefused is what a client is told of a request that Redis refuses.
var ErrRefused = errors.New("LOADING Redis is loading the dataset in memory")

// RefusingHook is a hook of a client. The requests with the numbers From to To are refused, a pipeline as one; they are
// counted from 1 since the hook was added.
type RefusingHook struct {
	From, To int64
	count    atomic.Int64
}

// HasRefused reports whether it came to a refusal.
func (r *RefusingHook) HasRefused() bool { return r.count.Load() >= r.From }

// shouldRefuse counts a request. How a connection begins is the client's business.
func (r *RefusingHook) shouldRefuse(cmds ...redis.Cmder) bool {
	if name := cmds[0].Name(); name == "hello" || name == "client" {
		return false
	}
	n := r.count.Add(1)
	return r.From <= n && n <= r.To
}

// DialHook is of redis.Hook.
func (r *RefusingHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook is of redis.Hook.
func (r *RefusingHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if r.shouldRefuse(cmd) {
			cmd.SetErr(ErrRefused)
			return ErrRefused
		}
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook is of redis.Hook.
func (r *RefusingHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if r.shouldRefuse(cmds...) {
			for _, c := range cmds {
				c.SetErr(ErrRefused)
			}
			return ErrRefused
		}
		return next(ctx, cmds)
	}
}
