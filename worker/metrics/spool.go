package metrics

import "github.com/prometheus/client_golang/prometheus"

// SpoolStatus is what a process has in its spool.
type SpoolStatus struct {
	Waiting, Kept   int64 // events
	Bytes, MaxBytes int64
	CanKeep         bool // one more event
}

// spoolCollector collects what the spool of this process holds. It reads no Redis, which is away when it matters.
type spoolCollector struct {
	status                      func() SpoolStatus
	events, bytes, max, canKeep gauge
}

func newSpool(status func() SpoolStatus) *spoolCollector {
	return &spoolCollector{
		status:  status,
		events:  newGauge("spool_events", "Events in the spool of this process: those that wait for Redis, and those that are kept since they cannot be applied.", "state"),
		bytes:   newGauge("spool_bytes", "Size of the spool of this process on disk."),
		max:     newGauge("spool_max_bytes", "What the spool of this process may hold."),
		canKeep: newGauge("spool_can_keep", "1 while the spool has room and can be written to; 0: while Redis is away, webhooks are refused."),
	}
}

// Describe implements prometheus.Collector.
func (s *spoolCollector) Describe(to chan<- *prometheus.Desc) {
	for _, g := range []gauge{s.events, s.bytes, s.max, s.canKeep} {
		to <- g.desc
	}
}

// Collect implements prometheus.Collector.
func (s *spoolCollector) Collect(to chan<- prometheus.Metric) {
	now := s.status()
	to <- s.events.newMetric(float64(now.Waiting), "waiting")
	to <- s.events.newMetric(float64(now.Kept), "kept")
	to <- s.bytes.newMetric(float64(now.Bytes))
	to <- s.max.newMetric(float64(now.MaxBytes))
	to <- s.canKeep.newMetric(boolToFloat(now.CanKeep))
}
