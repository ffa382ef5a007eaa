package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"happycolis-reassigner/happycolis"
)

type rate struct{ grants, waits, seconds *prometheus.CounterVec }

func newRate(m *Metrics) rate {
	return rate{
		grants:  m.newCounter("rate_limit_grants_total", "Requests that the shared rate limit let pass.", "organization", "class"),
		waits:   m.newCounter("rate_limit_waits_total", "Times that the shared rate limit told a caller to wait.", "organization", "class"),
		seconds: m.newCounter("rate_limit_wait_seconds_total", "Sum of the waits that the shared rate limit told its callers.", "organization", "class"),
	}
}

// Limiter is the shared rate limit of the client, with reservations.
type Limiter interface {
	happycolis.Limiter
	happycolis.Reserver
}

// Limiter returns a limiter that asks next and counts what it grants and denies.
func (m *Metrics) Limiter(next Limiter) Limiter { return limiter{m.rate, next} }

type limiter struct {
	rate
	next Limiter
}

// The classes, as values of a label. Reserving requests before a reassignment begins is a class of its own, since
// nothing is half done while it waits.
const (
	classHandover   = "handover"
	classBackground = "background"
	classBegin      = "begin"
)

// Wait implements happycolis.Limiter.
func (l limiter) Wait(ctx context.Context, organization string, class happycolis.Class) (time.Duration, error) {
	name := classHandover
	if class == happycolis.ClassBackground {
		name = classBackground
	}
	wait, err := l.next.Wait(ctx, organization, class)
	l.countGrant(organization, name, wait, err)
	return wait, err
}

// Reserve implements happycolis.Reserver.
func (l limiter) Reserve(ctx context.Context, organization string, requests int) (time.Duration, error) {
	wait, err := l.next.Reserve(ctx, organization, requests)
	l.countGrant(organization, classBegin, wait, err)
	return wait, err
}

// Refund implements happycolis.Reserver.
func (l limiter) Refund(ctx context.Context, organization string, requests int) error {
	return l.next.Refund(ctx, organization, requests)
}

func (l limiter) countGrant(organization, class string, wait time.Duration, err error) {
	switch {
	case err != nil:
	case wait > 0:
		l.waits.WithLabelValues(organization, class).Inc()
		l.seconds.WithLabelValues(organization, class).Add(wait.Seconds())
	default:
		l.grants.WithLabelValues(organization, class).Inc()
	}
}
