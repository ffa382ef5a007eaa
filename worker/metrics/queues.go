package metrics

import (
	"context"
	"slices"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"

	"happycolis-reassigner/tasks"
)

// Queues is the part of asynq's Inspector that is used. A queue on which no task was ever put is not listed.
type Queues interface {
	Queues() ([]string, error)
	GetQueueInfo(queue string) (*asynq.QueueInfo, error)
}

// queues collects how many tasks are in each state.
type queues struct {
	inspector              Queues
	tasks, latency, paused gauge
}

func newQueues(inspector Queues) *queues {
	return &queues{
		inspector: inspector,
		tasks:     newGauge("queue_tasks", "Tasks of a queue, by state.", "queue", "state"),
		latency:   newGauge("queue_latency_seconds", "How long the oldest task that could run has waited.", "queue"),
		paused:    newGauge("queue_paused", "1 while the queue itself is paused, in its web UI or with its own tool.", "queue"),
	}
}

func (s *queues) collectQueues(_ context.Context, tell func(prometheus.Metric)) error {
	used, err := s.inspector.Queues()
	if err != nil {
		return err
	}
	for _, name := range tasks.Queues() {
		info := &asynq.QueueInfo{}
		if slices.Contains(used, name) {
			if info, err = s.inspector.GetQueueInfo(name); err != nil {
				return err
			}
		}
		for state, n := range map[string]int{
			"pending": info.Pending, "active": info.Active, "scheduled": info.Scheduled, "retry": info.Retry,
			"archived": info.Archived, "completed": info.Completed,
		} {
			tell(s.tasks.newMetric(float64(n), name, state))
		}
		tell(s.latency.newMetric(info.Latency.Seconds(), name))
		tell(s.paused.newMetric(boolToFloat(info.Paused), name))
	}
	return nil
}
