// Package happycolis calls the HappyColis GraphQL API: one method for each operation, typed answers and typed errors.
// It imports nothing of ours; package handover and the others call it through an Account.
//
// # One request
//
// Every method sends one POST, or a few where its comment says so. It neither waits for the rate limit nor retries:
// that is up to the caller's queue. (ReadForHandover says where it waits a little.)
//
//	pause learned from the platform > token > Limiter > POST > status > errors[] > data
//	       waiting                  unauthorized waiting
//
// The platform reports failures in three ways (documented): by the HTTP status; by errors[] beside HTTP 200, perhaps
// next to partial data; and by a mutation's own state "error" without any errors. All three become one Error with a
// Kind. The texts that come with them have no documented values (assumed to be free text), so no code here depends on
// them, and they are passed on only to Options.VendorText.
//
// # Mutations
//
// A mutation has no idempotency key (documented by absence), and the read that justified it is soon outdated. So none
// is ever repeated here, not even after a refused token: KindUnauthorized without RetryAfter says that the next call
// gets a new token. The codes that surely mean "not executed" or "refused" are listed (codes.go); where both
// Error.IsNotExecuted and Error.IsRefused are false, the outcome is unknown: read before you write again.
//
// # Values
//
// Ids are opaque. Statuses, types and levels stay the strings that came, since the documented lists may grow. Of a
// delivery address only the country is ever requested (P6). Times are UTC.
package happycolis

import (
	"net/http"
	"sync"
	"time"

	"github.com/go-resty/resty/v2"
)

// DefaultTimeout is the timeout of one request, from connecting to the last byte of the body.
const DefaultTimeout = 15 * time.Second

// Options configure a Client.
type Options struct {
	GraphQLURL string
	TokenURL   string            // not used by credentials with an integration token
	Timeout    time.Duration     // of one request; 0: DefaultTimeout
	Transport  http.RoundTripper // nil: pools of our own
	Proxy      Proxy             // of these pools; nil: none
	Limiter    Limiter           // nil: none
	Now        func() time.Time  // nil: time.Now
	Observe    func(Call)        // called after each HTTP request, from many goroutines; may be nil

	// VendorText is called with the platform's texts, which may hold personal data, for a debug log; nil: they are
	// dropped.
	VendorText func(organization, operation, text string)
}

// Client calls the platform over two connection pools, one for queries and one for mutations, so that a mutation never
// waits for a connection behind queries. It is safe for concurrent use.
type Client struct {
	options   Options
	queries   *resty.Client
	mutations *resty.Client
	slots     slots
	tokens    *http.Client
	traced    bool // the transport is our own, so it reports reliably whether a request got a connection
	support   schemaSupport
	parts     chan struct{} // one item for each ReadForHandover that is split into separate calls

	mu     sync.Mutex
	states map[Credentials]*organizationState
}

// organizationState is shared by all accounts with the same credentials.
type organizationState struct {
	tokens  tokenSource
	backoff serverBackoff
}

// New returns a Client. It sends no request.
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(Call) {}
	}
	if o.VendorText == nil {
		o.VendorText = func(_, _, _ string) {}
	}
	queries, mutations, traced := o.Transport, o.Transport, o.Transport == nil
	if traced {
		queries, mutations = newPool(queryConns, o.Proxy), newPool(mutationConns, o.Proxy)
	}
	return &Client{
		options:   o,
		queries:   newAPI(o, queries),
		mutations: newAPI(o, mutations),
		slots:     make(slots, mutationSlots),
		tokens:    newHTTPClient(o, jsonTokens{queries}),
		traced:    traced,
		parts:     make(chan struct{}, partsAtOnce),
		states:    map[Credentials]*organizationState{},
	}
}

// Account calls the platform as one organization, with one priority in the rate limit. It is safe for concurrent use.
type Account struct {
	client       *Client
	state        *organizationState
	organization string
	class        Class
	reserved     *reservation // nil: each request asks the limiter
	ask          func() error // called before a request leaves; may be nil
}

// Account returns an account of an organization. Tokens and pauses belong to the Client, so accounts that differ only
// by class share them.
func (c *Client) Account(cr Credentials, class Class) *Account {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.states[cr]
	if s == nil {
		s = &organizationState{tokens: tokenSource{client: c, credentials: cr, fetching: make(chan struct{}, 1), doubted: map[string]bool{}}}
		s.tokens.release()
		c.states[cr] = s
	}
	return &Account{client: c, state: s, organization: cr.Organization, class: class}
}

// Organization returns the id of the organization that the account calls as.
func (a *Account) Organization() string { return a.organization }
