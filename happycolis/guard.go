package happycolis

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
)

// WithLastCheck returns a copy of the account that calls ask when the body of a request is read for the first time, whatever
// the transport: nothing but the network lies behind that. A body that is made anew (as net/http does to send a request
// that the server surely did not take again on another connection) asks again. If ask returns an error the body cannot
// be read, so no whole request leaves, and the call fails with KindWithheld, and ask's error as its cause.
//
// A worker may stand still at any moment. What was found before the call may be old by then, so ask what has to be true
// when the request leaves: without I/O, and without side effects.
func (a *Account) WithLastCheck(ask func() error) *Account {
	guarded := *a
	guarded.ask = ask
	return &guarded
}

// lastCheck is what one request asks before it leaves, and how that ended. A nil lastCheck asks nothing.
type lastCheck struct {
	ask func() error

	mu      sync.Mutex
	refused error // what ask said when the body that the transport was given was read
}

type lastCheckKey struct{}

// withCheck returns a context with a check of the account's own, if it has one.
func (a *Account) withCheck(ctx context.Context) (context.Context, *lastCheck) {
	if a.ask == nil {
		return ctx, nil
	}
	check := &lastCheck{ask: a.ask}
	return context.WithValue(ctx, lastCheckKey{}, check), check
}

// withheldCause returns why no whole request left, nil if one may have. A transport may answer, or fail in its own words,
// though it could not read the body.
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

// withheldError is what reading a body fails with.
type withheldError struct{ cause error }

// Error implements error.
func (e *withheldError) Error() string { return "withheld: " + e.cause.Error() }

func (e *withheldError) Unwrap() error { return e.cause }

// checkingTransport is a transport that has the check of a request asked.
type checkingTransport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper. The length of the body stays known, so that a server which saw part of one
// knows the request for broken off.
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

// checkedBody asks before it is read.
type checkedBody struct {
	io.ReadCloser
	check *lastCheck
	first bool // the body that the transport was given, and no copy
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
