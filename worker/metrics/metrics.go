package metrics

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Path is the path of the metrics.
const Path = "/metrics"

// prefix is the first part of every metric's name.
const prefix = "reassigner"

// Limits of a scrape.
const (
	maxReadTime   = 3 * time.Second  // for reading Redis
	keptFor       = 5 * time.Second  // how long what was read is used for further scrapes
	maxScrapeTime = 10 * time.Second // for a whole scrape
	maxScrapes    = 4                // at the same time
)

// Options are the parts that a scrape reads. A part that is nil is left out.
type Options struct {
	Organizations map[string]happycolis.Rate // id: its rate limit
	Journal       *journal.Journal
	Index         *index.Index
	Queues        Queues
	Policies      func() map[string]string // file: revision in force
	Spool         func() SpoolStatus
	KafkaResults  []string // every result of a record; none: there is no Kafka
	Version       string
	Now           func() time.Time
}

// Metrics has the counters. Its methods may be called by several goroutines.
type Metrics struct {
	registry *prometheus.Registry
	platform platformCalls
	rate     rate
	webhooks webhooks
	kafka    kafkaRecords
	handover handovers
	sweep    sweeps
	policy   reloads
	alerts   *prometheus.CounterVec
	urgent   *prometheus.CounterVec
	future   *prometheus.CounterVec
}

// New returns metrics in a registry of their own, so that several may exist in one process, as in tests.
func New(o Options) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newStored(o), newPolicies(o.Policies),
	)
	if o.Spool != nil {
		m.registry.MustRegister(newSpool(o.Spool))
	}
	m.setConstant("build_info", "The version that runs, always 1.", prometheus.Labels{"version": o.Version, "goversion": runtime.Version()}, 1)
	for id, rate := range o.Organizations {
		m.setConstant("rate_limit_requests_per_minute", "Requests a minute that the configuration allows the organization.",
			prometheus.Labels{"organization": id}, float64(rate.PerMinute))
	}
	m.platform = newPlatformCalls(m)
	m.rate = newRate(m)
	m.webhooks = newWebhooks(m)
	m.kafka = newKafkaRecords(m, o.KafkaResults)
	m.handover = newHandovers(m)
	m.sweep = newSweeps(m)
	m.policy = newReloads(m)
	m.alerts = m.newCounter("alerts_total", "Alerts sent, by target and by what came of it.", "target", "result")
	m.urgent = m.newCounter("urgent_total", "What somebody has to look at at once: also an error in the log with alert=urgent.",
		"organization", "reason")
	m.future = m.newCounter("dates_in_future_total", "Webhooks and answers dated more than a minute after their arrival, which counts instead: clocks are apart.",
		"organization")
	for id := range o.Organizations {
		m.initCounters(id)
	}
	return m
}

// initCounters exports the counters that alerts use from 0 on: Prometheus does not see the rise of a counter that
// begins at 1.
func (m *Metrics) initCounters(organization string) {
	m.sweep.runs.WithLabelValues(organization, "ok")
	m.sweep.runs.WithLabelValues(organization, "failed")
	m.sweep.findings.WithLabelValues(organization, "missed_event")
	m.urgent.WithLabelValues(organization, "journal_lost")
	m.future.WithLabelValues(organization)
	for _, reason := range api.PersonReasons() {
		if reason.IsUrgent() {
			m.urgent.WithLabelValues(organization, string(reason))
		}
	}
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: maxScrapes, Timeout: maxScrapeTime,
	})
}

// Gatherer returns the source of the metrics, for tests.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// setConstant exports a number that never changes.
func (m *Metrics) setConstant(name, help string, labels prometheus.Labels, value float64) {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: prefix, Name: name, Help: help, ConstLabels: labels})
	g.Set(value)
	m.registry.MustRegister(g)
}

func (m *Metrics) newCounter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: prefix, Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) newHistogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: prefix, Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(h)
	return h
}
