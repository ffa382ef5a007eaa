package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// kafkaRecords has what the Kafka consumer reports. It is exported only where Kafka is configured.
type kafkaRecords struct {
	results        *prometheus.CounterVec
	lag, reachable prometheus.Gauge
}

func newKafkaRecords(m *Metrics, results []string) kafkaRecords {
	if len(results) == 0 {
		return kafkaRecords{}
	}
	k := kafkaRecords{
		results: m.newCounter("kafka_records_total", "Records read from Kafka, by what came of them.", "result"),
		lag: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: prefix, Name: "kafka_lag_records",
			Help: "Records that the consumer group has still to read, over all topics, as read last."}),
		reachable: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: prefix, Name: "kafka_reachable",
			Help: "1 if the cluster answered when it was asked for the lag last, else 0."}),
	}
	m.registry.MustRegister(k.lag, k.reachable)
	for _, result := range results {
		k.results.WithLabelValues(labelOf(result))
	}
	return k
}

// CountRecord counts one record of Kafka by its result.
func (m *Metrics) CountRecord(result string) {
	m.kafka.results.WithLabelValues(labelOf(result)).Inc()
}

// NoteKafka records how many records are still to be read, or that the cluster could not be asked.
func (m *Metrics) NoteKafka(lag int64, err error) {
	if err != nil {
		m.kafka.reachable.Set(0)
		return
	}
	m.kafka.reachable.Set(1)
	m.kafka.lag.Set(float64(lag))
}

func labelOf(result string) string { return strings.ReplaceAll(result, " ", "_") }
