package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// auditMost bounds the audit log of an organization; the oldest entries go first.
const auditMost = 100_000

// Audit is one action of a person: who did what to what, when and why.
type Audit struct {
	At     time.Time `json:"at"`
	User   string    `json:"user"`
	Verb   string    `json:"verb"`
	Target string    `json:"target"`
	Reason string    `json:"reason"`
	Result string    `json:"result"`
}

// Record appends to the audit log.
func (j *Journal) Record(ctx context.Context, organization string, a Audit) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("recording audit entry: %w", err)
	}
	err = j.rdb.XAdd(ctx, &redis.XAddArgs{Stream: keys(organization).audit(), MaxLen: auditMost, Approx: true,
		Values: []any{"entry", body}}).Err()
	if err != nil {
		return fmt.Errorf("recording audit entry: %w", err)
	}
	return nil
}

// Audited returns the latest entries of the audit log, newest first, at most most.
func (j *Journal) Audited(ctx context.Context, organization string, most int64) ([]Audit, error) {
	messages, err := j.rdb.XRevRangeN(ctx, keys(organization).audit(), "+", "-", most).Result()
	if err != nil {
		return nil, fmt.Errorf("reading audit log: %w", err)
	}
	var entries []Audit
	for _, m := range messages {
		var a Audit
		body, _ := m.Values["entry"].(string)
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			return nil, fmt.Errorf("reading audit log: %w", err)
		}
		entries = append(entries, a)
	}
	return entries, nil
}
