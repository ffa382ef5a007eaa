package happycolis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// RateLimitStatus is what the platform said last of its own count: it counts by the minute (documented), and whatever
// else asks with the same credentials too.
type RateLimitStatus struct {
	Limit     int       `json:"limit"` // requests a minute; 0: it said nothing lately
	Remaining int       `json:"remaining"`
	At        time.Time `json:"at"`
}

// RateLimitStatuses keep the last allowance of each organization where all processes find it.
type RateLimitStatuses struct {
	rdb redis.UniversalClient
	key KeyOf
	now func() time.Time

	mu    sync.Mutex
	noted map[string]time.Time
}

const (
	statusKept         = time.Minute // then the platform counts anew
	statusEvery        = time.Second // between two writes
	statusWriteTimeout = time.Second // for one write
	allowanceName      = "rate:allowance"
)

// NewRateLimitStatuses returns allowances in rdb, under keys of key.
func NewRateLimitStatuses(rdb redis.UniversalClient, key KeyOf, now func() time.Time) *RateLimitStatuses {
	return &RateLimitStatuses{rdb: rdb, key: key, now: now, noted: map[string]time.Time{}}
}

// Observe notes what the platform said with an answer. It does not wait for Redis: what is lost is said again
// with the next answer.
func (a *RateLimitStatuses) Observe(c Call) {
	if c.Limit == 0 || !a.due(c.Organization) {
		return
	}
	body, err := json.Marshal(RateLimitStatus{Limit: c.Limit, Remaining: c.Remaining, At: a.now().UTC()})
	if err != nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), statusWriteTimeout)
		defer cancel()
		_ = a.rdb.Set(ctx, a.key(c.Organization, allowanceName), body, statusKept).Err()
	}()
}

func (a *RateLimitStatuses) due(organization string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.now(); now.Sub(a.noted[organization]) >= statusEvery {
		a.noted[organization] = now
		return true
	}
	return false
}

// Last returns what the platform said last; the zero Allowance if it said nothing within a minute.
func (a *RateLimitStatuses) Last(ctx context.Context, organization string) (RateLimitStatus, error) {
	body, err := a.rdb.Get(ctx, a.key(organization, allowanceName)).Bytes()
	if errors.Is(err, redis.Nil) {
		return RateLimitStatus{}, nil
	}
	var last RateLimitStatus
	if err == nil {
		err = json.Unmarshal(body, &last)
	}
	if err != nil {
		return RateLimitStatus{}, fmt.Errorf("reading the allowance of %s: %w", organization, err)
	}
	return last, nil
}
