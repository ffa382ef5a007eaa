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

// Allowance is what the platform said last of its own count: it counts by the minute (documented), and whatever
// else asks with the same credentials too.
type Allowance struct {
	Limit     int       `json:"limit"` // requests a minute; 0: it said nothing lately
	Remaining int       `json:"remaining"`
	At        time.Time `json:"at"`
}

// Allowances keep the last allowance of each organization where all processes find it.
type Allowances struct {
	rdb redis.UniversalClient
	now func() time.Time

	mu    sync.Mutex
	noted map[string]time.Time
}

const (
	allowanceKept  = time.Minute // then the platform counts anew
	allowanceEvery = time.Second // between two writes
	allowanceWrite = time.Second // for one write
)

// NewAllowances returns allowances in rdb.
func NewAllowances(rdb redis.UniversalClient, now func() time.Time) *Allowances {
	return &Allowances{rdb: rdb, now: now, noted: map[string]time.Time{}}
}

// Observe notes what the platform said with an answer. It does not wait for Redis: what is lost is said again
// with the next answer.
func (a *Allowances) Observe(c Call) {
	if c.Limit == 0 || !a.due(c.Organization) {
		return
	}
	body, err := json.Marshal(Allowance{Limit: c.Limit, Remaining: c.Remaining, At: a.now().UTC()})
	if err != nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), allowanceWrite)
		defer cancel()
		_ = a.rdb.Set(ctx, allowanceKey(c.Organization), body, allowanceKept).Err()
	}()
}

func (a *Allowances) due(organization string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.now(); now.Sub(a.noted[organization]) >= allowanceEvery {
		a.noted[organization] = now
		return true
	}
	return false
}

// Last returns what the platform said last; the zero Allowance if it said nothing within a minute.
func (a *Allowances) Last(ctx context.Context, organization string) (Allowance, error) {
	body, err := a.rdb.Get(ctx, allowanceKey(organization)).Bytes()
	if errors.Is(err, redis.Nil) {
		return Allowance{}, nil
	}
	var last Allowance
	if err == nil {
		err = json.Unmarshal(body, &last)
	}
	if err != nil {
		return Allowance{}, fmt.Errorf("reading the allowance of %s: %w", organization, err)
	}
	return last, nil
}

func allowanceKey(organization string) string {
	return "reassigner:{" + organization + "}:rate:allowance"
}
