package index

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Match returns, of the keys given, the delivery orders whose id, number or order has text in it, in capitals or not. Of those
// that cannot be read it returns none.
func (x *Index) Match(ctx context.Context, organization string, found []string, text string) ([]Entry, error) {
	k := keys(organization)
	keysOf := slices.DeleteFunc(slices.Clone(found), func(name string) bool { return !strings.HasPrefix(name, k.entry("")) })
	fields := make([]*redis.SliceCmd, len(keysOf))
	if len(keysOf) == 0 {
		return nil, nil
	}
	if _, err := x.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range keysOf {
			fields[i] = p.HMGet(ctx, name, "body", "number")
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("searching the index: %w", err)
	}
	part := strings.ToLower(text)
	var matching []Entry
	for _, field := range fields {
		body, _ := field.Val()[0].(string)
		number, _ := field.Val()[1].(string)
		if !strings.Contains(strings.ToLower(number+"\n"+body), part) { // most: their body need not be decoded
			continue
		}
		var e Entry
		if json.Unmarshal([]byte(body), &e) != nil {
			continue
		}
		if number != "" {
			e.Number = number
		}
		if slices.ContainsFunc(append([]string{e.ID, e.Number}, e.Orders...), func(name string) bool { return strings.Contains(strings.ToLower(name), part) }) {
			matching = append(matching, e)
		}
	}
	return matching, nil
}
