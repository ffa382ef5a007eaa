package main

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

// listener is one HTTP server on one address.
type listener struct {
	name, address string
	handler       http.Handler
	log           *slog.Logger
	readTimeout   time.Duration // of a whole request; 0: none, since an answer may be long in coming
	ending        func()        // called when the close begins: ends the answers that end by nothing else; may be nil

	bound  net.Listener
	server *http.Server
}

// open takes the address. A port in use is told with the address.
func (l *listener) open() error {
	bound, err := net.Listen("tcp", l.address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listening on %s: the port is in use by another process; stop it, or configure another", l.address)
	case err != nil:
		return fmt.Errorf("listening on %s: %w", l.address, err)
	}
	l.bound = bound
	l.server = &http.Server{
		Handler: l.handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: l.readTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(l.log.Handler(), slog.LevelWarn),
	}
	if l.ending != nil {
		l.server.RegisterOnShutdown(l.ending)
	}
	return nil
}

func (l *listener) serve() {
	l.log.Info("listening", "listener", l.name, "address", l.bound.Addr().String())
	go func() {
		if err := l.server.Serve(l.bound); !errors.Is(err, http.ErrServerClosed) {
			l.log.Error("the listener ended", "listener", l.name, "error", err)
		}
	}()
}

// close takes no new requests, lets those under way end, and breaks off what takes too long.
func (l *listener) close() {
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
