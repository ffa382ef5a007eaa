package metrics

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"happycolis-reassigner/worker/journal"
)

// redisMemory collects how full Redis is; of a cluster, its fullest node.
type redisMemory struct {
	journal     *journal.Journal
	used, limit gauge
}

func newRedisMemory(o Options) *redisMemory {
	return &redisMemory{
		journal: o.Journal,
		used:    newGauge("redis_memory_used_bytes", "Memory that Redis uses; of a cluster, its fullest node."),
		limit:   newGauge("redis_memory_limit_bytes", "Memory that Redis may use; missing where no limit is set."),
	}
}

func (s *redisMemory) collectMemory(ctx context.Context, tell func(prometheus.Metric)) error {
	space, err := s.journal.RedisMemory(ctx)
	if err != nil {
		return err
	}
	tell(s.used.newMetric(float64(space.Used)))
	if space.Limit > 0 {
		tell(s.limit.newMetric(float64(space.Limit)))
	}
	return nil
}
