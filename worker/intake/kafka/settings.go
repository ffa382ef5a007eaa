package kafka

import (
	"context"
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
)

// Settings say how the cluster is reached, and what is read of it.
type Settings struct {
	Brokers      []string // HOST:PORT; none: no Kafka
	Topics       []string // none: DefaultTopics
	TopicPrefix  string   // of every topic's name
	Group        string
	TLS          *tls.Config // nil: none
	Mechanism    string      // of SASL, one of Mechanisms; "": none
	Username     string
	Password     happycolis.Secret
	Organization string // of records that name none; "": the one whose index knows the location
}

// Mechanisms returns the ways to log in.
func Mechanisms() []string { return []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} }

// TopicNames returns the topics that are read.
func (s Settings) TopicNames() []string {
	if len(s.Topics) > 0 {
		return s.Topics
	}
	return DefaultTopics(s.TopicPrefix)
}

// DefaultTopics returns the topics that carry what webhooks would bring. Not each of them needs to exist: some are
// named in no documentation, and only follow the rule of the others (assumed).
func DefaultTopics(prefix string) []string {
	var all []string
	for _, group := range intake.Subscriptions() {
		for _, kind := range group.Types {
			all = append(all, prefix+webhook.TopicOf(kind))
		}
	}
	return all
}

const dialMost = 5 * time.Second // for a connection to a broker

// connection returns the options of a client, which creates no topics.
func (s Settings) connection(log *slog.Logger) []kgo.Opt {
	options := []kgo.Opt{kgo.SeedBrokers(s.Brokers...), kgo.ClientID("happycolis-reassigner"), kgo.DialTimeout(dialMost),
		kgo.DisableClientMetrics(), kgo.WithLogger(debugLog{log})}
	if s.TLS != nil {
		options = append(options, kgo.DialTLSConfig(s.TLS))
	}
	if m := s.mechanism(); m != nil {
		options = append(options, kgo.SASL(m))
	}
	return options
}

func (s Settings) mechanism() sasl.Mechanism {
	switch s.Mechanism {
	case "PLAIN":
		return plain.Auth{User: s.Username, Pass: s.Password.Reveal()}.AsMechanism()
	case "SCRAM-SHA-256":
		return scram.Auth{User: s.Username, Pass: s.Password.Reveal()}.AsSha256Mechanism()
	case "SCRAM-SHA-512":
		return scram.Auth{User: s.Username, Pass: s.Password.Reveal()}.AsSha512Mechanism()
	}
	return nil
}

// debugLog has what the client says of itself in the log of level debug only: while the cluster is away it says several
// lines a second. What matters of it is logged by the Consumer.
type debugLog struct{ log *slog.Logger }

// Level implements kgo.Logger.
func (l debugLog) Level() kgo.LogLevel {
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		return kgo.LogLevelDebug
	}
	return kgo.LogLevelNone
}

// Log implements kgo.Logger.
func (l debugLog) Log(_ kgo.LogLevel, text string, pairs ...any) {
	l.log.With("service", "kafka").Debug(text, pairs...)
}
