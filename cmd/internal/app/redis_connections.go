package app

import (
	"cmp"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// connectionDropper makes a dead connection of the pool cost one try. What lies between us and Redis can forget
// connections without a word (a NAT that fails over, a node that dies behind the address of a service); the library
// would then spend a try, and the time of a try, on each connection of its pool, though a new one would work. So when
// one fails, all that were idle since before its command are closed, and the library, which asks that before it takes
// one from its pool, connects anew.
//
// It is a hook of a client, and its dialer.
type connectionDropper struct {
	mu   sync.Mutex
	open map[*redisConnection]struct{}
}

func newConnectionDropper() *connectionDropper {
	return &connectionDropper{open: map[*redisConnection]struct{}{}}
}

type redisDialer = func(ctx context.Context, network, address string) (net.Conn, error)

// defaultDialTimeout is what the library takes where the URL has no dial_timeout.
const defaultDialTimeout = 5 * time.Second

// dialer returns a dialer, by default the library's own, whose connections it knows.
func (d *connectionDropper) dialer(timeout time.Duration, dial redisDialer) redisDialer {
	if dial == nil {
		dial = redis.NewDialer(&redis.Options{DialTimeout: cmp.Or(timeout, defaultDialTimeout)})
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		inner, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c := &redisConnection{Conn: inner, of: d}
		c.used.Store(time.Now().UnixNano())
		d.mu.Lock()
		defer d.mu.Unlock()
		d.open[c] = struct{}{}
		return c, nil
	}
}

// dropIdle closes the connections that wait for no answer and were not used since a time.
func (d *connectionDropper) dropIdle(since time.Time) {
	d.mu.Lock()
	var idle []*redisConnection
	for c := range d.open {
		if !c.awaits.Load() && c.used.Load() < since.UnixNano() {
			idle = append(idle, c)
		}
	}
	d.mu.Unlock()
	for _, c := range idle {
		_ = c.Close() // nobody waits for it
	}
}

// DialHook implements redis.Hook.
func (d *connectionDropper) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (d *connectionDropper) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		began := time.Now()
		err := next(ctx, cmd)
		d.look(err, began)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (d *connectionDropper) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		began := time.Now()
		err := next(ctx, cmds)
		d.look(err, began)
		return err
	}
}

// look drops idle connections after an error that Redis did not answer with.
func (d *connectionDropper) look(err error, began time.Time) {
	var answered redis.Error
	if err != nil && !errors.As(err, &answered) && !errors.Is(err, context.Canceled) {
		d.dropIdle(began)
	}
}

// redisConnection is one connection to Redis.
type redisConnection struct {
	net.Conn
	of     *connectionDropper
	used   atomic.Int64 // Unix nanoseconds
	awaits atomic.Bool  // something was written since the last answer
	closed atomic.Bool
}

// Write implements net.Conn.
func (c *redisConnection) Write(p []byte) (int, error) {
	c.awaits.Store(true)
	c.used.Store(time.Now().UnixNano())
	return c.Conn.Write(p)
}

// Read implements net.Conn.
func (c *redisConnection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.awaits.Store(false)
	}
	return n, err
}

// Close implements net.Conn.
func (c *redisConnection) Close() error {
	c.closed.Store(true)
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// SyscallConn lets the library see, before it takes the connection from its pool, whether it was closed, here or by
// Redis. Below TLS it must not look, since what comes there need not be an answer.
func (c *redisConnection) SyscallConn() (syscall.RawConn, error) {
	if c.closed.Load() {
		return nil, net.ErrClosed
	}
	if plain, is := c.Conn.(syscall.Conn); is {
		return plain.SyscallConn()
	}
	return nothingToSee{}, nil
}

// nothingToSee is a connection that cannot be looked into.
type nothingToSee struct{}

func (nothingToSee) Control(func(uintptr)) error    { return nil }
func (nothingToSee) Read(func(uintptr) bool) error  { return nil }
func (nothingToSee) Write(func(uintptr) bool) error { return nil }
