package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"happycolis-reassigner/worker/connections"
)

// Listener is one HTTP server on one address. Open takes the address, Serve begins to answer.
type Listener struct {
	Name, Address string
	Handler       http.Handler
	Log           *slog.Logger
	onShutdown    func() // called when no connection is taken any more, to end streams that would not end; may be nil

	bound   net.Listener
	server  *http.Server
	asks    atomic.Bool // every answer asks to close its connection
	serving sync.WaitGroup
	stop    sync.Once
	stopped atomic.Bool
	mu      sync.Mutex
	busy    map[net.Conn]bool // connections that are new, or whose request is in progress
}

// drainMost is how long Close lets requests in progress take.
const drainMost = 4 * time.Second

// drainLook is how often it is looked whether they ended.
const drainLook = 5 * time.Millisecond

// Open takes the address. The error for a port in use names the address.
func (l *Listener) Open() error { return l.OpenOn(nil) }

// OpenOn is Open with a socket that listens at the address already; nil: there is none.
func (l *Listener) OpenOn(bound net.Listener) error {
	if bound == nil {
		var err error
		bound, err = net.Listen("tcp", l.Address)
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			return fmt.Errorf("listening on %s: the port is in use by another process; stop it, or configure another", l.Address)
		case err != nil:
			return fmt.Errorf("listening on %s: %w", l.Address, err)
		}
	}
	complaints := &rateLimitedLog{log: l.Log}
	l.bound = connections.Limit(bound, connections.Most, func() {
		if complaints.isDue(l.Name) {
			l.Log.Warn("too many connections: those that proved nothing for the longest time are closed", "listener", l.Name, "count", connections.Most)
		}
	})
	l.busy = map[net.Conn]bool{}
	l.server = &http.Server{
		Handler: l.answering(l.Handler), ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout,
		IdleTimeout: connections.TrustedFor, MaxHeaderBytes: maxHeaders - headerSlack, ConnContext: connections.Context,
		ConnState: l.noteState,
		ErrorLog:  slog.NewLogLogger(l.Log.Handler(), slog.LevelWarn),
	}
	return nil
}

// answering has answers ask to close their connections after AskToClose. http.Server has that, too
// (SetKeepAlivesEnabled), but closes idle connections at once then.
func (l *Listener) answering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asking := &askingWriter{w, l}
		asking.ask()
		next.ServeHTTP(asking, r)
		asking.ask() // an answer without a body may begin only now
	})
}

// askingWriter writes an answer that asks to close its connection if that is due when it begins.
type askingWriter struct {
	http.ResponseWriter
	of *Listener
}

func (w *askingWriter) ask() {
	if w.of.asks.Load() {
		w.Header().Set("Connection", "close")
	}
}

// WriteHeader implements http.ResponseWriter.
func (w *askingWriter) WriteHeader(status int) {
	w.ask()
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *askingWriter) Write(p []byte) (int, error) {
	w.ask()
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *askingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Addr returns the actual address, where port 0 was given.
func (l *Listener) Addr() net.Addr { return l.bound.Addr() }

// Serve begins to answer requests, in the background.
func (l *Listener) Serve() {
	l.Log.Info("listening", "listener", l.Name, "address", l.Addr().String())
	l.serving.Go(func() {
		if err := l.server.Serve(l.bound); !errors.Is(err, http.ErrServerClosed) && !l.stopped.Load() {
			l.Log.Error("the listener ended", "listener", l.Name, "error", err)
		}
	})
}

// AskToClose has every answer from now on ask its client to close the connection.
func (l *Listener) AskToClose() { l.asks.Store(true) }

// StopAccepting takes no new connections, and ends streams. Requests on the connections that are there are answered.
func (l *Listener) StopAccepting() {
	if l.server == nil {
		return
	}
	l.stop.Do(func() {
		l.AskToClose()
		l.stopped.Store(true)
		_ = l.bound.Close()
		if l.onShutdown != nil {
			l.onShutdown()
		}
	})
}

// Close is CloseWithin drainMost.
func (l *Listener) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), drainMost)
	defer cancel()
	l.CloseWithin(ctx)
}

// CloseWithin takes no new connections and lets requests in progress end; those that go on when ctx ends are cut. Idle
// connections are closed last: until then a request may come on them. http.Server.Shutdown alone drops a request that is
// read after it began, also the first of a new connection.
func (l *Listener) CloseWithin(ctx context.Context) {
	if l.server == nil {
		return
	}
	l.StopAccepting()
	l.serving.Wait() // what was accepted is among the busy
	for l.isBusy() && ctx.Err() == nil {
		time.Sleep(drainLook)
	}
	if err := l.server.Shutdown(ctx); err != nil {
		_ = l.server.Close()
	}
}

func (l *Listener) noteState(c net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		l.busy[c] = true
	} else {
		delete(l.busy, c)
	}
}

func (l *Listener) isBusy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.busy) > 0
}
