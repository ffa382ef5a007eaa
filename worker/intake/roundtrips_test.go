package intake_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/intake"
)

// roundTrips counts what a client sends: a command, or several at once.
type roundTrips struct{ count atomic.Int64 }

func (n *roundTrips) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (n *roundTrips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		n.count.Add(1)
		return next(ctx, cmd)
	}
}

func (n *roundTrips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		n.count.Add(1)
		return next(ctx, cmds)
	}
}

// TestRoundTripsOfAnEvent: where Redis is far away, each costs a share of what a webhook may take. The queue's own are not
// counted: it submits a task in one.
func TestRoundTripsOfAnEvent(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	var n roundTrips
	b.rdb.AddHook(&n)
	for _, c := range []struct {
		name  string
		again bool
		body  func(message string) []byte
		want  int64
	}{
		{"a delivery order", false, func(m string) []byte {
			return event(org, m, "delivery_order/updated", `{"id":"do_1","orderIds":["o"],"locationId":"l","status":"PENDING","priority":"NORMAL","issuedAt":"2026-05-17T14:03:20Z",`+
				`"lines":[{"id":"l","sku":"M","quantity":1,"status":"PENDING"}],"events":[{"type":"X","date":"2026-05-17T14:03:20Z"}]}`)
		}, 1},
		{"an errored integration", false, func(m string) []byte { return breaks(org, m, "loc_paris") }, 2},
		{"an errored integration once more", true, func(m string) []byte { return breaks(org, m, "loc_paris") }, 1},
		{"a location", false, func(m string) []byte { return event(org, m, "location/updated", `{"id":"loc_1","name":"paris"}`) }, 2},
	} {
		apply := func(message string) {
			t.Helper()
			a := b.options.Intake.Decode(c.body(message), []string{org}, intake.Webhook)
			if _, err := b.options.Intake.Apply(t.Context(), a); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		apply(c.name) // loads the scripts
		n.count.Store(0)
		if apply(c.name + map[bool]string{false: " two"}[c.again]); n.count.Load() != c.want {
			t.Errorf("%s: %d round trips, want %d", c.name, n.count.Load(), c.want)
		}
	}
}
