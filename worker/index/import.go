package index

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// importKept is how long a half-done import can be resumed.
const importKept = 7 * 24 * time.Hour

// Imported returns how many lines of a list were imported already; the list is named by a digest of
// its content.
func (x *Index) Imported(ctx context.Context, organization, list string) (int, error) {
	n, err := x.rdb.Get(ctx, keys(organization).imported(list)).Int()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("reading import: %w", err)
	}
	return n, nil
}

// Advance notes that the first lines of a list are imported.
func (x *Index) Advance(ctx context.Context, organization, list string, lines int) error {
	return wrap("noting import", x.rdb.Set(ctx, keys(organization).imported(list), lines, importKept).Err())
}

// FinishImport notes that a whole list was imported: from now on the index counts as complete.
func (x *Index) FinishImport(ctx context.Context, organization string, at time.Time) error {
	k := keys(organization)
	pipe := x.rdb.Pipeline()
	pipe.HSet(ctx, k.meta(), "imported", at.UnixMilli())
	pipe.HSetNX(ctx, k.meta(), "since", at.UnixMilli())
	_, err := pipe.Exec(ctx)
	return wrap("noting import", err)
}

// Skip counts lines of a list that the platform would not show, over all its chunks; the first chunk (from
// line 0) counts anew. It returns how many there are.
func (x *Index) Skip(ctx context.Context, organization, list string, from, lines int) (int, error) {
	k := keys(organization).imported(list) + ":skipped"
	pipe := x.rdb.TxPipeline()
	if from == 0 {
		pipe.Del(ctx, k)
	}
	sum := pipe.IncrBy(ctx, k, int64(lines))
	pipe.Expire(ctx, k, importKept)
	_, err := pipe.Exec(ctx)
	return int(sum.Val()), wrap("noting import", err)
}
