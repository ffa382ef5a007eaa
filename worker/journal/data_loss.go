package journal

import (
	"context"
	"fmt"
	"time"
)

// Now returns the time by the clock of Redis, which all workers share, in UTC.
func (j *Journal) Now(ctx context.Context) (time.Time, error) {
	at, err := j.rdb.Time(ctx).Result()
	if err != nil {
		return time.Time{}, fmt.Errorf("asking Redis for its time: %w", err)
	}
	return at.UTC(), nil
}

// Generation returns when this Redis first stored anything for an organization. The first call sets it, to at. A
// worker that gets another answer than before knows that the journal was lost in between.
func (j *Journal) Generation(ctx context.Context, organization string, at time.Time) (string, error) {
	k := keys(organization).generation()
	if err := j.rdb.SetNX(ctx, k, at.UTC().Format(time.RFC3339Nano), 0).Err(); err != nil {
		return "", fmt.Errorf("asking how old the journal is: %w", err)
	}
	born, err := j.rdb.Get(ctx, k).Result()
	if err != nil {
		return "", fmt.Errorf("asking how old the journal is: %w", err)
	}
	return born, nil
}

// MarkDataLoss records that the journal of an organization was lost: what was in progress before is not known.
func (j *Journal) MarkDataLoss(ctx context.Context, organization string, at time.Time) error {
	if err := j.rdb.Set(ctx, keys(organization).dataLoss(), at.UnixMilli(), 0).Err(); err != nil {
		return fmt.Errorf("noting that the journal was lost: %w", err)
	}
	return nil
}

// DataLossAt returns when the loss of an organization's journal was last noticed; zero if it never was.
func (j *Journal) DataLossAt(ctx context.Context, organization string) (time.Time, error) {
	text, err := orEmpty(j.rdb.Get(ctx, keys(organization).dataLoss()).Result())
	if err != nil || text == "" {
		return time.Time{}, err
	}
	var ms int64
	if _, err := fmt.Sscan(text, &ms); err != nil {
		return time.Time{}, fmt.Errorf("reading when the journal was lost: %w", err)
	}
	return time.UnixMilli(ms).UTC(), nil
}
