package journal

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// One failure may be told more than once, on several roads and with other message ids; by their dates, its events are
// recognized as one.

// erroredFor is how long the date of an errored event is kept, and how much older than the newest one it may be.
const erroredFor = 48 * time.Hour

// NoteErrored records that an errored event with this date opened an incident, or joined one.
func (j *Journal) NoteErrored(ctx context.Context, organization, integration string, dated time.Time) error {
	key, ms := keys(organization).errored(integration), dated.UnixMilli()
	pipe := j.rdb.TxPipeline()
	pipe.ZAdd(ctx, key, redis.Z{Score: float64(ms), Member: strconv.FormatInt(ms, 10)})
	pipe.ZRemRangeByScore(ctx, key, "-inf", "("+strconv.FormatInt(ms-erroredFor.Milliseconds(), 10))
	pipe.Expire(ctx, key, erroredFor)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("noting an errored event: %w", err)
	}
	return nil
}

// WasErroredAround reports whether an errored event of an integration was noted whose date is at most within apart.
func (j *Journal) WasErroredAround(ctx context.Context, organization, integration string, dated time.Time, within time.Duration) (bool, error) {
	n, err := j.rdb.ZCount(ctx, keys(organization).errored(integration), strconv.FormatInt(dated.Add(-within).UnixMilli(), 10),
		strconv.FormatInt(dated.Add(within).UnixMilli(), 10)).Result()
	if err != nil {
		return false, fmt.Errorf("asking for errored events: %w", err)
	}
	return n > 0, nil
}
