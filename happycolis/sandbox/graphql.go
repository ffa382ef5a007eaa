package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graph-gophers/graphql-go/errors"
)

// call is one GraphQL request under execution. Query fields are resolved in parallel, so what they
// leave behind is guarded and put in order afterwards.
type call struct {
	p   *Platform
	act act
	org *organization
	may []string
	doc *document

	mu        sync.Mutex
	mutations int
	// opened are the delivery orders that this document took out of DRAFT.
	opened map[string]bool
	stale  map[string]bool
	reads  []Read
}

type callKey struct{}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// graphql answers POST /graphql. An invalid document is HTTP 400, a bad token 401, both before
// anything is executed (documented); every other failure is HTTP 200 with errors.
func (p *Platform) graphql(r *http.Request, body []byte) reply {
	if r.Method != http.MethodPost {
		return p.plain(http.StatusMethodNotAllowed, "method not allowed")
	}
	doc, invalid := parseDocument(body)
	if invalid == nil {
		p.travel(r.Context(), doc)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o, scopes := p.bearer(r)
	if o == nil {
		return p.failure(nil, http.StatusUnauthorized, "unauthorized")
	}
	if wait, ok := p.spend(o); !ok {
		return p.throttledReply(o, wait)
	}
	if invalid != nil {
		return p.invalid(o, []*errors.QueryError{{Message: CanaryText + invalid.Error()}})
	}
	p.count(doc)
	if slices.Contains(doc.fields, "__schema") && p.mood(RefuseIntrospection, subject{operation: "__schema"}) != nil {
		return p.invalid(o, []*errors.QueryError{{Message: CanaryText + "introspection is not allowed", Extensions: map[string]any{"code": "GRAPHQL_VALIDATION_FAILED"}}})
	}
	if errs := p.schema.ValidateWithVariables(doc.Query, doc.Variables); len(errs) > 0 {
		return p.invalid(o, errs)
	}
	c := &call{
		p: p, org: o, may: scopes, doc: doc, opened: map[string]bool{}, stale: map[string]bool{},
		act: act{actor: "api:" + o.ID, sent: p.clock(), seq: p.next()},
	}
	return p.bent(c)
}

// bent executes a request unless a fault of transport comes between.
func (p *Platform) bent(c *call) reply {
	switch {
	case p.fault(c, Fault500) != nil:
		p.unserved(c)
		return p.failure(c.org, http.StatusInternalServerError, "internal error")
	case p.fault(c, DropBefore) != nil:
		p.unserved(c)
		return reply{dropped: true}
	case p.fault(c, DropAfter) != nil:
		c.act.lost = true
		c.execute()
		return reply{dropped: true}
	}
	if m := p.fault(c, Fault429); m != nil {
		p.unserved(c)
		return p.throttledReply(c.org, m.After)
	}
	if m := p.fault(c, DropLate); m != nil {
		c.act.lost = true
		p.later(m.After, func() { c.execute() })
		return reply{dropped: true}
	}
	return p.answerJSON(c.org, http.StatusOK, c.execute())
}

// unserved books mutations that were sent and never executed.
func (p *Platform) unserved(c *call) {
	if !c.doc.mutation {
		return
	}
	a := c.act
	a.lost = true
	for _, a.operation = range c.doc.fields {
		for _, id := range slices.Sorted(maps.Keys(c.doc.values)) {
			if d := c.delivery(id); d != nil {
				p.enter(a, d, d, false)
			}
		}
	}
}

// fault finds a fault for any of the request's root fields, by what their arguments name.
func (p *Platform) fault(c *call, kind string) *Mood {
	for _, f := range c.doc.fields {
		s := subject{operation: f}
		for _, id := range slices.Sorted(maps.Keys(c.doc.values)) {
			if d := p.deliveries[id]; d != nil {
				s.location, s.delivery, s.orders = d.Location, d.ID, d.Orders
			} else if p.orders[id] != nil {
				s.orders = append(slices.Clone(s.orders), id)
			} else if p.locations[id] != nil && s.delivery == "" {
				s.location = id
			}
		}
		if m := p.mood(kind, s); m != nil {
			return m
		}
	}
	return nil
}

func (p *Platform) count(doc *document) {
	for i, f := range doc.fields {
		if slices.Index(doc.fields, f) == i {
			p.requests[f]++
		}
	}
	p.requests["http"]++
	for id := range doc.values {
		if p.deliveries[id] != nil || p.orders[id] != nil {
			p.touched[id]++
		}
	}
}

func (p *Platform) invalid(o *organization, errs []*errors.QueryError) reply {
	return p.answerJSON(o, http.StatusBadRequest, map[string]any{"errors": errs})
}

// answer is the GraphQL envelope.
type answer struct {
	Data   json.RawMessage      `json:"data,omitempty"`
	Errors []*errors.QueryError `json:"errors,omitempty"`
}

// execute runs the document. The lock is held.
func (c *call) execute() answer {
	ctx := context.WithValue(context.Background(), callKey{}, c)
	resp := c.p.schema.Exec(ctx, c.doc.Query, c.doc.OperationName, c.doc.Variables)
	slices.SortStableFunc(resp.Errors, func(a, b *errors.QueryError) int {
		return strings.Compare(fmt.Sprint(a.Path...), fmt.Sprint(b.Path...))
	})
	slices.SortStableFunc(c.reads, func(a, b Read) int { return strings.Compare(a.Kind+a.ID, b.Kind+b.ID) })
	for _, r := range slices.Compact(c.reads) {
		r.Seq, r.At, r.Actor = c.p.next(), c.p.clock(), c.act.actor
		if !c.act.lost {
			c.p.reads = append(c.p.reads, r)
		}
	}
	return answer{Data: resp.Data, Errors: resp.Errors}
}

// travel is the time a request needs; a virtual clock knows none.
func (p *Platform) travel(ctx context.Context, doc *document) {
	if p.virtual {
		return
	}
	p.mu.Lock()
	d := p.latency
	for _, f := range doc.fields {
		if m := p.mood(Latency, subject{operation: f}); m != nil {
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
