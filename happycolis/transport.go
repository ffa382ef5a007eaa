package happycolis

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

const (
	maxResponse      = 8 << 20             // bytes of a response's body, after decompression
	maxTokenResponse = 1 << 20             // of the token endpoint
	queryConns       = 128                 // connections for queries and tokens; more requests wait for one
	mutationConns    = 64                  // connections for mutations; more than mutationSlots, so that none waits for one
	maxLifetime      = 30 * 24 * time.Hour // the longest lifetime that is believed of a token
	idleTimeout      = 60 * time.Second
	dialTimeout      = 5 * time.Second
	keepAlive        = 30 * time.Second
)

// newPool returns a connection pool for one host. Go's default keeps two idle connections, so a burst would open a new
// one for almost every request; this one keeps half of its connections idle.
func newPool(conns int, proxy Proxy) http.RoundTripper {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	return &http.Transport{
		Proxy:                  proxy.choose,
		OnProxyConnectResponse: checkTunnel,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    conns / 2,
		MaxConnsPerHost:        conns,
		IdleConnTimeout:        idleTimeout,
		TLSHandshakeTimeout:    dialTimeout,
	}
}

// newHTTPClient returns a client that follows no redirect: a 307 would send a mutation, and a token, to whatever
// address the answer names.
func newHTTPClient(o Options, transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		Timeout:       o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// newAPI returns a resty client without retries, which would repeat a mutation after a network error.
func newAPI(o Options, transport http.RoundTripper) *resty.Client {
	return resty.NewWithClient(newHTTPClient(o, checkingTransport{transport})).
		SetRetryCount(0).
		SetResponseBodyLimit(maxResponse).
		SetLogger(nopLogger{}).
		SetDisableWarn(true).
		SetHeader("User-Agent", "happycolis-reassigner").
		SetHeader("Accept", "application/json").
		SetHeader("Content-Type", "application/json")
}

// nopLogger keeps resty from printing requests and errors, URL and all, to standard error.
type nopLogger struct{}

func (nopLogger) Errorf(string, ...any) {}
func (nopLogger) Warnf(string, ...any)  {}
func (nopLogger) Debugf(string, ...any) {}

// jsonTokens makes the OAuth library read a token response as JSON (documented), even if its content type is missing
// or plain text, which the library takes for a form. It also writes the lifetime as a whole number, as the library
// needs it.
type jsonTokens struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t jsonTokens) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") {
		res.Header.Set("Content-Type", "application/json")
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxTokenResponse))
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	body = wholeSeconds(body)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return res, nil
}

// wholeSeconds writes expires_in, which may be a fraction or a text, as a whole number, and drops one that is not in
// the future: then the token is used until it is refused. A body that is no JSON object is not changed.
func wholeSeconds(body []byte) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields["expires_in"] == nil {
		return body
	}
	seconds, err := strconv.ParseFloat(string(bytes.Trim(fields["expires_in"], `"`)), 64)
	if delete(fields, "expires_in"); err == nil && seconds >= 1 {
		fields["expires_in"] = strconv.AppendInt(nil, int64(min(seconds, maxLifetime.Seconds())), 10)
	}
	written, err := json.Marshal(fields)
	if err != nil {
		return body
	}
	return written
}
