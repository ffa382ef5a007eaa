package cli

import (
	"context"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis/webhook"
)

// sendRecord writes an envelope to the Kafka topic of its type.
func (c *cli) sendRecord(ctx context.Context, s sending, body []byte) error {
	if s.config == "" || s.url != "" || s.secretEnv != "" {
		return usageError("--kafka wants --config FILE, which says how the cluster is reached, and neither --url nor --secret-env")
	}
	settings, err := config.PeekKafka(s.config, c.getenv)
	if err != nil {
		return &exit{ExitUsage, err}
	}
	e, err := webhook.Parse(body)
	if e == nil || e.Type == "" {
		return usageError("--kafka: the file is no envelope with a type, which names the topic: %v", err)
	}
	topic := settings.TopicPrefix + webhook.TopicOf(e.Type)
	if err := settings.Send(ctx, topic, body); err != nil {
		return exitError(ExitFailed, "%w", err)
	}
	c.stdout.Printf("written to %s\n", topic)
	return nil
}
