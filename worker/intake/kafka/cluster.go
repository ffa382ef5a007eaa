package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Explain says in plain words why the cluster did not do what it was asked, and what to do. Texts of the cluster are
// left out, except for the name of its error.
func Explain(err error) string {
	var (
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		op      *net.OpError
		named   *kerr.Error
	)
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed), errors.Is(err, kerr.UnsupportedSaslMechanism), errors.Is(err, kerr.IllegalSaslState):
		return "the broker refuses the login; compare kafka.sasl with the user of the cluster"
	case errors.As(err, &unknown):
		return "the broker's certificate is of an authority that is not known; set kafka.tls.ca"
	case errors.As(err, &host), errors.As(err, &cert):
		return "the broker's certificate is not valid for its name or its time; look at it, and at kafka.brokers"
	case errors.As(err, &op) && op.Op == "remote error": // a TLS alert of the broker
		return "the broker refuses our certificate; look at kafka.tls.cert and kafka.tls.key"
	case errors.As(err, &record):
		return "the broker does not speak TLS on this port; look at kafka.tls.enabled and kafka.brokers"
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.GroupAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		return "the user may not read the topics as this group; allow READ and DESCRIBE on both"
	case errors.As(err, &named):
		return "the cluster answers " + named.Message
	case errors.As(err, &op):
		return "no connection: " + op.Err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the broker closes the connection; compare kafka.sasl with the user of the cluster, and look at kafka.tls.enabled"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return err.Error()
}

// OnBrokerConnect logs, once in a while, that a broker cannot be reached, or refuses the login. It implements
// kgo.HookBrokerConnect.
func (c *Consumer) OnBrokerConnect(to kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	if why := Explain(err); c.isDue(why) {
		c.Log.Error("a Kafka broker cannot be reached: its records come once it can", "broker", net.JoinHostPort(to.Host, fmt.Sprint(to.Port)), "why", why)
	}
}

// complainOfErrors logs, once in a while, what keeps topics from being read. A topic that was made anew is read from its
// beginning.
func (c *Consumer) complainOfErrors(fetches kgo.Fetches) {
	fetches.EachError(func(topic string, _ int32, err error) {
		if errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed) {
			return
		}
		if why := Explain(err); c.isDue(topic + why) {
			c.Log.Error("Kafka records cannot be read", "topic", topic, "why", why)
		}
		if errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.InconsistentTopicID) {
			c.client.PurgeTopicsFromClient(topic)
			c.client.AddConsumeTopics(topic)
		}
	})
}

// groupOf returns the state of the group, with what it has still to read. One that has never been used is empty.
func groupOf(ctx context.Context, cluster *kadm.Client, group string) (kadm.DescribedGroupLag, error) {
	lags, err := cluster.Lag(ctx, group)
	if err == nil {
		err = lags.Error()
	}
	if errors.Is(err, kerr.GroupIDNotFound) {
		return kadm.DescribedGroupLag{}, nil
	}
	return lags[group], err
}
