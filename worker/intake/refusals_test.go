package intake_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/redistest"
)

// everyKind is a webhook of each kind.
func everyKind() map[string][]byte {
	return map[string][]byte{
		"a failure":                        breaks(org, "msg_1", "loc_paris"),
		"another word on an integration":   event(org, "msg_1", "location/fulfillment_service_integration/accepted", `{"id":"fsi_1","locationId":"loc_paris"}`),
		"a delivery order":                 order("msg_1", "do_1"),
		"a location":                       event(org, "msg_1", "location/updated", `{"id":"loc_paris","name":"paris"}`),
		"a location that was deactivated":  event(org, "msg_1", "location/deactivated", `{"id":"loc_paris","name":"paris"}`),
		"a shipment":                       event(org, "msg_1", "shipment/created", `{"id":"sh_1","locationId":"loc_paris"}`),
		"stock":                            event(org, "msg_1", "stock_reference/updated", `{"id":"sr_1","locationId":"loc_lyon","sku":"MUG"}`),
		"no JSON":                          []byte(`<xml/>`),
		"a body of another shape":          event(org, "msg_1", "delivery_order/created", `{"id":{},"lines":7}`),
		"an organization of nobody":        breaks("org_9", "msg_1", "loc_paris"),
		"a delivery order without an id":   event(org, "msg_1", "delivery_order/created", `{}`),
		"a type that nobody knows":         event(org, "msg_1", "transfer_order/created", `{"id":"to_1"}`),
		"an order, which is not needed":    event(org, "msg_1", "order/created", `{"id":"ord_1"}`),
		"a failure that has no message id": breaks(org, "", "loc_paris"),
	}
}

// TestWhateverOfItsEffectCannotBeKeptRefusesTheWebhook takes Redis away before each request that a webhook needs.
func TestWhateverOfItsEffectCannotBeKeptRefusesTheWebhook(t *testing.T) {
	t.Parallel()
	for name, body := range everyKind() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := int64(1); ; n++ {
				b, gone := newFixture(t, func(o *options) { o.Patience = impatient }), &redistest.RefusingHook{From: n, To: math.MaxInt64}
				b.rdb.AddHook(gone)
				got := b.post(t, body, secret)
				if !gone.HasRefused() {
					break
				}
				if got != away {
					t.Errorf("without Redis from its request %d on it is answered %v", n, got)
				}
			}
		})
	}
	for name, kind := range map[string]string{"another word on an integration": "location/fulfillment_service_integration/accepted",
		"a failure": errored, "a location that was deactivated": "location/deactivated"} {
		t.Run(name+" without the queue", func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, func(o *options) { o.Patience = impatient })
			b.tasks.Close()
			b.want(t, b.post(t, event(org, "msg_1", kind, `{"id":"loc_paris","locationId":"loc_paris"}`), secret), away)
			b.wantSeen(t, "msg_1", false)
		})
	}
}

// TestAnEffectIsWholeWhateverRedisRefusedOnce refuses each request that a webhook needs, one at a time.
func TestAnEffectIsWholeWhateverRedisRefusedOnce(t *testing.T) {
	t.Parallel()
	for name, body := range everyKind() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := newFixture(t)
			want := good.post(t, body, secret)
			for n := int64(1); ; n++ {
				b, gone := newFixture(t), &redistest.RefusingHook{From: n, To: n}
				b.rdb.AddHook(gone)
				got := b.post(t, body, secret)
				if !gone.HasRefused() {
					break
				}
				b.want(t, got, want)
				if diff := cmp.Diff(good.redis.Keys(), b.redis.Keys()); diff != "" {
					t.Errorf("without request %d, what is stored (-want +got):\n%s", n, diff)
				}
				if diff := cmp.Diff(good.observations(t), b.observations(t)); diff != "" {
					t.Errorf("without request %d, observations (-want +got):\n%s", n, diff)
				}
			}
		})
	}
}

// TestHowLongARefusalTakes is told on a clock that stands still while nobody waits.
func TestHowLongARefusalTakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		patience time.Duration
		hangs    bool
		took     time.Duration
		tries    int64
	}{
		{"by default three seconds, four tries in each", 0, false, 3 * time.Second, 12},
		{"as long as it is told to", 600 * time.Millisecond, false, 600 * time.Millisecond, 3},
		{"a try that hangs is given up after a second", 0, true, 3 * time.Second, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				gone := &absent{hangs: c.hangs}
				client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
				defer client.Close()
				client.AddHook(gone)
				log := slog.New(slog.DiscardHandler)
				events := intake.New(intake.Options{Redis: client, Index: index.New(client), Now: time.Now, Log: log})
				b := &fixture{Handler: intake.NewReceiver(intake.ReceiverOptions{Intake: events, Secrets: []intake.Secret{{Organization: org, Key: secret}},
					Patience: c.patience, Log: log})}
				began := time.Now()
				b.want(t, b.post(t, breaks(org, "msg_1", "loc_paris"), secret), away)
				took, tries := time.Since(began), gone.tries.Load()
				if took != c.took || tries != c.tries && tries != c.tries+1 { // the last may begin in the moment in which patience ends
					t.Errorf("it was refused after %s and %d tries, want %s and %d", took, tries, c.took, c.tries)
				}
			})
		})
	}
}

// absent is a Redis that refuses each request at once, or that never answers.
type absent struct {
	hangs bool
	tries atomic.Int64
}

func (a *absent) away(ctx context.Context) error {
	a.tries.Add(1)
	if a.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return redistest.ErrRefused
}

func (a *absent) DialHook(next redis.DialHook) redis.DialHook { return next }

func (a *absent) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		cmd.SetErr(a.away(ctx))
		return cmd.Err()
	}
}

func (a *absent) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, _ []redis.Cmder) error { return a.away(ctx) }
}

func TestEachAnswerIsTold(t *testing.T) {
	t.Parallel()
	var told []string
	b := newFixture(t, func(o *options) {
		o.Observe = func(result, code string, took time.Duration) {
			if took < 0 {
				t.Errorf("%s took %s", result, took)
			}
			told = append(told, fmt.Sprint(result, " ", code))
		}
	})
	b.post(t, breaks(org, "msg_1", "loc_paris"), secret)
	b.post(t, breaks(org, "msg_1", "loc_paris"), secret)
	b.post(t, breaks(org, "msg_2", "loc_paris"), "another")
	if diff := cmp.Diff([]string{"taken 200", "seen before 200", "not signed 401"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
