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
	BeforeCall  Moment = iota // the intent is recorded, nothing was sent
	AfterCall                 // the platform answered, nothing was recorded
	LostReply                 // the platform did it, the connection broke: the worker lives
	AfterRecord               // the result was recorded: the next request is what kills it
)

// Crash is a planned death, or a lost reply, around a request. It happens once.
type Crash struct {
	Mutation string // root field, as deliveryOrderCancel; "": any request
	Nth      int    // of those requests, from 1
	When     Moment

	seen  int
	armed bool
	Done  bool
}

// crashNow is the end of the worker.
func (w *World) crashNow() {
	w.dying = true
	panic("the worker is killed")
}

// runUntilCrash runs f and reports whether the worker died in it.
func (w *World) runUntilCrash(f func()) (died bool) {
	defer func() {
		if p := recover(); p != nil {
			if !w.dying { // a wrapper on the way may have changed the panic's value
				panic(p)
			}
			w.dying, died = false, true
			w.Crashes++
		}
	}()
	f()
	return false
}

// RunOperatorAction has the worker do what an operator asks. It may die over it, and is then built anew.
func (w *World) RunOperatorAction(do func() error) (err error) {
	if w.runUntilCrash(func() { err = do() }) {
		return w.buildWorker()
	}
	return err
}

// crashingTransport is the way to the platform on which a worker may die.
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

// roundTripWithHooks lets something happen while a request or its reply is on its way.
func (m *crashingTransport) roundTripWithHooks(r *http.Request) (*http.Response, error) {
	if m.w.OnWire != nil && r.Body != nil {
		body, err := io.ReadAll(r.Body) // whoever was asked by the first byte has answered
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

// send takes a request to the platform, unless the worker dies over it.
func (m *crashingTransport) send(r *http.Request) (*http.Response, error) {
	c := m.w.Crash
	if c == nil || c.Done {
		return m.next.RoundTrip(r)
	}
	if c.armed { // AfterRecord: whatever comes next
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

// slowRedisHook is the way to Redis on which an answer may take its time.
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
