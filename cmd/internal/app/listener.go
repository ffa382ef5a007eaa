package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"

	"happycolis-reassigner/worker/connections"
)

// Listener is one HTTP server on one address. Open takes the address, Serve begins to answer.
type Listener struct {
	Name, Address string
	Handler       http.Handler
	Log           *slog.Logger
	onShutdown    func() // called when Close begins, to end streams that would not end; may be nil

	bound  net.Listener
	server *http.Server
}

// Open takes the address. The error for a port in use names the address.
func (l *Listener) Open() error {
	bound, err := net.Listen("tcp", l.Address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listening on %s: the port is in use by another process; stop it, or configure another", l.Address)
	case err != nil:
		return fmt.Errorf("listening on %s: %w", l.Address, err)
	}
	complaints := &rateLimitedLog{log: l.Log}
	l.bound = connections.Limit(bound, connections.Most, func() {
		if complaints.isDue(l.Name) {
			l.Log.Warn("too many connections: those that proved nothing for the longest time are closed", "listener", l.Name, "count", connections.Most)
		}
	})
	l.server = &http.Server{
		Handler: l.Handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout,
		IdleTimeout: connections.TrustedFor, MaxHeaderBytes: maxHeaders - headerSlack, ConnContext: connections.Context,
		ErrorLog: slog.NewLogLogger(l.Log.Handler(), slog.LevelWarn),
	}
	if l.onShutdown != nil {
		l.server.RegisterOnShutdown(l.onShutdown)
	}
	return nil
}

// Addr returns the actual address, where port 0 was given.
func (l *Listener) Addr() net.Addr { return l.bound.Addr() }

// Serve begins to answer requests, in the background.
func (l *Listener) Serve() {
	l.Log.Info("listening", "listener", l.Name, "address", l.Addr().String())
	go func() {
		if err := l.server.Serve(l.bound); !errors.Is(err, http.ErrServerClosed) {
			l.Log.Error("the listener ended", "listener", l.Name, "error", err)
		}
	}()
}

// Close accepts no new requests, lets those in progress end, and aborts those that take too long.
func (l *Listener) Close() {
	if l.server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainMost)
	defer cancel()
	if err := l.server.Shutdown(ctx); err != nil {
		_ = l.server.Close()
	}
	_ = l.bound.Close() // Shutdown closes the listener only if it was served
}
