package doctor

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/intake/kafka"
)

func TestKafkaIsLookedAt(t *testing.T) {
	t.Parallel()
	defaults := kafka.DefaultTopics("")
	tests := []struct {
		name   string
		topics []string // of the cluster
		change func(*kafka.Settings)
		want   map[string]Severity
		saw    string
	}{
		{"not configured", defaults, func(s *kafka.Settings) { s.Brokers = nil }, nil, ""},
		{"all is there, and nobody reads yet", defaults, nil, map[string]Severity{"brokers": Passed, "topics": Passed, "group": Unknown, "lag": Passed}, "nobody reads now"},
		{"a default topic is missing", defaults[1:], nil, map[string]Severity{"topics": Passed}, "missing: " + defaults[0]},
		{"every default topic is missing", []string{"other"}, nil, map[string]Severity{"topics": Failed}, "0 of 21 are there"},
		{"a configured topic is missing", defaults, func(s *kafka.Settings) { s.Topics = []string{"delivery-order.created", "ours"} },
			map[string]Severity{"topics": Failed}, "missing: ours"},
		{"no broker answers", defaults, func(s *kafka.Settings) { s.Brokers = []string{"127.0.0.1:1"} }, map[string]Severity{"brokers": Failed}, "no connection"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, tt.topics...))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(cluster.Close)
			cfg := &config.Config{Kafka: kafka.Settings{Brokers: cluster.ListenAddrs(), Group: "reassigner"}}
			if tt.change != nil {
				tt.change(&cfg.Kafka)
			}
			found := (&Doctor{cfg: cfg}).checkKafka(t.Context())
			if tt.want == nil && len(found) > 0 {
				t.Errorf("found %+v, want nothing", found)
			}
			for check, want := range tt.want {
				at := slices.IndexFunc(found, func(f Result) bool { return f.Check == check })
				if at < 0 || found[at].Severity != want || (want == Failed) && found[at].Do == "" {
					t.Errorf("%s: found %+v, want %s, with what to do", check, found, want)
				}
			}
			if !slices.ContainsFunc(found, func(f Result) bool { return strings.Contains(f.Saw, tt.saw) }) && tt.saw != "" {
				t.Errorf("found %+v, want %q in it", found, tt.saw)
			}
		})
	}
}
