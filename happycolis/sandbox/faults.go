package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/graph-gophers/graphql-go/errors"
)

// TokenEndpoint is the Operation of a fault that bends the token endpoint: Fault500, Fault429, FaultHTML, DropBefore,
// Latency, and AnswerCode with a Status. A fault without an Operation leaves it alone.
const TokenEndpoint = "token"

// executeWithFaults executes a request unless a fault of transport comes between.
func (p *Platform) executeWithFaults(c *call) reply {
	switch {
	case p.useTransportFault(c.doc, Fault500, nil) != nil:
		p.recordUnserved(c)
		return p.failureReply(c.org, http.StatusInternalServerError, "internal error")
	case p.useTransportFault(c.doc, FaultHTML, nil) != nil:
		p.recordUnserved(c)
		return p.proxyPage(c.org)
	case p.useTransportFault(c.doc, DropBefore, nil) != nil:
		p.recordUnserved(c)
		return reply{dropped: true}
	case p.useTransportFault(c.doc, DropAfter, nil) != nil:
		c.act.lost = true
		c.execute()
		return reply{dropped: true}
	}
	if m := p.useTransportFault(c.doc, Fault429, nil); m != nil {
		p.recordUnserved(c)
		return p.throttledReply(c.org, m.After)
	}
	if m := p.useTransportFault(c.doc, DropLate, nil); m != nil {
		c.act.lost = true
		p.schedule(m.After, func() { c.execute() })
		return reply{dropped: true}
	}
	if m := p.useTransportFault(c.doc, AnswerCode, (*Fault).ofGateway); m != nil {
		if m.Applied {
			c.act.lost = true
			c.execute()
		} else {
			p.recordUnserved(c)
		}
		if m.Code == notFound {
			c.saidNotThere()
		}
		return p.gatewayReply(c.org, m)
	}
	return p.answerJSON(c.org, http.StatusOK, c.execute())
}

// neverApplied are the HTTP statuses that nothing answers after it did what was asked.
var neverApplied = []int{400, 401, 403, 404, 413, 429}

func (m *Fault) mustAnswer() {
	switch {
	case m.Code == "" && m.Status == 0:
		panic("sandbox: " + AnswerCode + " needs a code, a status, or both")
	case m.Status != 0 && (m.Status < 400 || m.Status > 599):
		panic("sandbox: " + AnswerCode + " needs a status from 400 to 599")
	case m.Applied && slices.Contains(neverApplied, m.Status):
		panic(fmt.Sprintf("sandbox: nothing answers %d after it was applied", m.Status))
	}
}

// ofGateway tells an answer that stands in the place of the whole one from the error of one field.
func (m *Fault) ofGateway() bool { return m.Status != 0 || m.Whole }

// gatewayReply is the answer of a gateway: an HTTP status, errors without a path, or both.
func (p *Platform) gatewayReply(o *organization, m *Fault) reply {
	status := cmp.Or(m.Status, http.StatusOK)
	a := p.failureReply(o, status, "refused by a gateway")
	if m.Code != "" {
		a = p.answerJSON(o, status, answer{Data: json.RawMessage("null"), Errors: []*errors.QueryError{
			{Message: CanaryText + "refused by a gateway", Extensions: map[string]any{"code": m.Code}},
		}})
	}
	retryAfter(a, m.After)
	return a
}

// answersCode finds the error that one field answers with, before or after it did what it is asked for.
func (c *call) answersCode(s subject) (before, after error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.p.useFaultWhere(AnswerCode, s, func(m *Fault) bool { return !m.ofGateway() })
	switch {
	case m == nil:
		return nil, nil
	case m.Applied:
		return nil, refusal{m.Code, "done, and answered with an error"}
	}
	return refusal{m.Code, "not done"}, nil
}

// proxyPage is what a proxy answers in the place of the platform.
func (p *Platform) proxyPage(o *organization) reply {
	a := p.answerJSON(o, http.StatusOK, nil)
	a.header.Set("Content-Type", "text/html")
	a.body = []byte("<!doctype html><title>" + CanaryText + "maintenance</title>")
	return a
}

// saidNotThere books that a query for a delivery order was answered as if there was none.
func (c *call) saidNotThere() {
	if !slices.Equal(c.doc.fields, []string{"deliveryOrder"}) {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(c.doc.values)) {
		if c.p.deliveries[id] != nil {
			c.recordRead(Read{Kind: "delivery_order", ID: id, State: notFound})
		}
	}
	c.bookReads()
}

// recordUnserved books mutations that were sent and never executed.
func (p *Platform) recordUnserved(c *call) {
	if !c.doc.mutation {
		return
	}
	a := c.act
	a.lost = true
	for _, a.operation = range c.doc.fields {
		for _, id := range slices.Sorted(maps.Keys(c.doc.values)) {
			if d := c.findDelivery(id); d != nil {
				p.recordAct(a, d, d, false)
			}
		}
	}
}

// useTransportFault finds a fault for any of the request's root fields, by what their arguments name.
func (p *Platform) useTransportFault(doc *document, kind string, which func(*Fault) bool) *Fault {
	for _, f := range doc.fields {
		s := subject{operation: f}
		for _, id := range slices.Sorted(maps.Keys(doc.values)) {
			if d := p.deliveries[id]; d != nil {
				s.location, s.delivery, s.orders = d.Location, d.ID, d.Orders
			} else if p.orders[id] != nil {
				s.orders = append(slices.Clone(s.orders), id)
			} else if p.locations[id] != nil && s.delivery == "" {
				s.location = id
			}
		}
		if m := p.useFaultWhere(kind, s, which); m != nil {
			return m
		}
	}
	return nil
}

// tokenFault is the answer of a token endpoint that does not work; ok is false where it does.
func (p *Platform) tokenFault() (a reply, ok bool) {
	bends := func(kind string) *Fault { return p.useFault(kind, subject{operation: TokenEndpoint, named: true}) }
	if bends(Fault500) != nil {
		return p.failureReply(nil, http.StatusInternalServerError, "internal error"), true
	}
	if m := bends(Fault429); m != nil {
		return p.throttledReply(nil, m.After), true
	}
	if bends(FaultHTML) != nil {
		return p.proxyPage(nil), true
	}
	if bends(DropBefore) != nil {
		return reply{dropped: true}, true
	}
	if m := bends(AnswerCode); m != nil {
		return p.gatewayReply(nil, m), true
	}
	return reply{}, false
}

// waitForLatency is the time that a request of these operations needs, d at the least; a virtual clock knows none.
func (p *Platform) waitForLatency(ctx context.Context, d time.Duration, operations ...string) {
	if p.virtual {
		return
	}
	p.mu.Lock()
	for _, f := range operations {
		if m := p.useFault(Latency, subject{operation: f, named: f == TokenEndpoint}); m != nil {
			d += m.After
		}
	}
	p.mu.Unlock()
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
