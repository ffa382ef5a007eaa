package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
)

// A target that fails is tried again after these.
const (
	firstRetry = 10 * time.Second
	maxRetry   = 5 * time.Minute
)

// notifier tells one target.
type notifier struct {
	Target
	a    *Alerts
	log  notificationLog
	busy atomic.Bool // one at a time

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

// send sends what is news to this target, until the first failure.
func (s *notifier) send(ctx context.Context, seen []snapshot) {
	for _, v := range seen {
		if err := s.sendTopic(ctx, v); err != nil {
			var f Failure
			if !errors.As(err, &f) && ctx.Err() == nil {
				s.a.Log.WarnContext(ctx, "alert not delivered; retried", "target", s.Name, "error", err)
			}
			return
		}
	}
}

func (s *notifier) sendTopic(ctx context.Context, v snapshot) error {
	if !v.complete || !s.IsToldOf(v.organization) {
		return nil
	}
	known, err := s.log.load(ctx, v.organization)
	if err != nil {
		return err
	}
	noted, due := v.dueNotifications(known, s.a.Settings)
	if err := s.log.save(ctx, v.organization, noted); err != nil {
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
		s.recordResult(ctx, err)
		if err != nil {
			return err
		}
		if err := s.log.save(ctx, v.organization, n.onSent); err != nil {
			return err
		}
	}
	return nil
}

// recordResult keeps how the target does, for the admin server, and says so in the log.
func (s *notifier) recordResult(ctx context.Context, err error) {
	if s.a.OnSend != nil {
		s.a.OnSend(s.Name, err)
	}
	now := s.a.Now().UTC().Truncate(time.Second)
	was := s.state
	s.state = TargetState{Name: s.Name, Service: s.Service, SentAt: was.SentAt}
	if err == nil {
		s.state.SentAt, s.next = &now, time.Time{}
		if was.Failures > 0 {
			s.a.Log.InfoContext(ctx, "alert target is reachable again", "target", s.Name, "service", s.Service)
		}
	} else {
		s.state.FailingSince, s.state.Failures, s.state.Error = was.FailingSince, was.Failures+1, failureFrom(err).Error()
		if s.state.FailingSince == nil {
			s.state.FailingSince = &now
		}
		s.next = now.Add(min(firstRetry<<min(was.Failures, 10), maxRetry))
		s.a.Log.WarnContext(ctx, "alert could not be sent; will retry", "target", s.Name, "service", s.Service,
			"why", s.state.Error, "failing_since", *s.state.FailingSince, "failures", s.state.Failures)
	}
	body, err := json.Marshal(s.state)
	if err == nil {
		err = s.a.Redis.HSet(ctx, rediskey.Shared("targets"), strconv.Itoa(s.log.position), body).Err()
	}
	if err != nil && ctx.Err() == nil {
		s.a.Log.WarnContext(ctx, "saving the state of an alert target failed", "target", s.Name, "error", err)
	}
}

// failureFrom keeps nothing of an error that is not one of our words.
func failureFrom(err error) Failure {
	var f Failure
	if errors.As(err, &f) {
		return f
	}
	return Failed
}

// TargetStates returns how each target does, whichever process speaks.
func TargetStates(ctx context.Context, rdb redis.UniversalClient, targets []Target) ([]TargetState, error) {
	fields, err := rdb.HGetAll(ctx, rediskey.Shared("targets")).Result()
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
