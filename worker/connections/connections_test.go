package connections_test

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"happycolis-reassigner/worker/connections"
)

// pipes is a listener of pipes; what is sent to it is our end of one.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) { return <-p, nil }
func (p pipes) Close() error              { return nil }
func (p pipes) Addr() net.Addr            { return &net.TCPAddr{} }

type fixture struct {
	t       *testing.T
	in      pipes
	limited *connections.Listener
	evicted int
}

func newFixture(t *testing.T, most int) *fixture {
	f := &fixture{t: t, in: make(pipes, 1)}
	f.limited = connections.Limit(f.in, most, func() { f.evicted++ })
	return f
}

// connect returns a connection as a server has it, and the other end.
func (f *fixture) connect() (*connections.Conn, net.Conn) {
	f.t.Helper()
	ours, theirs := net.Pipe()
	f.in <- ours
	c, err := f.limited.Accept()
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = c.Close() })
	return c.(*connections.Conn), theirs
}

func isOpen(c net.Conn) bool {
	_ = c.SetWriteDeadline(time.Now())
	_, err := c.Write([]byte("x"))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// open says which are open, by their other ends.
func open(ends ...net.Conn) (all []bool) {
	for _, c := range ends {
		all = append(all, isOpen(c))
	}
	return all
}

func want(t *testing.T, when string, got []bool, want ...bool) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: connection %d is open: %v, want %v", when, i, got[i], want[i])
		}
	}
}

func TestAtTheLimitTheOneThatProvedNothingForTheLongestIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 3)
		signed, a := f.connect()
		_, b := f.connect()
		_, c := f.connect()
		signed.Trust()
		_, d := f.connect()
		want(t, "a stranger comes", open(a, b, c, d), true, false, true, true)
		_, e := f.connect()
		want(t, "another comes", open(a, c, d, e), true, false, true, true)
		if f.evicted != 2 {
			t.Errorf("told of %d, want 2", f.evicted)
		}

		time.Sleep(connections.TrustedFor - 2*time.Second)
		_, g := f.connect()
		want(t, "619 s after the proof", open(a, d, e, g), true, false, true, true)
		time.Sleep(2 * time.Second)
		_, h := f.connect()
		want(t, "620 s after it", open(a, e, g, h), false, true, true, true)
	})
}

// However fast strangers come, each connection has time for a request that is signed.
func TestAtTheLimitAStrangerIsNotClosedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 2)
		began := time.Now()
		for range 8 {
			f.connect()
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("8 connections were accepted in %s, want 3 s", took)
		}
		signed, end := f.connect()
		go func() { time.Sleep(900 * time.Millisecond); signed.Trust() }()
		f.connect()
		f.connect()
		f.connect()
		want(t, "one that proved something after 0.9 s", open(end), true)
		closing := make(chan struct{})
		go func() { f.connect(); close(closing) }()
		synctest.Wait()
		_ = f.limited.Close()
		began = time.Now()
		if <-closing; time.Since(began) > 0 {
			t.Errorf("after the end it waited for %s", time.Since(began))
		}
	})
}

// TestARequestThatWasNotReadYetIsNotClosed has the oldest connection send one, and nobody read it.
func TestARequestThatWasNotReadYetIsNotClosed(t *testing.T) {
	t.Parallel()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limited := connections.Limit(tcp, 2, func() {})
	t.Cleanup(func() { _ = limited.Close() })
	connect := func(sends string) net.Conn {
		end, err := net.Dial("tcp", tcp.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = end.Close() })
		if _, err := end.Write([]byte(sends)); err != nil {
			t.Fatal(err)
		}
		ours, err := limited.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ours.Close() })
		return ours
	}
	asks, idle := connect("POST /"), connect("")
	connect("")
	if _, err := idle.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the one that sent nothing: %v, want it closed", err)
	}
	if _, err := asks.Read(make([]byte, 1)); err != nil {
		t.Errorf("the one that asks: %v", err)
	}
}

func TestWhereAllAreTrustedNoneIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 2)
		var ends []net.Conn
		for range 5 {
			c, end := f.connect()
			c.Trust()
			ends = append(ends, end)
		}
		_, stranger := f.connect()
		want(t, "a stranger comes", open(append(ends, stranger)...), true, true, true, true, true, true)
		_, other := f.connect()
		want(t, "another comes", open(append(ends, stranger, other)...), true, true, true, true, true, false, true)
	})
}

func TestWhatIsClosedGivesItsPlaceBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 2)
		a, _ := f.connect()
		b, _ := f.connect()
		a.Trust()
		_, _ = a.Close(), b.Close()
		a.Trust() // a request that was still at work
		_, c := f.connect()
		_, d := f.connect()
		want(t, "two others come", open(c, d), true, true)
	})
}

// A server sets the deadline of an idle connection by what a trusted one may take.
func TestAStrangerIsIdleForHalfAMinuteAtMost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trust bool
		idle  time.Duration
		want  time.Duration
	}{
		"a stranger":                {false, connections.TrustedFor, 30 * time.Second},
		"a stranger with less time": {false, 5 * time.Second, 5 * time.Second},
		"one that proved something": {true, connections.TrustedFor, connections.TrustedFor},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				conn, _ := newFixture(t, 2).connect()
				if c.trust {
					conn.Trust()
				}
				began := time.Now()
				if err := conn.SetReadDeadline(began.Add(c.idle)); err != nil {
					t.Fatal(err)
				}
				_, err := conn.Read(make([]byte, 1))
				if took := time.Since(began); !errors.Is(err, os.ErrDeadlineExceeded) || took != c.want {
					t.Errorf("it ended after %s with %v, want %s", took, err, c.want)
				}
			})
		})
	}
}

func TestWhoTakesNothingIsCutAndWhoTakesSlowlyIsNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn, end := newFixture(t, 2).connect()
		began := time.Now()
		go func() {
			piece := make([]byte, 64<<10)
			for range 5 {
				time.Sleep(29 * time.Second)
				_, _ = end.Read(piece)
			}
		}()
		n, err := conn.Write(make([]byte, 6*64<<10))
		if took := time.Since(began); !errors.Is(err, os.ErrDeadlineExceeded) || n != 5*64<<10 || took != 5*29*time.Second+30*time.Second {
			t.Errorf("%d bytes were written in %s: %v", n, took, err)
		}
	})
}

func TestARequestFindsItsConnection(t *testing.T) {
	t.Parallel()
	c, _ := newFixture(t, 1).connect()
	found := connections.Of(connections.Context(context.Background(), c))
	if found != c || found.Remembered() != 0 {
		t.Errorf("found %v, which remembers %d", found, found.Remembered())
	}
	if found.Remember(7); c.Remembered() != 7 {
		t.Errorf("it remembers %d, want 7", c.Remembered())
	}
	none := connections.Of(t.Context())
	none.Trust()
	if none.Remember(7); none.Remembered() != 0 {
		t.Errorf("none remembers %d", none.Remembered())
	}
}
