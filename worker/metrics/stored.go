package metrics

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// errBusy reports that the previous read has not ended: Redis hangs.
var errBusy = errors.New("the reading before did not end")

// storedCollector collects what Redis holds. Its sources are read at the same time, each by itself: one that fails or
// takes too long is left out, and reassigner_scrape_success says so.
type storedCollector struct {
	now     func() time.Time
	sources []*source
	success *prometheus.Desc
	took    *prometheus.Desc

	mu   sync.Mutex
	read time.Time
	kept []prometheus.Metric
}

// source is one part of what Redis holds.
type source struct {
	name    string
	collect func(ctx context.Context, tell func(prometheus.Metric)) error
	busy    chan struct{} // has an item while the source is being read
}

func newStored(o Options) *storedCollector {
	s := &storedCollector{
		now:     o.Now,
		success: prometheus.NewDesc(prefix+"_scrape_success", "Whether this part of what Redis holds could be read.", []string{"source"}, nil),
		took:    prometheus.NewDesc(prefix+"_scrape_duration_seconds", "Time that the reading of this part took.", []string{"source"}, nil),
	}
	if o.Journal != nil {
		s.add("journal", newIncidents(o).collectIncidents)
		s.add("memory", newRedisMemory(o).collectMemory)
	}
	if o.Index != nil {
		s.add("index", newOrders(o).collectOrders)
	}
	if o.Queues != nil {
		s.add("queue", newQueues(o.Queues).collectQueues)
	}
	return s
}

func (s *storedCollector) add(name string, read func(context.Context, func(prometheus.Metric)) error) {
	s.sources = append(s.sources, &source{name: name, collect: read, busy: make(chan struct{}, 1)})
}

// Describe implements prometheus.Collector. It names only the metrics that always exist; which others do depends on
// what Redis holds.
func (s *storedCollector) Describe(to chan<- *prometheus.Desc) {
	to <- s.success
	to <- s.took
}

// Collect implements prometheus.Collector.
func (s *storedCollector) Collect(to chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || s.now().Sub(s.read) >= keptFor {
		s.kept = s.collectAll()
		s.read = s.now()
	}
	for _, metric := range s.kept {
		to <- metric
	}
}

// collectAll reads all sources, for maxReadTime at the longest.
func (s *storedCollector) collectAll() []prometheus.Metric {
	ctx, cancel := context.WithTimeout(context.Background(), maxReadTime)
	defer cancel()
	told := make([][]prometheus.Metric, len(s.sources))
	var reading sync.WaitGroup
	for i, source := range s.sources {
		reading.Go(func() { told[i] = s.readOne(ctx, source) })
	}
	reading.Wait()
	all := []prometheus.Metric{}
	for _, metrics := range told {
		all = append(all, metrics...)
	}
	return all
}

func (s *storedCollector) readOne(ctx context.Context, from *source) []prometheus.Metric {
	begun := time.Now()
	metrics, err := from.collectWithin(ctx)
	ok := 1.0
	if err != nil {
		ok, metrics = 0, nil
	}
	return append(metrics,
		prometheus.MustNewConstMetric(s.success, prometheus.GaugeValue, ok, from.name),
		prometheus.MustNewConstMetric(s.took, prometheus.GaugeValue, time.Since(begun).Seconds(), from.name))
}

// collectWithin reads the source until the context ends. A read that ignores the context, as the queue library's does,
// goes on in the background; until it ends no other read begins.
func (from *source) collectWithin(ctx context.Context) ([]prometheus.Metric, error) {
	type answer struct {
		metrics []prometheus.Metric
		err     error
	}
	select {
	case from.busy <- struct{}{}:
	default:
		return nil, errBusy
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-from.busy }()
		var a answer
		a.err = from.collect(ctx, func(m prometheus.Metric) { a.metrics = append(a.metrics, m) })
		done <- a
	}()
	select {
	case a := <-done:
		return a.metrics, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// gauge describes one gauge and makes its values.
type gauge struct{ desc *prometheus.Desc }

func newGauge(name, help string, labels ...string) gauge {
	return gauge{prometheus.NewDesc(prefix+"_"+name, help, labels, nil)}
}

func (g gauge) newMetric(value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, value, labels...)
}

func boolToFloat(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
