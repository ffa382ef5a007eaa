package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"happycolis-reassigner/happycolis/webhook"
)

func TestAnEventIsWrittenToItsTopic(t *testing.T) {
	t.Parallel()
	const topic = "prod.location.fulfillment-service-integration.errored"
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	file := filepath.Join(t.TempDir(), "config.yaml") // the rest of the configuration is not needed
	if err := os.WriteFile(file, []byte("kafka: {brokers: ['"+cluster.ListenAddrs()[0]+"'], topic_prefix: prod., organization: org_1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environment := func(string) string { return "" }
	got := runVerb(t, environment, "event", "send", "--config", file, "--kafka", "--sample", "errored", "--organization", "org_1", "--location", "loc_paris")
	if got.code != 0 || got.stdout != "written to "+topic+"\n" {
		t.Fatalf("got %+v", got)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	records := client.PollFetches(ctx).Records()
	if len(records) != 1 {
		t.Fatalf("%d records are written, want 1", len(records))
	}
	e, err := webhook.Parse(records[0].Value)
	if err != nil || e.Organization != "org_1" || e.Integration.LocationID != "loc_paris" || time.Since(e.Date) > time.Minute {
		t.Errorf("got %+v, %v", e, err)
	}

	for name, c := range map[string]struct {
		args []string
		code int
		said string
	}{
		"without a topic":           {[]string{"--config", file, "--sample", "stock-reference-updated"}, 1, "the topic prod.stock-reference.updated does not exist"},
		"without a configuration":   {[]string{"--sample", "errored"}, 2, "--kafka wants --config FILE"},
		"with a URL":                {[]string{"--config", file, "--sample", "errored", "--url", "http://x"}, 2, "--kafka wants --config FILE"},
		"what is no event at all":   {[]string{"--config", file, "--body", file}, 2, "no envelope with a type"},
		"with a file without Kafka": {[]string{"--config", "testdata/report.golden", "--sample", "errored"}, 2, "testdata/report.golden"},
	} {
		got := runVerb(t, environment, append([]string{"event", "send", "--kafka"}, c.args...)...)
		if got.code != c.code || !strings.Contains(got.stderr, c.said) {
			t.Errorf("%s: got %+v, want %d and %q", name, got, c.code, c.said)
		}
	}
}
