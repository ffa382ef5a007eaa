package sandbox

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/graph-gophers/graphql-go"
)

// Options configure a Platform. The zero value is a platform on the wall clock with the documented rate limit.
type Options struct {
	// Now is the clock; nil means the wall clock.
	Now func() time.Time
	// Seed makes generated ids repeatable: the same seed gives the same ids.
	Seed int64
	// RatePerMinute and RatePerSecond are the rate limit of one organization; 0 means 1,000 and 100 (documented),
	// negative means unlimited.
	RatePerMinute, RatePerSecond int
	// Latency is added before each GraphQL request is executed. With Now set it is ignored.
	Latency time.Duration
}

// DefaultAcceptAfter is how long a warehouse whose integration works takes to accept a request.
const DefaultAcceptAfter = time.Second

// Platform is one fake HappyColis. Its methods may be called by several goroutines.
type Platform struct {
	// mu guards everything below. It is held for a whole request, and never while a webhook is being delivered.
	mu sync.Mutex

	now       func() time.Time
	virtual   bool
	latency   time.Duration
	perMinute int
	perSecond int
	random    *rand.Rand
	seq       int
	schema    *graphql.Schema

	organizations map[string]*organization
	locations     map[string]*location
	orders        map[string]*order
	deliveries    map[string]*delivery
	byOrder       map[string][]string
	stocks        map[string]*Stock
	shipments     map[string]*shipment
	// These keep ids in the order in which they were added, so that nothing depends on the order of a map.
	locationIDs, orderIDs, deliveryIDs []string

	effects    effects
	faults     []*Fault
	used       map[string]int
	entries    []Entry
	reads      []Read
	told       []WebhookRead
	registered []Registered
	requests   map[string]int
	touched    map[string]int
	throttled  int
	// silenced has, by location, what happens once its integration works again.
	silenced map[string][]func()
}

// New returns an empty platform. It panics if the embedded schema and the resolvers disagree: that is a mistake in
// this package, which should show before the first query.
func New(o Options) *Platform {
	p := &Platform{
		now: o.Now, virtual: o.Now != nil, latency: o.Latency,
		perMinute: limitOrDefault(o.RatePerMinute, 1000), perSecond: limitOrDefault(o.RatePerSecond, 100),
		random:        rand.New(rand.NewPCG(uint64(o.Seed), 0x5eed)),
		organizations: map[string]*organization{}, locations: map[string]*location{},
		orders: map[string]*order{}, deliveries: map[string]*delivery{}, byOrder: map[string][]string{},
		stocks: map[string]*Stock{}, shipments: map[string]*shipment{},
		requests: map[string]int{}, touched: map[string]int{}, used: map[string]int{},
		silenced: map[string][]func(){},
	}
	if p.now == nil {
		p.now = time.Now
	}
	p.schema = mustSchema(p)
	return p
}

func limitOrDefault(asked, usual int) int {
	switch {
	case asked == 0:
		return usual
	case asked < 0:
		return 0
	}
	return asked
}

// currentTime returns the platform's time, in UTC and without a monotonic part.
func (p *Platform) currentTime() time.Time { return p.now().UTC().Round(0) }

// nextSequence returns the next number of the one sequence in which requests and acts are numbered.
func (p *Platform) nextSequence() int {
	p.seq++
	return p.seq
}

// newID makes an opaque id that looks like the platform's own.
func (p *Platform) newID() string { return opaqueID(p.random) }

func opaqueID(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&0xffffffffffff)
}
