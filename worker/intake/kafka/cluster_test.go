package kafka_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// admin is a client that changes the cluster.
func admin(t *testing.T, cluster *kfake.Cluster) *kadm.Client {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return kadm.NewClient(client)
}

func createTopics(t *testing.T, cluster *kfake.Cluster, partitions int32, topics ...string) {
	t.Helper()
	made, err := admin(t, cluster).CreateTopics(t.Context(), partitions, 1, nil, topics...)
	if err != nil || made.Error() != nil {
		t.Fatal(err, made.Error())
	}
}
