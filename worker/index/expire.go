package index

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// expireAtOnce is how many entries one script looks at.
const expireAtOnce = 200

// Expire removes, of the keys given, the delivery orders that are finished and of which nothing was heard
// since a moment. It returns how many were removed. What is heard of one later is stored as if it were new.
func (x *Index) Expire(ctx context.Context, organization string, found []string, before time.Time) (int, error) {
	k := keys(organization)
	n := 0
	entries := slices.DeleteFunc(slices.Clone(found), func(name string) bool { return !strings.HasPrefix(name, k.entry("")) })
	for some := range slices.Chunk(entries, expireAtOnce) {
		gone, err := expireEntries.Run(ctx, x.rdb, redisscript.Keys{"meta": k.meta(), "entries": some},
			withDates(redisscript.Args{"before_ms": before.UnixMilli()})).Int()
		if err != nil {
			return n, fmt.Errorf("forgetting delivery orders: %w", err)
		}
		n += gone
	}
	return n, nil
}
