package intake_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
)

var away = answer{Status: http.StatusServiceUnavailable, Error: "storage is away; send again"}

// TestRedisAwayForTwoSecondsIsSatOut has a second to spare; a machine that stands still for longer has two more tries.
func TestRedisAwayForTwoSecondsIsSatOut(t *testing.T) {
	t.Parallel()
	const outage = 2 * time.Second
	for try := 1; ; try++ {
		b := newFixture(t)
		b.wait(0) // the default
		b.redis.Close()
		began := time.Now()
		back := time.AfterFunc(outage, func() {
			if err := b.redis.Restart(); err != nil {
				t.Error(err)
			}
		})
		got := b.post(t, breaks(org, "msg_1", "loc_paris"), secret)
		took := time.Since(began)
		if got == away && try < 3 {
			back.Stop()
			continue
		}
		b.want(t, got, taken)
		if took < outage {
			t.Errorf("it was answered after %s, before Redis was back", took)
		}
		if got := b.observations(t); len(got) != 1 {
			t.Errorf("%d observations, want 1", len(got))
		}
		return
	}
}

func TestAWebhookIsRefusedOnceThePatienceIsOver(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *fixture, *options){
		"Redis refuses connections":   func(_ *testing.T, b *fixture, _ *options) { b.redis.Close() },
		"Redis answers with errors":   func(_ *testing.T, b *fixture, _ *options) { b.redis.SetError("LOADING the dataset") },
		"Redis does not answer":       func(t *testing.T, _ *fixture, o *options) { silence(t, o) },
		"the queue's Redis is closed": func(_ *testing.T, b *fixture, _ *options) { b.tasks.Close() },
	}
	for name, takeAway := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var o options
			b := newFixture(t, func(made *options) { made.Patience = impatient; o = *made })
			takeAway(t, b, &o)
			o.Intake = intake.New(o.Options)
			b.Handler = intake.NewReceiver(o.ReceiverOptions)
			began := time.Now()
			b.want(t, b.post(t, breaks(org, "msg_1", "loc_paris"), secret), away)
			if took := time.Since(began); took < impatient || took > patient {
				t.Errorf("it was refused after %s, want after %s", took, impatient)
			}
		})
	}
}

// silence makes the index and what is parked live behind a server that takes connections and says nothing.
func silence(t *testing.T, o *options) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // the connections end with the process
	o.Redis = prompt(t, listener.Addr().String())
	o.Index = index.New(o.Redis)
}

func TestAMessageIsSeenOnlyAfterItsEffect(t *testing.T) {
	t.Parallel()
	t.Run("a location that could not be put on the queue", func(t *testing.T) {
		t.Parallel()
		b := newFixture(t)
		b.wait(impatient)
		b.tasks.Close()
		b.want(t, b.post(t, breaks(org, "msg_1", "loc_paris"), secret), away)
		b.wait(patient)
		b.wantSeen(t, "msg_1", false)
		if err := b.tasks.Restart(); err != nil {
			t.Fatal(err)
		}
		b.want(t, b.post(t, breaks(org, "msg_1", "loc_paris"), secret), taken)
		b.wantSeen(t, "msg_1", true)
		if got := b.observations(t); len(got) != 1 {
			t.Errorf("%d observations, want 1", len(got))
		}
	})
	t.Run("a delivery order that could not be indexed", func(t *testing.T) {
		t.Parallel()
		b := newFixture(t)
		b.wait(impatient)
		b.redis.Close()
		b.want(t, b.post(t, order("msg_1", "do_1"), secret), away)
		b.wait(patient)
		if err := b.redis.Restart(); err != nil {
			t.Fatal(err)
		}
		b.wantSeen(t, "msg_1", false)
		b.want(t, b.post(t, order("msg_1", "do_1"), secret), taken)
		b.wantSeen(t, "msg_1", true)
		if _, known, err := b.index.Get(t.Context(), org, "do_1"); err != nil || !known {
			t.Errorf("it is known: %t, %v, want so", known, err)
		}
	})
}

// TestASenderThatHangsUpLosesNothing has the sender gone while the receiver waits for Redis.
func TestASenderThatHangsUpLosesNothing(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	server := httptest.NewServer(b)
	defer server.Close()
	b.redis.Close()
	body := breaks(org, "msg_1", "loc_paris")
	ctx, hangUp := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer hangUp()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+intake.Path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(signature, webhook.Sign(body, secret))
	if got, err := http.DefaultClient.Do(r); err == nil {
		_ = got.Body.Close()
		t.Fatalf("the sender got %s before it hung up", got.Status)
	}
	if err := b.redis.Restart(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); len(b.observations(t)) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the effect is lost")
		}
	}
}

func TestACorruptEntryDoesNotRefuseAWebhook(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	for _, post := range []func() answer{
		func() answer { return b.post(t, order("msg_1", "do_1"), secret) },
		func() answer { return b.post(t, order("msg_2", "do_1"), secret) },
	} {
		b.want(t, post(), taken)
		for _, key := range b.redis.Keys() {
			fields, _ := b.redis.HKeys(key) // of what is no hash there are none
			for _, field := range fields {
				if field == "body" || field == "told" || field == "loc_paris" {
					b.redis.HSet(key, field, "{")
				}
			}
		}
	}
	b.want(t, b.post(t, breaks(org, "msg_3", "loc_paris"), secret), taken)
	if got := b.observations(t); len(got) != 1 || got[0].V != tasks.Version {
		t.Errorf("observations are %+v, want one", got)
	}
}
