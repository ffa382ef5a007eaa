package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// What the packages report as it happens.

type platformCalls struct {
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	remaining *prometheus.GaugeVec
}

func newPlatformCalls(m *Metrics) platformCalls {
	remaining := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: prefix, Name: "rate_limit_remaining_requests",
		Help: "Requests of this minute that the platform said last are left."}, []string{"organization"})
	m.registry.MustRegister(remaining)
	return platformCalls{
		requests: m.newCounter("api_requests_total", "Requests sent to the platform, by GraphQL operation and by what came of them.",
			"organization", "operation", "outcome"),
		duration: m.newHistogram("api_request_duration_seconds", "Time from sending a request to the end of its answer.",
			[]float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20}, "operation"),
		remaining: remaining,
	}
}

// ObserveCall counts one request to the platform.
func (m *Metrics) ObserveCall(c happycolis.Call) {
	m.platform.requests.WithLabelValues(c.Organization, c.Operation, c.Outcome).Inc()
	m.platform.duration.WithLabelValues(c.Operation).Observe(c.Duration.Seconds())
	if c.Limit > 0 {
		m.platform.remaining.WithLabelValues(c.Organization).Set(float64(c.Remaining))
	}
}

type webhooks struct {
	results  *prometheus.CounterVec
	duration prometheus.Histogram
}

func newWebhooks(m *Metrics) webhooks {
	w := webhooks{
		results: m.newCounter("webhooks_total", "Webhooks received, by what came of them. What is not answered 2xx blocks the platform's queue.",
			"result", "code"),
		duration: m.newHistogram("webhook_duration_seconds", "Time from the last byte of a webhook to its answer.",
			[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 3}).WithLabelValues().(prometheus.Histogram),
	}
	// Alerts use these: Prometheus does not see the rise of a counter that begins at 1.
	w.results.WithLabelValues("taken", "200")
	w.results.WithLabelValues("not_signed", "401")
	w.results.WithLabelValues("storage_away", "503")
	return w
}

// CountWebhook counts one webhook by its result and the status of its answer.
func (m *Metrics) CountWebhook(result, code string, took time.Duration) {
	m.webhooks.results.WithLabelValues(labelOf(result), code).Inc()
	m.webhooks.duration.Observe(took.Seconds())
}

// CountFutureDate counts a message or answer of the platform whose date lay in the future.
func (m *Metrics) CountFutureDate(organization string) { m.future.WithLabelValues(organization).Inc() }

type handovers struct{ steps, whole *prometheus.HistogramVec }

func newHandovers(m *Metrics) handovers {
	buckets := []float64{.1, .5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 1800, 3600, 7200, 86400}
	return handovers{
		steps: m.newHistogram("handover_step_duration_seconds", "Time that a reassignment stood at a step before it went on or came to rest.",
			buckets, "step"),
		whole: m.newHistogram("handover_duration_seconds", "Time from the enrolment of a delivery order until it came to rest.",
			buckets, "state"),
	}
}

// ObserveStep records how long a reassignment was at a step that it now leaves.
func (m *Metrics) ObserveStep(step string, took time.Duration) {
	m.handover.steps.WithLabelValues(step).Observe(took.Seconds())
}

// ObserveFinish counts a reassignment that came to rest.
func (m *Metrics) ObserveFinish(r *journal.Reassignment) {
	m.handover.whole.WithLabelValues(string(r.State)).Observe(max(0, r.UpdatedAt.Sub(r.Identity.OpenedAt).Seconds()))
	if r.State == journal.NeedsPerson && r.Reason.IsUrgent() {
		m.CountUrgent(r.Identity.Organization, string(r.Reason))
	}
}

// CountUrgent counts what an operator has to look at at once.
func (m *Metrics) CountUrgent(organization, reason string) {
	m.urgent.WithLabelValues(organization, reason).Inc()
}

type sweeps struct{ runs, findings *prometheus.CounterVec }

func newSweeps(m *Metrics) sweeps {
	return sweeps{
		runs:     m.newCounter("sweeps_total", "Sweeps over an organization, by result.", "organization", "result"),
		findings: m.newCounter("sweep_findings_total", "What a sweep or a lease scan found and set right.", "organization", "finding"),
	}
}

// CountSweep counts one sweep over an organization.
func (m *Metrics) CountSweep(organization string, err error) {
	m.sweep.runs.WithLabelValues(organization, resultOf(err)).Inc()
}

// CountFindings counts what a sweep or a lease scan corrected.
func (m *Metrics) CountFindings(organization, finding string, n int) {
	m.sweep.findings.WithLabelValues(organization, finding).Add(float64(n))
}

// CountAlert counts one alert to a target. The target is named by its kind or its number in the configuration, never
// by its URL, which is a secret.
func (m *Metrics) CountAlert(target string, err error) {
	m.alerts.WithLabelValues(target, resultOf(err)).Inc()
}

func resultOf(err error) string {
	if err != nil {
		return "failed"
	}
	return "ok"
}
