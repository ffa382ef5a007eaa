package metrics

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Path is where metrics are served.
const Path = "/metrics"

// prefix begins every name.
const prefix = "reassigner"

// Bounds of a scrape.
const (
	maxReadTime   = 3 * time.Second  // for Redis to tell all there is
	keptFor       = 5 * time.Second  // what was read is told again to whoever asks that soon
	maxScrapeTime = 10 * time.Second // of one scrape
	maxScrapes    = 4                // at once
)

// Options are what is looked at when a scrape comes. A nil part is not looked at.
type Options struct {
	Organizations map[string]happycolis.Rate // id and allowance
	Journal       *journal.Journal
	Index         *index.Index
	Queues        Queues
	Policies      func() map[string]string // revision in force by file
	Version       string
	Now           func() time.Time
}

// Metrics is what is counted. Its methods may be called at the same time.
type Metrics struct {
	registry *prometheus.Registry
	api      api
	rate     rate
	webhooks webhooks
	handover handovers
	sweep    sweeps
	policy   reloads
	alerts   *prometheus.CounterVec
	urgent   *prometheus.CounterVec
	future   *prometheus.CounterVec
}

// New returns metrics in a registry of their own.
func New(o Options) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newStored(o), newPolicies(o.Policies),
	)
	m.setConstant("build_info", "The version that runs, always 1.", prometheus.Labels{"version": o.Version, "goversion": runtime.Version()}, 1)
	for id, rate := range o.Organizations {
		m.setConstant("rate_limit_requests_per_minute", "Requests a minute that the configuration allows the organization.",
			prometheus.Labels{"organization": id}, float64(rate.PerMinute))
	}
	m.api = newAPI(m)
	m.rate = newRate(m)
	m.webhooks = newWebhooks(m)
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

// initCounters tells the counters that alerts look at from 0 on: the rise to 1 of one that was not there is not seen.
func (m *Metrics) initCounters(organization string) {
	m.sweep.runs.WithLabelValues(organization, "ok")
	m.sweep.runs.WithLabelValues(organization, "failed")
	m.sweep.findings.WithLabelValues(organization, "missed_event")
	m.urgent.WithLabelValues(organization, "journal_lost")
	m.future.WithLabelValues(organization)
	for _, reason := range journal.PersonReasons() {
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

// Gatherer is where the metrics are gathered from.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// setConstant tells one number that never changes.
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
