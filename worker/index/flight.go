package index

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// InFlight returns a page of the delivery orders known to be in flight at a location, HIGH priority
// first, and the cursor of the next page ("" after the last). The first cursor is "".
func (x *Index) InFlight(ctx context.Context, organization, location, cursor string, page int) (ids []string, next string, err error) {
	from := "-"
	if cursor != "" {
		from = "(" + cursor
	}
	members, err := x.rdb.ZRangeByLex(ctx, keys(organization).flight(location),
		&redis.ZRangeBy{Min: from, Max: "+", Count: int64(page)}).Result()
	if err != nil {
		return nil, "", fmt.Errorf("listing delivery orders in flight: %w", err)
	}
	for _, member := range members {
		ids = append(ids, memberID(member))
	}
	if len(members) == page {
		next = members[page-1]
	}
	return ids, next, nil
}

// Cancelled returns the delivery orders that were cancelled while in flight at a location, where the message arrived
// since a moment, by Redis's clock; at most most of them.
func (x *Index) Cancelled(ctx context.Context, organization, location string, since time.Time, most int64) ([]string, error) {
	ids, err := x.rdb.ZRangeByScore(ctx, keys(organization).ended(location),
		&redis.ZRangeBy{Min: fmt.Sprint(since.UnixMilli()), Max: "+inf", Count: most}).Result()
	if err != nil {
		return nil, fmt.Errorf("listing cancelled delivery orders: %w", err)
	}
	return ids, nil
}

// CountInFlight returns how many delivery orders the index has in flight at a location.
func (x *Index) CountInFlight(ctx context.Context, organization, location string) (int, error) {
	n, err := x.rdb.ZCard(ctx, keys(organization).flight(location)).Result()
	if err != nil {
		return 0, fmt.Errorf("counting delivery orders in flight: %w", err)
	}
	return int(n), nil
}

// CountAllInFlight returns how many delivery orders the index has in flight, at all locations.
func (x *Index) CountAllInFlight(ctx context.Context, organization string) (int, error) {
	places, err := x.Locations(ctx, organization)
	if err != nil || len(places) == 0 {
		return 0, err
	}
	counts := make([]*redis.IntCmd, len(places))
	if _, err := x.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, place := range places {
			counts[i] = p.ZCard(ctx, keys(organization).flight(place.ID))
		}
		return nil
	}); err != nil {
		return 0, fmt.Errorf("counting delivery orders in flight: %w", err)
	}
	n := 0
	for _, count := range counts {
		n += int(count.Val())
	}
	return n, nil
}

// Coverage says how complete the index is. Its times are UTC.
type Coverage struct {
	Since       time.Time `json:"since,omitzero"`    // since when it receives webhooks, by Redis's clock
	Last        time.Time `json:"last,omitzero"`     // when the last webhook came, by Redis's clock
	Imported    time.Time `json:"imported,omitzero"` // when the last full import ended
	Known       int       `json:"known"`             // how many delivery orders it has
	BehindSince time.Time `json:"behind,omitzero"`   // not zero: webhooks come late now; date of the first such
	Gaps        []Gap     `json:"gaps,omitempty"`    // the latest gaps that have ended
}

// matureAfter is how long an index that was never imported must have received webhooks until it counts as complete:
// few delivery orders are in flight for longer (assumed).
const matureAfter = 7 * 24 * time.Hour

// IsIncomplete reports whether, at that time, the index may lack delivery orders.
func (a Coverage) IsIncomplete(at time.Time) bool {
	if !a.BehindSince.IsZero() || len(a.OpenGaps(at)) > 0 {
		return true
	}
	if !a.Imported.IsZero() {
		return false
	}
	return a.Since.IsZero() || at.Sub(a.Since) < matureAfter
}

// Coverage returns how complete the index is.
func (x *Index) Coverage(ctx context.Context, organization string) (Coverage, error) {
	fields, err := x.rdb.HMGet(ctx, keys(organization).meta(), "since", "last", "imported", "known", "behind", "gaps").Result()
	if err != nil {
		return Coverage{}, fmt.Errorf("reading the age of the index: %w", err)
	}
	a := Coverage{Since: decodeMillis(fields[0]), Last: decodeMillis(fields[1]), Imported: decodeMillis(fields[2]), BehindSince: decodeMillis(fields[4])}
	if a.Gaps, err = decodeGaps(fields[5]); err != nil {
		return a, err
	}
	if known, ok := fields[3].(string); ok {
		if _, err := fmt.Sscan(known, &a.Known); err != nil {
			return a, fmt.Errorf("reading the age of the index: %w", err)
		}
	}
	return a, nil
}
