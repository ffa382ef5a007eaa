package happycolis

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
)

// WithLastCheck returns a copy of the account that calls ask when the body of a request is first read, whatever the
// transport: after that there is only the network. A body that is made again (net/http does so to send on another
// connection a request that the server surely did not take) calls ask again. If ask returns an error the body cannot
// be read, so no whole request leaves, and the call fails with KindWithheld and ask's error as its cause.
//
// A process may be suspended at any moment, so what was true before the call may not be when the request leaves. ask
// checks that: it must do no I/O and have no side effects.
func (a *Account) WithLastCheck(ask func() error) *Account {
	guarded := *a
	guarded.ask = ask
	return &guarded
}

// lastCheck is the check of one request, and its result. A nil lastCheck checks nothing.
type lastCheck struct {
	ask func() error

	mu      sync.Mutex
	refused error // ask's error when the body given to the transport was read
}

type lastCheckKey struct{}

// withCheck returns a context with a check of its own, if the account has one.
func (a *Account) withCheck(ctx context.Context) (context.Context, *lastCheck) {
	if a.ask == nil {
		return ctx, nil
	}
	check := &lastCheck{ask: a.ask}
	return context.WithValue(ctx, lastCheckKey{}, check), check
}

// withheldCause returns why no whole request left, nil if one may have. A transport may return an answer, or an error
// of its own, although it could not read the body.
func (c *lastCheck) withheldCause(err error) error {
	if c == nil {
		return nil
	}
	if again, ok := errors.AsType[*withheldError](err); ok {
		return again.cause
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// withheldError is the error of reading a body whose check failed.
type withheldError struct{ cause error }

// Error implements error.
func (e *withheldError) Error() string { return "withheld: " + e.cause.Error() }

func (e *withheldError) Unwrap() error { return e.cause }

// checkingTransport is a transport that runs the check of a request.
type checkingTransport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper. The length of the body stays known, so that a server which got only a part
// of it knows that the request is incomplete.
func (t checkingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	check, _ := r.Context().Value(lastCheckKey{}).(*lastCheck)
	if check == nil || r.Body == nil {
		return t.next.RoundTrip(r)
	}
	own := r.WithContext(r.Context()) // a transport must not change the request that it was given
	own.Body = &checkedBody{ReadCloser: r.Body, check: check, first: true}
	if r.GetBody != nil {
		own.GetBody = func() (io.ReadCloser, error) {
			body, err := r.GetBody()
			if err != nil {
				return nil, err
			}
			return &checkedBody{ReadCloser: body, check: check}, nil
		}
	}
	return t.next.RoundTrip(own)
}

// checkedBody is a body that runs the check before it is read.
type checkedBody struct {
	io.ReadCloser
	check *lastCheck
	first bool // the body given to the transport, not a copy made later
	asked bool
	err   error
}

// Read implements io.Reader.
func (b *checkedBody) Read(p []byte) (int, error) {
	if !b.asked {
		b.asked = true
		if err := b.check.ask(); err != nil {
			b.refuseRead(err)
		}
	}
	if b.err != nil {
		return 0, b.err
	}
	return b.ReadCloser.Read(p)
}

func (b *checkedBody) refuseRead(why error) {
	b.err = &withheldError{why}
	if b.first {
		b.check.mu.Lock()
		defer b.check.mu.Unlock()
		b.check.refused = why
	}
}
