package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// A target that fails is tried again after these.
const (
	retryFirst = 10 * time.Second
	retryMost  = 5 * time.Minute
)

// speaker tells one target.
type speaker struct {
	Target
	a     *Alerts
	store store
	busy  atomic.Bool // one at a time

	state TargetState
	next  time.Time // not before
}

// TargetState is how a target does, as people see it.
type TargetState struct {
	Name         string     `json:"name"`
	Service      string     `json:"service"`
	SentAt       *time.Time `json:"sent_at"`       // the last message that arrived; null: none yet
	FailingSince *time.Time `json:"failing_since"` // null: it does not fail
	Failures     int        `json:"failures"`      // in a row
	Error        string     `json:"error"`         // the last one; ""
}

// tell sends what is news to this target, until the first failure.
func (s *speaker) tell(ctx context.Context, seen []view) {
	for _, v := range seen {
		if err := s.tellOf(ctx, v); err != nil {
			var f Failure
			if !errors.As(err, &f) && ctx.Err() == nil {
				s.a.Log.WarnContext(ctx, "alerts could not be told this time", "target", s.Name, "error", err)
			}
			return
		}
	}
}

func (s *speaker) tellOf(ctx context.Context, v view) error {
	if !v.whole {
		return nil
	}
	known, err := s.store.load(ctx, v.organization)
	if err != nil {
		return err
	}
	noted, due := v.news(known, s.a.Settings)
	if err := s.store.save(ctx, v.organization, noted); err != nil {
		return err
	}
	for _, n := range due {
		if s.a.Now().Before(s.next) {
			return nil // it is spared for a while; what is news then is told then
		}
		err := s.Send(ctx, n.Message)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.record(ctx, err)
		if err != nil {
			return err
		}
		if err := s.store.save(ctx, v.organization, n.then); err != nil {
			return err
		}
	}
	return nil
}

// record keeps how the target does, for the desk, and says so in the log.
func (s *speaker) record(ctx context.Context, err error) {
	if s.a.Observe != nil {
		s.a.Observe(s.Name, err)
	}
	now := s.a.Now().UTC().Truncate(time.Second)
	was := s.state
	s.state = TargetState{Name: s.Name, Service: s.Service, SentAt: was.SentAt}
	if err == nil {
		s.state.SentAt, s.next = &now, time.Time{}
		if was.Failures > 0 {
			s.a.Log.InfoContext(ctx, "alerts arrive again", "target", s.Name, "service", s.Service)
		}
	} else {
		s.state.FailingSince, s.state.Failures, s.state.Error = was.FailingSince, was.Failures+1, asFailure(err).Error()
		if s.state.FailingSince == nil {
			s.state.FailingSince = &now
		}
		s.next = now.Add(min(retryFirst<<min(was.Failures, 10), retryMost))
		s.a.Log.WarnContext(ctx, "an alert could not be sent; it is tried again", "target", s.Name, "service", s.Service,
			"why", s.state.Error, "failing_since", *s.state.FailingSince, "failures", s.state.Failures)
	}
	body, err := json.Marshal(s.state)
	if err == nil {
		err = s.a.Redis.HSet(ctx, key("", "targets"), strconv.Itoa(s.store.position), body).Err()
	}
	if err != nil && ctx.Err() == nil {
		s.a.Log.WarnContext(ctx, "the state of a target was not kept", "target", s.Name, "error", err)
	}
}

// asFailure keeps nothing of an error that is not one of our words.
func asFailure(err error) Failure {
	var f Failure
	if errors.As(err, &f) {
		return f
	}
	return Failed
}

// States returns how each target does, whichever process speaks.
func States(ctx context.Context, rdb redis.UniversalClient, targets []Target) ([]TargetState, error) {
	fields, err := rdb.HGetAll(ctx, key("", "targets")).Result()
	if err != nil {
		return nil, fmt.Errorf("reading how the targets of alerts do: %w", err)
	}
	states := make([]TargetState, 0, len(targets))
	for i, t := range targets {
		state := TargetState{}
		if json.Unmarshal([]byte(fields[strconv.Itoa(i)]), &state) != nil || state.Service != t.Service {
			state = TargetState{} // another target stood there
		}
		state.Name, state.Service = t.Name, t.Service
		states = append(states, state)
	}
	return states, nil
}
