package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// answerMost is how long one request may be tried, where somebody waits for the answer.
const answerMost = 5 * time.Second

// prompt returns a client that gives up soon.
func (s Settings) prompt(more ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(append(s.connection(slog.New(slog.DiscardHandler)), kgo.RequestRetries(2), kgo.RetryTimeout(answerMost)), more...)...)
}

// Cluster is what a look at the cluster shows.
type Cluster struct {
	Brokers int
	Missing []string // of TopicNames, in their order
	State   string   // of the group, as the cluster calls it; "" where it has never been used
	Members int
	Lag     int64 // records that the group has still to read
}

// Examine looks at the cluster and changes nothing. The error is for Explain.
func (s Settings) Examine(ctx context.Context) (Cluster, error) {
	client, err := s.prompt()
	if err != nil {
		return Cluster{}, err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	var c Cluster
	topics, err := admin.Metadata(ctx, s.TopicNames()...)
	if err != nil {
		return c, err
	}
	c.Brokers = len(topics.Brokers)
	for _, name := range s.TopicNames() {
		if t := topics.Topics[name]; t.Err != nil || len(t.Partitions) == 0 {
			c.Missing = append(c.Missing, name)
		}
	}
	group, err := groupOf(ctx, admin, s.Group)
	c.State, c.Members, c.Lag = group.State, len(group.Members), group.Lag.Total()
	return c, err
}

// Send writes one record to a topic, which must exist. The error is for people.
func (s Settings) Send(ctx context.Context, topic string, value []byte) error {
	client, err := s.prompt(kgo.DisableIdempotentWrite(), kgo.UnknownTopicRetries(0), kgo.RecordDeliveryTimeout(2*answerMost))
	if err != nil {
		return err
	}
	defer client.Close()
	err = client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: value}).FirstErr()
	switch {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return fmt.Errorf("the topic %s does not exist; create it, or correct kafka.topic_prefix", topic)
	case err != nil:
		return fmt.Errorf("writing to %s: %s", topic, Explain(err))
	}
	return nil
}
