package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// maxAudit bounds the audit log of an organization; the oldest entries go first.
const maxAudit = 100_000

// AuditEntry is one action of an operator: who did what to what, when and why.
type AuditEntry struct {
	At     time.Time `json:"at"`
	User   string    `json:"user"`
	Verb   string    `json:"verb"`
	Target string    `json:"target"`
	Reason string    `json:"reason"`
	Result string    `json:"result"`
}

// RecordAudit appends an entry to the audit log of an organization, and drops the oldest beyond maxAudit. It is not
// idempotent: each call is an entry.
func (j *Journal) RecordAudit(ctx context.Context, organization string, a AuditEntry) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("recording audit entry: %w", err)
	}
	err = j.rdb.XAdd(ctx, &redis.XAddArgs{Stream: keys(organization).audit(), MaxLen: maxAudit, Approx: true,
		Values: []any{"entry", body}}).Err()
	if err != nil {
		return fmt.Errorf("recording audit entry: %w", err)
	}
	return nil
}

// AuditEntries returns the latest entries of the audit log, newest first, at most most.
func (j *Journal) AuditEntries(ctx context.Context, organization string, most int64) ([]AuditEntry, error) {
	messages, err := j.rdb.XRevRangeN(ctx, keys(organization).audit(), "+", "-", most).Result()
	if err != nil {
		return nil, fmt.Errorf("reading audit log: %w", err)
	}
	var entries []AuditEntry
	for _, m := range messages {
		var a AuditEntry
		body, _ := m.Values["entry"].(string)
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			return nil, fmt.Errorf("reading audit log: %w", err)
		}
		entries = append(entries, a)
	}
	return entries, nil
}
