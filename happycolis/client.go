// Package happycolis asks the HappyColis GraphQL API, in our words and with typed errors.
//
// # One request
//
// Every call sends one POST, or few where a method says so, and waits neither for the rate limit nor
// for a second try: patience belongs to the caller's queue. (Handover says where it waits a little.)
//
//	pause learned from the platform > token > Limiter > POST > status > errors[] > data
//	       waiting                  unauthorized waiting
//
// The platform fails through three channels (documented): the HTTP status; errors[] beside HTTP 200,
// perhaps next to partial data; and a mutation's own state "error" without any errors. All three
// become one Error with a Kind. The texts beside them are no vocabulary (assumed), so nothing here
// looks at them, and they leave only through Options.VendorText.
//
// # Mutations
//
// A mutation has no idempotency key (documented by absence), and what justified it is old a moment later. So none is ever
// repeated here, not even after a refused token: KindUnauthorized without RetryAfter says that there will be another one.
// What is surely not executed, and what is surely refused, stands in lists (codes.go); where both Error.IsNotExecuted and
// Error.IsRefused are false, what happened is open: read before you write again.
//
// # Words
//
// Ids are opaque. Statuses, types and levels stay the strings that came: the lists in the
// documentation are open. Of a delivery address only the country is ever asked for.
package happycolis

import (
	"net/http"
	"sync"
	"time"

	"github.com/go-resty/resty/v2"
)

// DefaultTimeout bounds one request, from connecting to the last byte of the body.
const DefaultTimeout = 15 * time.Second

// Options configure a Client.
type Options struct {
	GraphQLURL string
	TokenURL   string            // unused by credentials with an integration token
	Timeout    time.Duration     // of one request; 0: DefaultTimeout
	Transport  http.RoundTripper // nil: own pools that use no proxy
	Limiter    Limiter           // nil: none
	Now        func() time.Time  // nil: time.Now
	Observe    func(Call)        // nil: none; called after each HTTP request, from many goroutines

	// VendorText gets the platform's texts, which may hold personal data, for a debug log; nil drops
	// them.
	VendorText func(organization, operation, text string)
}

// Client asks the platform over two connection pools, one for queries and one for mutations, which so never wait for a
// connection behind queries. It is safe for concurrent use.
type Client struct {
	options   Options
	queries   *resty.Client
	mutations *resty.Client
	slots     slots
	tokens    *http.Client
	traced    bool // our own transport: it surely tells when a request got a connection
	support   schemaSupport
	parts     chan struct{} // one item for each handover being read in parts

	mu     sync.Mutex
	states map[Credentials]*organizationState
}

// organizationState is what all accounts with the same credentials share.
type organizationState struct {
	tokens  tokenSource
	backoff serverBackoff
}

// New returns a Client. It sends nothing yet.
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
		queries, mutations = newPool(queryConns), newPool(mutationConns)
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

// Account asks as one organization, with one rank before the rate limiter.
type Account struct {
	client       *Client
	state        *organizationState
	organization string
	class        Class
	reserved     *reservation // nil: each request asks the limiter
	ask          func() error // before a request leaves; nil: nothing
}

// Account returns the account of an organization. Tokens and pauses belong to the Client, so accounts
// that differ only by class share them.
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

// Organization returns the id that the account asks as.
func (a *Account) Organization() string { return a.organization }
