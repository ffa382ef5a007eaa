package journal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/redisscript"
)

// UnservedOrganization is an organization that no worker is configured for any more, with delivery orders whose
// release began: nobody finishes them.
type UnservedOrganization struct {
	Organization string    `json:"organization_id"`
	Since        time.Time `json:"since"`    // when a worker last served it
	Released     int       `json:"released"` // delivery orders whose release began and that are not over
	Unsent       int       `json:"unsent"`   // of those, how many replacements were not sent: nobody ships them
}

// unservedAfter is for how long no worker may have served an organization until it counts as unserved. It allows for a
// restart with another configuration, worker by worker.
const unservedAfter = 2 * time.Minute

// servedKey is where all organizations stand that a worker ever served, by when it said so last. It is no
// organization's.
var servedKey = rediskey.Shared("served")

// NoteServed records that a worker serves these organizations now. Each worker calls it at an interval far below
// unservedAfter.
func (j *Journal) NoteServed(ctx context.Context, organizations []string) error {
	if err := noteServed.Run(ctx, j.rdb, redisscript.Keys{"served": servedKey}, redisscript.Args{"organizations": organizations}).Err(); err != nil {
		return fmt.Errorf("noting which organizations are served: %w", err)
	}
	return nil
}

// UnservedOrganizations returns the organizations that are not configured, that no worker serves, and that have
// released delivery orders. With atOnce it does not wait for unservedAfter.
func (j *Journal) UnservedOrganizations(ctx context.Context, configured []string, atOnce bool) ([]UnservedOrganization, error) {
	clock, err := j.rdb.Time(ctx).Result()
	if err != nil {
		return nil, fmt.Errorf("listing organizations that nobody serves: %w", err)
	}
	before := "+inf"
	if !atOnce {
		before = strconv.FormatInt(clock.Add(-unservedAfter).UnixMilli(), 10)
	}
	served, err := j.rdb.ZRangeByScoreWithScores(ctx, servedKey, &redis.ZRangeBy{Min: "-inf", Max: before}).Result()
	if err != nil {
		return nil, fmt.Errorf("listing organizations that nobody serves: %w", err)
	}
	unserved := []UnservedOrganization{}
	for _, z := range served {
		id, _ := z.Member.(string)
		if slices.Contains(configured, id) {
			continue
		}
		u := UnservedOrganization{Organization: id, Since: time.UnixMilli(int64(z.Score)).UTC()}
		if err := j.countReleased(ctx, &u); err != nil {
			return nil, err
		}
		if u.Released > 0 {
			unserved = append(unserved, u)
		}
	}
	return unserved, nil
}

// countReleased counts the open records of an organization whose release began.
func (j *Journal) countReleased(ctx context.Context, u *UnservedOrganization) error {
	k := keys(u.Organization)
	counted := map[string]bool{} // HSCAN and its like may return an entry twice
	for cursor := uint64(0); ; {
		pairs, next, err := j.rdb.HScan(ctx, k.open(), cursor, "", listPage).Result()
		if err != nil {
			return fmt.Errorf("counting what is released of %s: %w", u.Organization, err)
		}
		var ids []string
		for i := 1; i < len(pairs); i += 2 {
			if !counted[pairs[i]] {
				counted[pairs[i]] = true
				ids = append(ids, pairs[i])
			}
		}
		replies := make([]*redis.SliceCmd, len(ids))
		if _, err := j.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, id := range ids {
				replies[i] = p.HMGet(ctx, k.record(id), "version", "body")
			}
			return nil
		}); err != nil {
			return fmt.Errorf("counting what is released of %s: %w", u.Organization, err)
		}
		for _, reply := range replies {
			r := &Reassignment{}
			if _, err := decodeRecord(reply.Val(), r); err != nil || r.State.IsOver() {
				continue
			}
			switch r.Phase() {
			case ReleaseBegun, ReleaseConfirmed:
				u.Released++
				u.Unsent++
			case ReplacementSent, SentBeforeConfirmed:
				u.Released++
			case NotReleased, SentWithoutRelease:
			}
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}
