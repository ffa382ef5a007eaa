package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Space is how much memory Redis has used, in bytes; of a cluster, the node that is nearest to its limit.
// A Redis that is full keeps no webhook; one that makes room by itself loses leases and records.
type Space struct {
	Used  int64  `json:"used"`
	Limit int64  `json:"limit"`           // maxmemory; 0: none is set, or Redis does not tell
	Evict string `json:"evict,omitempty"` // maxmemory-policy where it is another than noeviction; of a cluster, of any node
}

// keepsAll is the maxmemory-policy under which nothing is lost.
const keepsAll = "noeviction"

// Share is the part of the limit that is used; 0 where that is not known.
func (s Space) Share() float64 {
	if s.Limit <= 0 {
		return 0
	}
	return float64(s.Used) / float64(s.Limit)
}

// Space asks Redis for its memory.
func (j *Journal) Space(ctx context.Context) (Space, error) {
	cluster, ok := j.rdb.(*redis.ClusterClient)
	if !ok {
		return spaceOf(ctx, j.rdb)
	}
	var mu sync.Mutex
	var fullest Space
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		s, err := spaceOf(ctx, node)
		mu.Lock()
		defer mu.Unlock()
		evict := cmp.Or(fullest.Evict, s.Evict)
		if err == nil && (s.Share() > fullest.Share() || fullest.Used == 0) {
			fullest = s
		}
		fullest.Evict = evict
		return err
	})
	if err != nil {
		return Space{}, fmt.Errorf("asking Redis for its memory: %w", err)
	}
	return fullest, nil
}

func spaceOf(ctx context.Context, node redis.Cmdable) (Space, error) {
	text, err := node.Info(ctx, "memory").Result()
	var denied redis.Error
	if errors.As(err, &denied) {
		return Space{}, nil
	}
	if err != nil {
		return Space{}, fmt.Errorf("asking Redis for its memory: %w", err)
	}
	var s Space
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case name == "maxmemory_policy" && value != keepsAll:
			s.Evict = value
		case err != nil:
		case name == "used_memory":
			s.Used = n
		case name == "maxmemory":
			s.Limit = n
		}
	}
	return s, nil
}
