package world

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Moment is when, around one request, the worker dies.
type Moment int

// The moments.
const (
	BeforeCall  Moment = iota // the intent is recorded, the request is not sent
	AfterCall                 // the platform has answered, the result is not recorded
	LostReply                 // the platform carried the request out, the reply is lost, and the worker lives
	AfterRecord               // the result is recorded: the worker dies at its next request
)

// Crash plans one death of the worker, or one lost reply, around a request.
type Crash struct {
	Mutation string // root field, as deliveryOrderCancel; "": any request
	Nth      int    // which of those requests, from 1
	When     Moment

	seen  int
	armed bool
	Done  bool
}

// crashNow ends the worker by a panic, which runUntilCrash catches.
func (w *World) crashNow() {
	w.dying = true
	panic("the worker is killed")
}

// runUntilCrash runs f and reports whether the worker died in it.
func (w *World) runUntilCrash(f func()) (died bool) {
	defer func() {
		if p := recover(); p != nil {
			if !w.dying { // a wrapper in between may have replaced the panic's value
				panic(p)
			}
			w.dying, died = false, true
			w.Crashes++
		}
	}()
	f()
	return false
}

// RunOperatorAction runs an action of an operator. The worker may die in it, and is then built anew.
func (w *World) RunOperatorAction(do func() error) (err error) {
	if w.runUntilCrash(func() { err = do() }) {
		return w.buildWorker()
	}
	return err
}

// crashingTransport is the transport to the platform in which a worker may die.
type crashingTransport struct {
	w    *World
	next http.RoundTripper
}

var errLost = errors.New("connection reset by the test")

// RoundTrip implements http.RoundTripper.
func (m *crashingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.w.Slow != nil {
		m.w.setClock(m.w.now.Add(m.w.Slow(r)))
		m.w.Platform.RunDue()
	}
	if m.w.OnWire != nil || m.w.OnBack != nil {
		return m.roundTripWithHooks(r)
	}
	return m.send(r)
}

// roundTripWithHooks calls the world's hooks while a request or its reply is in the air.
func (m *crashingTransport) roundTripWithHooks(r *http.Request) (*http.Response, error) {
	if m.w.OnWire != nil && r.Body != nil {
		body, err := io.ReadAll(r.Body) // reading the body runs the last check
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		m.w.OnWire(r)
	}
	answer, err := m.send(r)
	if m.w.OnBack != nil {
		m.w.OnBack(r)
	}
	return answer, err
}

// send passes a request to the platform, unless the worker dies in it.
func (m *crashingTransport) send(r *http.Request) (*http.Response, error) {
	c := m.w.Crash
	if c == nil || c.Done {
		return m.next.RoundTrip(r)
	}
	if c.armed { // AfterRecord: dies at the next request, whatever it is
		c.Done = true
		m.w.crashNow()
	}
	if c.Mutation != "" && !CallsField(r, c.Mutation) {
		return m.next.RoundTrip(r)
	}
	if c.seen++; c.seen != c.Nth {
		return m.next.RoundTrip(r)
	}
	if c.When == BeforeCall {
		c.Done = true
		m.w.crashNow()
	}
	answer, err := m.next.RoundTrip(r)
	switch c.When {
	case AfterCall:
		c.Done = true
		m.w.crashNow()
	case LostReply:
		c.Done = true
		return nil, errLost
	}
	c.armed = true
	return answer, err
}

// slowRedisHook makes answers of Redis slow.
type slowRedisHook struct{ w *World }

// DialHook implements redis.Hook.
func (slowRedisHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements redis.Hook.
func (slowRedisHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements redis.Hook.
func (h slowRedisHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if h.w.Record != nil {
			h.w.setClock(h.w.now.Add(h.w.Record(cmd)))
			h.w.Platform.RunDue()
		}
		return err
	}
}

// CallsField reports whether the request's document calls the root field.
func CallsField(r *http.Request, field string) bool {
	if r.GetBody == nil {
		return false
	}
	body, err := r.GetBody()
	if err != nil {
		return false
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return false
	}
	var doc struct {
		Query string `json:"query"`
	}
	return json.Unmarshal(raw, &doc) == nil && strings.Contains(doc.Query, field+"(")
}
