package index

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
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
		gone, err := expireEntries.Run(ctx, x.rdb, append([]string{k.meta()}, some...), before.UnixMilli()).Int()
		if err != nil {
			return n, fmt.Errorf("forgetting delivery orders: %w", err)
		}
		n += gone
	}
	return n, nil
}

// expireEntries removes entries that are not in flight and are old. One that an earlier release dated in the future is
// as old as it is found. KEYS meta entries...; ARGV before_ms.
var expireEntries = redis.NewScript(dateWords + `
local n = 0
for i = 2, #KEYS do
  local date, flight = unpack(redis.call('HMGET', KEYS[i], 'date', 'flight'))
  if date and not known(date) then
    redis.call('HSET', KEYS[i], 'date', now)
  elseif date and not flight and tonumber(date) < tonumber(ARGV[1]) then
    n = n + redis.call('DEL', KEYS[i])
  end
end
if n > 0 then redis.call('HINCRBY', KEYS[1], 'known', -n) end
return n
`)
