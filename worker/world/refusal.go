package world

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
)

// Refusal is one request to Redis, of those that tasks make, that is refused.
type Refusal struct {
	Nth int // from 1; 0: none is refused, they are only listed

	Commands []string        // the requests up to it: the kind of the task, and the command without ids
	Task     tasks.Message   // the one that met it; nil: none
	Outcome  *worker.Outcome // of that run; nil: it died over it
}

// noteOutcome notes how the run ended that met the refusal.
func (r *Refusal) noteOutcome(out worker.Outcome) {
	if r != nil && r.Task != nil && r.Outcome == nil {
		r.Outcome = &out
	}
}

// ErrRefused is what a worker is told of the request that is refused.
var ErrRefused = errors.New("LOADING Redis is loading the dataset in memory")

// refusingRedisHook is the way to Redis on which a request of a task may be refused.
type refusingRedisHook struct{ w *World }

func (h refusingRedisHook) shouldRefuse(cmds ...redis.Cmder) bool {
	r := h.w.Refusal
	if r == nil || h.w.running == nil || r.Task != nil {
		return false
	}
	if name := cmds[0].Name(); name == "hello" || name == "client" { // how a connection begins is the client's business
		return false
	}
	r.Commands = append(r.Commands, string(h.w.running.Kind())+" "+commandShape(cmds[0]))
	if len(r.Commands) == r.Nth {
		r.Task = h.w.running
	}
	return len(r.Commands) == r.Nth
}

// commandShape is a command with the kinds of its first key.
func commandShape(cmd redis.Cmder) string {
	var text strings.Builder
	text.WriteString(cmd.Name())
	args := cmd.Args()
	for _, a := range args[1:min(len(args), 4)] {
		key, _ := a.(string)
		if _, rest, ok := strings.Cut(key, "}:"); ok {
			kind, _, _ := strings.Cut(rest, ":")
			text.WriteString(" " + kind)
		} else if len(key) == 40 && !strings.Contains(key, " ") { // a script, by its sum
			text.WriteString(" " + key[:8])
		}
	}
	return text.String()
}

// DialHook implements redis.Hook.
func (refusingRedisHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (h refusingRedisHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if h.shouldRefuse(cmd) {
			cmd.SetErr(ErrRefused)
			return ErrRefused
		}
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements redis.Hook.
func (h refusingRedisHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if h.shouldRefuse(cmds...) {
			for _, c := range cmds {
				c.SetErr(ErrRefused)
			}
			return ErrRefused
		}
		return next(ctx, cmds)
	}
}
