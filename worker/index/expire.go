package index

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// expireAtOnce is how many entries one script examines.
const expireAtOnce = 200

// Expire deletes, of the keys given, the delivery orders that are finished and about which nothing arrived since a
// moment. It returns how many were deleted. A later message about one of them stores it as new.
func (x *Index) Expire(ctx context.Context, organization string, found []string, before time.Time) (int, error) {
	k := keys(organization)
	n := 0
	entries := slices.DeleteFunc(slices.Clone(found), func(name string) bool { return !strings.HasPrefix(name, k.entry("")) })
	for some := range slices.Chunk(entries, expireAtOnce) {
		gone, err := expireEntries.Run(ctx, x.rdb, redisscript.Keys{"meta": k.meta(), "entries": some},
			redisscript.Args{"before_ms": before.UnixMilli()}).Int()
		if err != nil {
			return n, fmt.Errorf("forgetting delivery orders: %w", err)
		}
		n += gone
	}
	return n, nil
}
