package demo

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/intake/kafka"
)

// topics publishes to a cluster.
type topics struct{ *kgo.Client }

func (p topics) Publish(topic string, value []byte) error {
	return p.ProduceSync(context.Background(), &kgo.Record{Topic: topic, Value: value}).FirstErr()
}

// TestTheStoryHoldsOnKafkaAlone is the demo without a single webhook.
func TestTheStoryHoldsOnKafkaAlone(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, kafka.DefaultTopics("")...),
		kfake.SeedTopics(1, "order.created", "order.updated", "shipment.delivered"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	s, err := Open(Options{Orders: 25, Seed: 3, JSON: true, Cancel: "async", Fallback: "accepts"}, apptest.Quiet, func(cfg *config.Config) {
		cfg.Kafka = kafka.Settings{Brokers: cluster.ListenAddrs(), Group: "demo", Organization: Organization}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	AddOrganization(s.Platform, Organization)
	s.Platform.SubscribeTopics(Organization, topics{client})
	s.Merchant = sandbox.Seed(s.Platform, sandbox.SeedOptions{Organization: Organization, Orders: s.options.Orders, Seed: s.options.Seed})
	s.setFaults()
	if err := s.AwaitWebhooks(t.Context()); err != nil { // all are published
		t.Fatal(err)
	}
	begun := time.Now()
	s.Platform.Break(sandbox.Paris)
	rested, err := s.awaitRest(t.Context(), NewScreen(s, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.judge(t.Context(), time.Since(begun), rested)
	if err != nil || !report.Holds {
		t.Fatalf("the story does not hold: %v, %+v", err, report)
	}
	if report.Reassigned == 0 {
		t.Errorf("nothing was reassigned: %+v", report)
	}
}
