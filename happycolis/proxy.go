package happycolis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// Proxy returns the proxy through which a URL is reached, nil for none. A nil Proxy knows none.
//
// An https URL is reached through a tunnel: until the proxy has opened it there is no connection to the platform, so a
// mutation that fails by then was surely not executed. A request to an http URL is handed to the proxy itself, and an
// error that comes back may be the proxy's or the platform's: of these only HTTP 407, which is always a proxy's,
// proves that nothing was passed on.
type Proxy func(target *url.URL) (*url.URL, error)

func (p Proxy) choose(r *http.Request) (*url.URL, error) {
	if p == nil {
		return nil, nil
	}
	return p(r.URL)
}

// tunnelError reports that a proxy refused to open a tunnel. What the proxy wrote is dropped.
type tunnelError struct{ status int }

// Error implements error.
func (e *tunnelError) Error() string {
	if e.status == http.StatusProxyAuthRequired {
		return proxyWantsLogin
	}
	return fmt.Sprintf("the proxy opens no connection, HTTP %d", e.status)
}

const proxyWantsLogin = "the proxy refuses the user and password of its URL, or wants some"

// checkTunnel judges a proxy's answer to the request for a tunnel.
func checkTunnel(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &tunnelError{answer.StatusCode}
}

// describeDialError says in which way no connection came about; "" if err is not about that.
func describeDialError(err error) string {
	if refused, ok := errors.AsType[*tunnelError](err); ok {
		return refused.Error()
	}
	op, ok := errors.AsType[*net.OpError](err)
	switch {
	case ok && op.Op == "dial":
		return "cannot connect"
	case ok && op.Op == "proxyconnect": // net/http's word for everything until there is a connection to the proxy
		return "cannot connect to the proxy"
	}
	return ""
}
