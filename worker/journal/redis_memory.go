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

// RedisMemory is how much memory Redis uses, in bytes; of a cluster, the node that is nearest to its limit. A Redis
// that is full stores no webhook; one that evicts keys loses leases and records.
type RedisMemory struct {
	Used           int64  `json:"used"`
	Limit          int64  `json:"limit"`           // maxmemory; 0: there is no limit, or Redis does not say
	EvictionPolicy string `json:"evict,omitempty"` // maxmemory-policy where it is not noeviction; of a cluster, of any node
}

// noEviction is the maxmemory-policy under which Redis deletes nothing by itself.
const noEviction = "noeviction"

// UsedShare is the part of the limit that is used, from 0 to 1; 0 where there is no limit or it is not known.
func (s RedisMemory) UsedShare() float64 {
	if s.Limit <= 0 {
		return 0
	}
	return float64(s.Used) / float64(s.Limit)
}

// RedisMemory asks Redis for its memory (INFO memory).
func (j *Journal) RedisMemory(ctx context.Context) (RedisMemory, error) {
	cluster, ok := j.rdb.(*redis.ClusterClient)
	if !ok {
		return memoryOf(ctx, j.rdb)
	}
	var mu sync.Mutex
	var fullest RedisMemory
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		s, err := memoryOf(ctx, node)
		mu.Lock()
		defer mu.Unlock()
		evict := cmp.Or(fullest.EvictionPolicy, s.EvictionPolicy)
		if err == nil && (s.UsedShare() > fullest.UsedShare() || fullest.Used == 0) {
			fullest = s
		}
		fullest.EvictionPolicy = evict
		return err
	})
	if err != nil {
		return RedisMemory{}, fmt.Errorf("asking Redis for its memory: %w", err)
	}
	return fullest, nil
}

func memoryOf(ctx context.Context, node redis.Cmdable) (RedisMemory, error) {
	text, err := node.Info(ctx, "memory").Result()
	var denied redis.Error
	if errors.As(err, &denied) {
		return RedisMemory{}, nil
	}
	if err != nil {
		return RedisMemory{}, fmt.Errorf("asking Redis for its memory: %w", err)
	}
	var s RedisMemory
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case name == "maxmemory_policy" && value != noEviction:
			s.EvictionPolicy = value
		case err != nil:
		case name == "used_memory":
			s.Used = n
		case name == "maxmemory":
			s.Limit = n
		}
	}
	return s, nil
}
