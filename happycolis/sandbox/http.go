package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxBody is the largest request that is read, in bytes.
const maxBody = 4 << 20

// reply is a whole answer, or a connection that breaks instead.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	dropped bool
}

// ServeHTTP serves GraphQL, tokens and the control surface.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := p.route(r)
	if a.dropped {
		panic(http.ErrAbortHandler)
	}
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func (p *Platform) route(r *http.Request) reply {
	var body []byte
	if r.Body != nil {
		defer r.Body.Close()
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1)); err != nil || len(body) > maxBody {
			return p.plainReply(http.StatusBadRequest, "unreadable body")
		}
	}
	switch {
	case r.URL.Path == "/graphql":
		return p.serveGraphQL(r, body)
	case r.URL.Path == "/token" || r.URL.Path == "/oauth2/token":
		return p.token(r, body)
	case strings.HasPrefix(r.URL.Path, "/sandbox/"):
		return p.serveControl(r, body)
	}
	return p.plainReply(http.StatusNotFound, "not found")
}

// answerJSON makes an answer with the Date of the platform's clock and the allowance of the
// organization, which every response tells (documented).
func (p *Platform) answerJSON(o *organization, status int, v any) reply {
	body, err := json.Marshal(v)
	if err != nil {
		return reply{status: http.StatusInternalServerError, header: http.Header{}}
	}
	h := http.Header{"Content-Type": {"application/json"}, "Date": {p.currentTime().Format(http.TimeFormat)}}
	p.allowanceHeaders(h, o)
	return reply{status: status, header: h, body: body}
}

// plainReply is an error before GraphQL: not the GraphQL shape (documented for 429).
func (p *Platform) plainReply(status int, text string) reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failureReply(nil, status, text)
}

func (p *Platform) failureReply(o *organization, status int, text string) reply {
	return p.answerJSON(o, status, map[string]any{"statusCode": status, "message": CanaryText + text})
}

// Transport serves in memory: no socket, no goroutine of its own. A broken connection is an error.
func (p *Platform) Transport() http.RoundTripper { return transport{p} }

type transport struct{ p *Platform }

// errDropped is what a caller sees of a connection that the platform broke.
var errDropped = fmt.Errorf("connection reset by the platform: %w", io.ErrUnexpectedEOF)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	a := t.p.route(r)
	if a.dropped {
		return nil, errDropped
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.header,
		Body: io.NopCloser(strings.NewReader(string(a.body))), ContentLength: int64(len(a.body)), Request: r,
	}, nil
}
