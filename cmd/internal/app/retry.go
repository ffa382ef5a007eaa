package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// How long a client of PatientRedis waits out an outage of Redis.
const (
	retryMost       = time.Minute
	retryFirstPause = 8 * time.Millisecond // doubles
	retryPauseMost  = time.Second
)

// retryHook makes a client wait out an outage. The library's own retries cannot: it also repeats the handshake of a
// new connection, on that same connection, so a connection that breaks in its handshake would block its user for the
// whole allowed time.
type retryHook struct{}

// DialHook implements redis.Hook.
func (retryHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (retryHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if isHandshake(cmd) {
			return next(ctx, cmd)
		}
		return retry(ctx, func() error {
			cmd.SetErr(nil)
			return next(ctx, cmd)
		})
	}
}

// ProcessPipelineHook implements redis.Hook.
func (retryHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if slices.ContainsFunc(cmds, isHandshake) {
			return next(ctx, cmds)
		}
		return retry(ctx, func() error {
			for _, cmd := range cmds {
				cmd.SetErr(nil)
			}
			return next(ctx, cmds)
		})
	}
}

// isHandshake reports whether a command belongs to the handshake of a new connection.
func isHandshake(cmd redis.Cmder) bool {
	switch cmd.Name() {
	case "hello", "auth", "select", "readonly", "client":
		return true
	}
	return false
}

// retry calls try again while Redis is away.
func retry(ctx context.Context, try func() error) error {
	pause := retryFirstPause
	for end := time.Now().Add(retryMost); ; pause = min(2*pause, retryPauseMost) {
		err := try()
		if !isUnavailable(err) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// isUnavailable reports whether a command failed because Redis is away or not ready: it restarts, or a replica takes
// over.
func isUnavailable(err error) bool {
	if err == nil || errors.Is(err, redis.ErrClosed) || errors.Is(err, context.Canceled) {
		return false
	}
	var said redis.Error
	if !errors.As(err, &said) {
		return true
	}
	for _, not := range []string{"LOADING", "READONLY", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN"} {
		if redis.HasErrorPrefix(err, not) {
			return true
		}
	}
	return false
}
