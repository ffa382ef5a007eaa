package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// importKept is how long an import that was not finished can be resumed.
const importKept = 7 * 24 * time.Hour

// ImportProgress returns how many lines of a list were imported already; list is a digest of its content, which
// identifies it.
func (x *Index) ImportProgress(ctx context.Context, organization, list string) (int, error) {
	n, err := x.rdb.Get(ctx, keys(organization).imported(list)).Int()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("reading import: %w", err)
	}
	return n, nil
}

// RecordProgress stores that the first lines of a list are imported.
func (x *Index) RecordProgress(ctx context.Context, organization, list string, lines int) error {
	return wrapError("noting import", x.rdb.Set(ctx, keys(organization).imported(list), lines, importKept).Err())
}

// FinishImport records that a whole list was imported: the index counts as complete from now on. A time that is in the
// future counts as now, so that a host whose clock is ahead does not hide gaps after the import.
func (x *Index) FinishImport(ctx context.Context, organization string, at time.Time) error {
	return wrapError("noting import", finishImport.Run(ctx, x.rdb, redisscript.Keys{"meta": keys(organization).meta()},
		redisscript.Args{"at_ms": dateText(at)}).Err())
}

// ImportResult is what came of lines of a list that were asked for.
type ImportResult struct {
	FromStart bool  // the list is imported from its first line again: former results are deleted
	Lines     []int // numbers of the lines that were read, from 0
	Failed    []int // of these: the read failed for a reason that may be temporary
	Skipped   int   // how many of these the platform does not show
}

// RecordResult stores the result for lines of a list. It returns how many of the whole list failed, and how many were
// skipped.
func (x *Index) RecordResult(ctx context.Context, organization, list string, a ImportResult) (failed, skipped int, err error) {
	k := keys(organization).imported(list)
	pipe := x.rdb.TxPipeline()
	if a.FromStart {
		pipe.Del(ctx, k+skippedSuffix, k+failedSuffix)
	}
	sum := pipe.IncrBy(ctx, k+skippedSuffix, int64(a.Skipped))
	pipe.Expire(ctx, k+skippedSuffix, importKept)
	if len(a.Lines) > 0 {
		pipe.SRem(ctx, k+failedSuffix, lineMembers(a.Lines)...)
	}
	if len(a.Failed) > 0 {
		pipe.SAdd(ctx, k+failedSuffix, lineMembers(a.Failed)...)
		pipe.Expire(ctx, k+failedSuffix, importKept)
	}
	count := pipe.SCard(ctx, k+failedSuffix)
	_, err = pipe.Exec(ctx)
	return int(count.Val()), int(sum.Val()), wrapError("noting import", err)
}

// FailedLines returns the numbers, from 0 and ascending, of the lines of a list whose last read failed.
func (x *Index) FailedLines(ctx context.Context, organization, list string) ([]int, error) {
	texts, err := x.rdb.SMembers(ctx, keys(organization).imported(list)+failedSuffix).Result()
	if err != nil {
		return nil, fmt.Errorf("reading import: %w", err)
	}
	lines := make([]int, 0, len(texts))
	for _, text := range texts {
		line, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("reading import: %w", err)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines, nil
}

const (
	skippedSuffix = ":skipped"
	failedSuffix  = ":failed"
)

func lineMembers(lines []int) []any {
	all := make([]any, len(lines))
	for i, line := range lines {
		all[i] = line
	}
	return all
}
