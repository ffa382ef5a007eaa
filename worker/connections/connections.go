// Package connections bounds what the connections of a listener cost: how many there are, how long one may be idle, and
// how long one may take to read what it is sent. Whoever connects is a stranger until a request proved who sent it; then
// the connection is trusted for TrustedFor, and no stranger can have it closed.
//
//	strangers --Trust--> trusted --TrustedFor--> counts as a stranger again
//
// At the limit a new connection takes the place of the one that was not trusted for the longest time, once that had
// strangerLeast for its request: until then the new one waits to be accepted. One whose request came and was not read yet
// is passed over, since then we are slow. Where all are trusted, the new one is taken beyond the limit.
package connections

import (
	"container/list"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of a connection.
const (
	TrustedFor    = 620 * time.Second // since the last proof; proxies keep an idle connection for up to 600 s
	strangerFor   = 30 * time.Second  // that a stranger may be idle
	strangerLeast = time.Second       // that each has to prove who it is, however many come
	passedMost    = 100               // connections whose requests were not read yet
	writeMost     = 30 * time.Second  // for the other side to take writePiece bytes
	writePiece    = 64 << 10
)

// Most is how many connections a listener has, beside more that are trusted. One costs about 40 KiB beside its body.
const Most = 1000

// Listener is a listener whose connections are bounded. Its methods may be called by many goroutines.
type Listener struct {
	net.Listener
	most     int
	onEvict  func()
	closed   chan struct{}
	onClose  sync.Once
	mu       sync.Mutex
	stranger *list.List // of *Conn, the longest first
	trusted  *list.List // of *Conn, the one whose last proof is the oldest first
}

// Limit bounds the connections of a listener to most, and calls onEvict after each that was closed for another.
func Limit(l net.Listener, most int, onEvict func()) *Listener {
	return &Listener{Listener: l, most: most, onEvict: onEvict, closed: make(chan struct{}), stranger: list.New(), trusted: list.New()}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &Conn{Conn: inner, of: l}
	for {
		evicted, wait := l.add(c)
		if evicted != nil {
			_ = evicted.Conn.Close()
			l.onEvict()
		}
		if wait <= 0 {
			return c, nil
		}
		select {
		case <-time.After(wait):
		case <-l.closed:
		}
	}
}

// Close implements net.Listener.
func (l *Listener) Close() error {
	l.onClose.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// add adds a connection, and returns the one that has to be closed for it; or it returns how long to wait before that may
// be.
func (l *Listener) add(c *Conn) (evicted *Conn, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if evicted = l.oldest(); evicted != nil {
		if wait = strangerLeast - time.Since(evicted.since); wait > 0 && !l.isClosed() {
			return nil, wait
		}
		evicted.leave()
	}
	c.since = time.Now()
	c.in, c.place = l.stranger, l.stranger.PushBack(c)
	return evicted, 0
}

// oldest returns the connection that was not trusted for the longest time if there is no room for another; nil if there
// is, or all are trusted.
func (l *Listener) oldest() *Conn {
	if l.stranger.Len()+l.trusted.Len() < l.most {
		return nil
	}
	if first := l.trusted.Front(); first != nil && !first.Value.(*Conn).isTrusted() {
		return first.Value.(*Conn)
	}
	first := l.stranger.Front()
	if first == nil {
		return nil
	}
	for e, passed := first, 0; e != nil && passed < passedMost; e, passed = e.Next(), passed+1 {
		if c := e.Value.(*Conn); !hasUnread(c.Conn) {
			return c
		}
	}
	return first.Value.(*Conn)
}

func (l *Listener) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// Conn is one connection of a Listener.
type Conn struct {
	net.Conn
	of *Listener

	since time.Time  // it was accepted
	in    *list.List // nil: it is not accepted yet, or was closed
	place *list.Element

	trustedAt  atomic.Int64 // Unix nanoseconds; 0: never
	remembered atomic.Int64
}

type connKey struct{}

// Context is for http.Server.ConnContext: Of finds the connection in the contexts of its requests.
func Context(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// Of returns the connection of a request; nil if its listener is not bounded. The methods Trust, Remember and Remembered
// do nothing on nil.
func Of(ctx context.Context) *Conn {
	c, _ := ctx.Value(connKey{}).(*Conn)
	return c
}

// Trust records that a request on the connection proved who sent it.
func (c *Conn) Trust() {
	if c == nil {
		return
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.in == nil {
		return
	}
	c.leave()
	c.trustedAt.Store(time.Now().UnixNano())
	c.in, c.place = c.of.trusted, c.of.trusted.PushBack(c)
}

// leave takes the connection out of its list; the lock is held.
func (c *Conn) leave() {
	if c.in != nil {
		c.in.Remove(c.place)
		c.in, c.place = nil, nil
	}
}

func (c *Conn) isTrusted() bool {
	at := c.trustedAt.Load()
	return at != 0 && time.Since(time.Unix(0, at)) < TrustedFor
}

// Remember keeps a number for later requests on the connection.
func (c *Conn) Remember(n int) {
	if c != nil {
		c.remembered.Store(int64(n))
	}
}

// Remembered returns the number that was kept last, 0 at first.
func (c *Conn) Remembered() int {
	if c == nil {
		return 0
	}
	return int(c.remembered.Load())
}

// Close implements net.Conn.
func (c *Conn) Close() error {
	c.of.mu.Lock()
	c.leave()
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite lets http.Server end an answer without cutting off what the other side still sends.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// SetReadDeadline implements net.Conn. http.Server sets one of TrustedFor for a connection that is idle; a stranger gets
// less.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if most := time.Now().Add(strangerFor); t.After(most) && !c.isTrusted() {
		t = most
	}
	return c.Conn.SetReadDeadline(t)
}

// Write implements net.Conn. It fails where the other side does not take what is written.
func (c *Conn) Write(p []byte) (written int, err error) {
	for {
		if err := c.SetWriteDeadline(time.Now().Add(writeMost)); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(p[:min(len(p), writePiece)])
		written += n
		if p = p[n:]; err != nil || len(p) == 0 {
			return written, err
		}
	}
}
