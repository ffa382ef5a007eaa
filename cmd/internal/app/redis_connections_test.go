package app

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
)

// forgetful stands between a client and Redis as a NAT does: what it forgets hears nothing any more, not even an end.
type forgetful struct {
	net.Listener
	to        string
	forgotten atomic.Int64 // connections up to this one
	opened    atomic.Int64
}

func startForgetful(t *testing.T, to string, secure *tls.Config) *forgetful {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	f := &forgetful{Listener: listener, to: to}
	t.Cleanup(func() { _ = f.Close() })
	go f.serve(t.Context())
	return f
}

func (f *forgetful) serve(ctx context.Context) {
	for {
		client, err := f.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", f.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		number := f.opened.Add(1)
		pass := func(to, from net.Conn) {
			for buffer := make([]byte, 4<<10); ; {
				n, err := from.Read(buffer)
				if number <= f.forgotten.Load() {
					<-ctx.Done()
				}
				if err != nil {
					_ = to.Close()
					return
				}
				_, _ = to.Write(buffer[:n])
			}
		}
		go pass(server, client)
		go pass(client, server)
	}
}

// TestADeadConnectionCostsOneTry has many connections in the pool die without a sign.
func TestADeadConnectionCostsOneTry(t *testing.T) {
	t.Parallel()
	certificate := httptest.NewUnstartedServer(nil)
	certificate.StartTLS()
	defer certificate.Close()
	for name, c := range map[string]struct {
		scheme, query string
		secure        *tls.Config
	}{
		"plain": {"redis", "", nil},
		"TLS":   {"rediss", "?skip_verify=true", &tls.Config{Certificates: certificate.TLS.Certificates}},
	} {
		for _, profile := range []RedisProfile{PromptRedis, SteadyRedis, PatientRedis} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				between := startForgetful(t, miniredis.RunT(t).Addr(), c.secure)
				client, err := DialRedis(happycolis.Secret(c.scheme+"://"+between.Addr().String()+"/0"+c.query), nil, profile)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = client.Close() })
				fill(t, client)
				between.forgotten.Store(between.opened.Load())
				const try = 300 * time.Millisecond
				failed := 0
				for range 5 {
					ctx, cancel := context.WithTimeout(t.Context(), try)
					err := client.Set(ctx, "k", "v", 0).Err()
					cancel()
					if err != nil {
						failed++
					}
				}
				if failed != 1 {
					t.Errorf("%d of 5 tries failed, want the first alone", failed)
				}
			})
		}
	}
}

// fill has a client hold several connections, all idle.
func fill(t *testing.T, client redis.UniversalClient) {
	t.Helper()
	var busy sync.WaitGroup
	release := make(chan struct{})
	for range 12 {
		conn := client.(*redis.Client).Conn()
		busy.Go(func() {
			if err := conn.Ping(t.Context()).Err(); err != nil {
				t.Error(err)
			}
			<-release
			_ = conn.Close()
		})
	}
	time.Sleep(300 * time.Millisecond)
	close(release)
	busy.Wait()
}

// TestAConnectionThatAwaitsAnAnswerIsNotDropped: a command that takes long is not cut off because another failed.
func TestAConnectionThatAwaitsAnAnswerIsNotDropped(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	d := newConnectionDropper()
	c := &redisConnection{Conn: ours, of: d}
	d.open[c] = struct{}{}
	go func() { _, _ = io.CopyN(io.Discard, theirs, 4) }()
	if _, err := c.Write([]byte("PING")); err != nil {
		t.Fatal(err)
	}
	d.dropIdle(time.Now().Add(time.Second))
	go func() { _, _ = theirs.Write([]byte("+PONG")) }()
	if _, err := c.Read(make([]byte, 5)); err != nil {
		t.Fatalf("while it awaited an answer it was closed: %v", err)
	}
	d.dropIdle(time.Now().Add(time.Second))
	if _, err := c.SyscallConn(); err == nil || len(d.open) != 0 {
		t.Errorf("idle, it was not closed: %v, %d open", err, len(d.open))
	}
}
