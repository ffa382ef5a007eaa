package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Listener is one HTTP server on one address. It takes the address when it is opened, and answers once it serves.
type Listener struct {
	Name, Address string
	Handler       http.Handler
	Log           *slog.Logger
	readTimeout   time.Duration // of a whole request; 0: none, since an answer may be long in coming
	onShutdown    func()        // called when the close begins: ends the answers that end by nothing else; may be nil

	bound  net.Listener
	server *http.Server
}

// Open takes the address. A port in use is told with the address.
func (l *Listener) Open() error {
	bound, err := net.Listen("tcp", l.Address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listening on %s: the port is in use by another process; stop it, or configure another", l.Address)
	case err != nil:
		return fmt.Errorf("listening on %s: %w", l.Address, err)
	}
	l.bound = bound
	l.server = &http.Server{
		Handler: l.Handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: l.readTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(l.Log.Handler(), slog.LevelWarn),
	}
	if l.onShutdown != nil {
		l.server.RegisterOnShutdown(l.onShutdown)
	}
	return nil
}

// Addr is where the listener really is: port 0 takes a free one.
func (l *Listener) Addr() net.Addr { return l.bound.Addr() }

// Serve answers requests from now on.
func (l *Listener) Serve() {
	l.Log.Info("listening", "listener", l.Name, "address", l.Addr().String())
	go func() {
		if err := l.server.Serve(l.bound); !errors.Is(err, http.ErrServerClosed) {
			l.Log.Error("the listener ended", "listener", l.Name, "error", err)
		}
	}()
}

// Close takes no new requests, lets those under way end, and breaks off what takes too long.
func (l *Listener) Close() {
	if l.server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainMost)
	defer cancel()
	if err := l.server.Shutdown(ctx); err != nil {
		_ = l.server.Close()
	}
	_ = l.bound.Close() // Shutdown knows it only once it is served
}
