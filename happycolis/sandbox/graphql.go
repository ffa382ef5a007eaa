package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

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

// serveGraphQL answers POST /graphql. An invalid document is HTTP 400, a bad token 401, both before
// anything is executed (documented); every other failure is HTTP 200 with errors.
func (p *Platform) serveGraphQL(r *http.Request, body []byte) reply {
	if r.Method != http.MethodPost {
		return p.plainReply(http.StatusMethodNotAllowed, "method not allowed")
	}
	doc, invalid := parseDocument(body)
	if invalid == nil {
		p.waitForLatency(r.Context(), p.latency, doc.fields...)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o, scopes := p.bearer(r)
	if o != nil && invalid == nil && p.useTransportFault(doc, TokensRevoked, nil) != nil {
		o.tokens = map[string]grant{}
		o, scopes = p.bearer(r)
	}
	if o == nil {
		return p.failureReply(nil, http.StatusUnauthorized, "unauthorized")
	}
	if wait, ok := p.countRequest(o); !ok {
		return p.throttledReply(o, wait)
	}
	if invalid != nil {
		return p.invalidReply(o, []*errors.QueryError{{Message: CanaryText + invalid.Error()}})
	}
	p.countOperations(doc)
	if slices.Contains(doc.fields, "__schema") && p.useFault(RefuseIntrospection, subject{operation: "__schema"}) != nil {
		return p.invalidReply(o, []*errors.QueryError{{Message: CanaryText + "introspection is not allowed", Extensions: map[string]any{"code": "GRAPHQL_VALIDATION_FAILED"}}})
	}
	if errs := p.schema.ValidateWithVariables(doc.Query, doc.Variables); len(errs) > 0 {
		return p.invalidReply(o, errs)
	}
	c := &call{
		p: p, org: o, may: scopes, doc: doc, opened: map[string]bool{}, stale: map[string]bool{},
		act: act{actor: "api:" + o.ID, sent: p.currentTime(), seq: p.nextSequence()},
	}
	return p.executeWithFaults(c)
}

func (p *Platform) countOperations(doc *document) {
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

func (p *Platform) invalidReply(o *organization, errs []*errors.QueryError) reply {
	return p.answerJSON(o, http.StatusBadRequest, map[string]any{"errors": errs})
}

// answer is the GraphQL envelope.
type answer struct {
	Data   json.RawMessage      `json:"data,omitempty"`
	Errors []*errors.QueryError `json:"errors,omitempty"`
}

// quantities are the numbers of units in an answer.
var quantities = regexp.MustCompile(`("(?:quantity|fulfilledQuantity)":-?[0-9]+)`)

// execute runs the document. The lock is held.
func (c *call) execute() answer {
	ctx := context.WithValue(context.Background(), callKey{}, c)
	resp := c.p.schema.Exec(ctx, c.doc.Query, c.doc.OperationName, c.doc.Variables)
	slices.SortStableFunc(resp.Errors, func(a, b *errors.QueryError) int {
		return strings.Compare(fmt.Sprint(a.Path...), fmt.Sprint(b.Path...))
	})
	if c.act.lost {
		c.reads = nil // nobody saw it
	}
	c.bookReads()
	data := resp.Data
	if c.p.useTransportFault(c.doc, QuantityFloat, nil) != nil {
		data = quantities.ReplaceAll(data, []byte("$1.0"))
	}
	return answer{Data: data, Errors: resp.Errors}
}

// bookReads books what the answer shows.
func (c *call) bookReads() {
	slices.SortStableFunc(c.reads, func(a, b Read) int { return strings.Compare(a.Kind+a.ID, b.Kind+b.ID) })
	for _, r := range slices.Compact(c.reads) {
		r.Seq, r.At, r.Actor = c.p.nextSequence(), c.p.currentTime(), c.act.actor
		c.p.reads = append(c.p.reads, r)
	}
	c.reads = nil
}
