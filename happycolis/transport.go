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
	maxLifetime      = 30 * 24 * time.Hour // that a token is believed to have
	idleTimeout      = 60 * time.Second
	dialTimeout      = 5 * time.Second
	keepAlive        = 30 * time.Second
)

// newPool sizes the pool for one host: Go's own default keeps two idle connections, so that a burst
// would dial for almost every request. Half of the connections are kept for the next one.
func newPool(conns int) http.RoundTripper {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	return &http.Transport{
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: conns / 2,
		MaxConnsPerHost:     conns,
		IdleConnTimeout:     idleTimeout,
		TLSHandshakeTimeout: dialTimeout,
	}
}

// newHTTPClient never follows a redirect: a 307 would send a mutation, and a token, to wherever the
// answer points.
func newHTTPClient(o Options, transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		Timeout:       o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// newAPI keeps resty's retries off. They would repeat a mutation after a network error.
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

// jsonTokens reads a token response that calls itself plain text as the JSON it is (documented): the OAuth
// library would take it for a form, and servers that set no type answer so. It writes the lifetime in the one way that
// the library takes.
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

// wholeSeconds writes expires_in, which may be a fraction or a text, as a whole number, and leaves out one that is no time
// to come: without one, a token is good until it is refused. A body that is no JSON object stays as it is.
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
