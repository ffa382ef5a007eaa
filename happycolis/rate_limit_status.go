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

// RateLimitStatus is the platform's own count of requests, from its last answer: it counts per minute (documented),
// and includes whatever else uses the same credentials.
type RateLimitStatus struct {
	Limit     int       `json:"limit"` // requests a minute; 0: not known
	Remaining int       `json:"remaining"`
	At        time.Time `json:"at"`
}

// RateLimitStatuses stores the last RateLimitStatus of each organization, in Redis for all processes.
type RateLimitStatuses struct {
	rdb redis.UniversalClient
	key KeyOf
	now func() time.Time

	mu    sync.Mutex
	noted map[string]time.Time
}

const (
	statusKept         = time.Minute // then the platform begins a new count
	statusEvery        = time.Second // between two writes
	statusWriteTimeout = time.Second // for one write
	allowanceName      = "rate:allowance"
)

// NewRateLimitStatuses returns allowances in rdb, under keys of key.
func NewRateLimitStatuses(rdb redis.UniversalClient, key KeyOf, now func() time.Time) *RateLimitStatuses {
	return &RateLimitStatuses{rdb: rdb, key: key, now: now, noted: map[string]time.Time{}}
}

// Observe stores the count in an answer. It does not wait for Redis: the next answer has it again.
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

// Last returns the last count; the zero value if there was none within a minute.
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
