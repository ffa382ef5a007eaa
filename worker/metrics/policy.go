package metrics

import "github.com/prometheus/client_golang/prometheus"

type reloads struct {
	total *prometheus.CounterVec
	last  prometheus.Gauge
}

func newReloads(m *Metrics) reloads {
	r := reloads{
		total: m.newCounter("policy_reloads_total", "Times that the policies were asked to be read again, by result.", "result"),
		last: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: prefix, Name: "policy_last_reload_successful",
			Help: "1 if the policies in force are the files as they were read last, 0 if those were wrong."}),
	}
	r.last.Set(1)
	r.total.WithLabelValues("ok")
	r.total.WithLabelValues("failed")
	m.registry.MustRegister(r.last)
	return r
}

// CountReload counts a reload of the policies, by whether it succeeded.
func (m *Metrics) CountReload(err error) {
	m.policy.total.WithLabelValues(resultOf(err)).Inc()
	m.policy.last.Set(1)
	if err != nil {
		m.policy.last.Set(0)
	}
}

// policies exports the revisions in force.
type policies struct {
	revisions func() map[string]string
	info      *prometheus.Desc
}

func newPolicies(revisions func() map[string]string) *policies {
	return &policies{revisions, prometheus.NewDesc(prefix+"_policy_info", "The policy in force, always 1.", []string{"file", "revision"}, nil)}
}

// Describe implements prometheus.Collector.
func (p *policies) Describe(to chan<- *prometheus.Desc) { to <- p.info }

// Collect implements prometheus.Collector.
func (p *policies) Collect(to chan<- prometheus.Metric) {
	if p.revisions == nil {
		return
	}
	for file, revision := range p.revisions() {
		to <- prometheus.MustNewConstMetric(p.info, prometheus.GaugeValue, 1, file, revision)
	}
}
