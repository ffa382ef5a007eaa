package world

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
)

// Refusal makes Redis refuse one of the requests that tasks send to it.
type Refusal struct {
	Nth int // which of them, from 1; 0: none, they are only listed

	Commands []string        // the requests so far: the kind of the task, and the command without ids
	Task     tasks.Message   // the task that met the refusal; nil: none
	Outcome  *worker.Outcome // the outcome of that run; nil: the worker died in it
}

// noteOutcome stores the outcome of the run that met the refusal.
func (r *Refusal) noteOutcome(out worker.Outcome) {
	if r != nil && r.Task != nil && r.Outcome == nil {
		r.Outcome = &out
	}
}

// ErrRefused is the error of the refused request, in the words of a Redis that is starting.
var ErrRefused = errors.New("LOADING Redis is loading the dataset in memory")

// refusingRedisHook refuses a request of a task, as the world's Refusal says.
type refusingRedisHook struct{ w *World }

func (h refusingRedisHook) shouldRefuse(cmds ...redis.Cmder) bool {
	r := h.w.Refusal
	if r == nil || h.w.running == nil || r.Task != nil {
		return false
	}
	if name := cmds[0].Name(); name == "hello" || name == "client" { // commands that the client itself sends on a new connection
		return false
	}
	r.Commands = append(r.Commands, string(h.w.running.Kind())+" "+commandShape(cmds[0]))
	if len(r.Commands) == r.Nth {
		r.Task = h.w.running
	}
	return len(r.Commands) == r.Nth
}

// commandShape is a command with the kind of its first key, without ids.
func commandShape(cmd redis.Cmder) string {
	var text strings.Builder
	text.WriteString(cmd.Name())
	args := cmd.Args()
	for _, a := range args[1:min(len(args), 4)] {
		key, _ := a.(string)
		if _, rest, ok := strings.Cut(key, "}:"); ok {
			kind, _, _ := strings.Cut(rest, ":")
			text.WriteString(" " + kind)
		} else if len(key) == 40 && !strings.Contains(key, " ") { // a script, by its SHA-1
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
