package app

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/redistest"
)

// TestAPatientClientIsNotHeldUpByAConnectionThatDiedGreeting has the first connections end before they
// are answered, as where Redis is killed just then.
func TestAPatientClientIsNotHeldUpByAConnectionThatDiedGreeting(t *testing.T) {
	t.Parallel()
	const dying, held = 2, retryMost / 2
	behind := redistest.StartEmbedded(t).Addr()
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = front.Close() }) // that ends the loop
	var taken atomic.Int64
	go func() {
		for {
			conn, err := front.Accept()
			if err != nil {
				return
			}
			if taken.Add(1) <= dying {
				_, _ = conn.Read(make([]byte, 1)) // it greets
				_ = conn.Close()
				continue
			}
			go relay(conn, behind)
		}
	}()
	client, err := DialRedis(happycolis.Secret("redis://"+front.Addr().String()), nil, PatientRedis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() }) // nothing is unwritten
	begun := time.Now()
	if err := client.Set(t.Context(), "a", "1", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > held {
		t.Errorf("it took %s, want less than %s", took, held)
	}
}

// relay connects a client to a server.
func relay(client net.Conn, to string) {
	server, err := net.Dial("tcp", to)
	if err != nil {
		_ = client.Close()
		return
	}
	go func() {
		_, _ = io.Copy(server, client) // until either hangs up
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
	_ = client.Close()
}

func TestAPatientClientSitsOutAnOutageAndTakesNoForAnAnswer(t *testing.T) {
	t.Parallel()
	const outage = 500 * time.Millisecond
	server := redistest.StartEmbedded(t)
	client, err := DialRedis(happycolis.Secret("redis://"+server.Addr()), nil, PatientRedis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() }) // nothing is unwritten
	server.Close()
	time.AfterFunc(outage, func() {
		if err := server.Restart(); err != nil {
			t.Error(err)
		}
	})
	if _, err := client.TxPipelined(t.Context(), func(p redis.Pipeliner) error {
		p.Set(t.Context(), "a", "1", 0)
		p.Incr(t.Context(), "a")
		return nil
	}); err != nil {
		t.Errorf("over an outage: %v", err)
	}
	if got := client.Get(t.Context(), "a").Val(); got != "2" {
		t.Errorf("a is %q, want 2", got)
	}
	begun := time.Now()
	if err := client.LPush(t.Context(), "a", "x").Err(); err == nil || time.Since(begun) > retryMost/2 {
		t.Errorf("a refusal took %s: %v", time.Since(begun), err)
	}
	if err := client.Get(t.Context(), "nothing").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("what is not there: %v", err)
	}
}

// TestThePromptClientLooksAtRedisHoweverOftenItWasRefused has Redis refuse as often as a crowd of webhooks
// asks while it is away. The library would by itself stop asking for up to a second.
func TestThePromptClientLooksAtRedisHoweverOftenItWasRefused(t *testing.T) {
	t.Parallel()
	const tries = 2400 // of 200 webhooks, for 3 s
	server := redistest.StartEmbedded(t)
	client, err := DialRedis(happycolis.Secret("redis://"+server.Addr()), nil, PromptRedis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() }) // nothing is unwritten
	server.Close()
	for range tries {
		if err := client.Ping(t.Context()).Err(); err == nil {
			t.Fatal("Redis is not away")
		}
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Errorf("Redis is back and the client says %v", err)
	}
}
