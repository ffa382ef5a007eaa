package sandbox

import (
	"maps"
	"time"
)

// Entry is one act that changed something, or tried to. It has the state after the act, so that history can be
// replayed from entries alone.
type Entry struct {
	Seq int       `json:"seq"`
	At  time.Time `json:"at"`
	// Sent and SentSeq are when the request that caused the act arrived; for other acts they are At and Seq.
	Sent    time.Time `json:"sent"`
	SentSeq int       `json:"sent_seq"`
	// Actor is "api:<organization>", "person", "platform", "warehouse" or "seed".
	Actor     string `json:"actor"`
	Operation string `json:"operation"`
	// DeliveryOrder is empty for acts on an order or an integration.
	DeliveryOrder string   `json:"delivery_order,omitempty"`
	Orders        []string `json:"orders,omitempty"`
	Applied       bool     `json:"applied"`
	ReplyLost     bool     `json:"reply_lost,omitempty"`
	// Location is where the delivery order is now; From and To are set when it was moved.
	Location   string `json:"location,omitempty"`
	From       string `json:"from,omitempty"`
	To         string `json:"to,omitempty"`
	FromStatus string `json:"from_status,omitempty"`
	Status     string `json:"status,omitempty"`
	Requested  bool   `json:"requested,omitempty"`
	Lines      []Line `json:"lines,omitempty"`
	Shipments  int    `json:"shipments,omitempty"`
	// Cancelling: a cancel was accepted and nothing confirms it: not both every line and a CANCELED event since.
	Cancelling bool `json:"cancelling,omitempty"`
	// Redispatched is the delivery order whose units the platform dispatched anew with this one.
	Redispatched string `json:"redispatched,omitempty"`
	// IntegrationState is that of Location at this moment.
	IntegrationState string `json:"integration_state,omitempty"`
}

// Read is one thing that the API showed: a delivery order with where and how it was, or a
// location's integration.
type Read struct {
	Seq   int       `json:"seq"`
	At    time.Time `json:"at"`
	Actor string    `json:"actor"`
	// Kind is "delivery_order" or "integration"; ID is the delivery order or the location.
	Kind     string `json:"kind"`
	ID       string `json:"id"`
	Location string `json:"location,omitempty"`
	// State is the status or the integration state that was shown, stale or not; NOT_FOUND where by a fault a delivery
	// order was not.
	State string `json:"state"`
	// Live is false where no line of a delivery order was shown live.
	Live bool `json:"live,omitempty"`
}

// WebhookRead is a delivery order as a webhook showed it that the receiver took.
type WebhookRead struct {
	Seq int `json:"seq"`
	// At is the date of the webhook, or when it arrived where the date is more than a minute later.
	At       time.Time `json:"at"`
	ID       string    `json:"id"`
	Location string    `json:"location"`
	// Status is the delivery order's; Live is false where every line was cancelled or rejected.
	Status string `json:"status"`
	Live   bool   `json:"live"`
}

// Books are everything that happened on a platform, and everything that exists on it.
type Books struct {
	Now            time.Time       `json:"now"`
	Entries        []Entry         `json:"entries"`
	Reads          []Read          `json:"reads"`
	WebhookReads   []WebhookRead   `json:"told"`
	Locations      []Location      `json:"locations"`
	Orders         []Order         `json:"orders"`
	DeliveryOrders []DeliveryOrder `json:"delivery_orders"`
	// Requests counts HTTP requests per operation (root field), Touched per delivery order or order
	// id in their variables or arguments; Throttled counts answers with status 429.
	Requests  map[string]int `json:"requests"`
	Touched   map[string]int `json:"touched"`
	Throttled int            `json:"throttled"`
}

// Books returns a copy that later acts do not change.
func (p *Platform) Books() Books {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := Books{
		Now: p.currentTime(), Entries: append([]Entry{}, p.entries...), Reads: append([]Read{}, p.reads...),
		WebhookReads: append([]WebhookRead{}, p.told...), Requests: maps.Clone(p.requests), Touched: maps.Clone(p.touched), Throttled: p.throttled,
		Locations: []Location{}, Orders: []Order{}, DeliveryOrders: []DeliveryOrder{},
	}
	for i, e := range b.Entries {
		b.Entries[i].Orders, b.Entries[i].Lines = append([]string(nil), e.Orders...), append([]Line(nil), e.Lines...)
	}
	for _, id := range p.locationIDs {
		l := p.locations[id].Location
		l.Allowed, l.Excluded = list(l.Allowed), list(l.Excluded)
		b.Locations = append(b.Locations, l)
	}
	for _, id := range p.orderIDs {
		o := p.orders[id].Order
		o.Lines = append([]OrderLine{}, o.Lines...)
		b.Orders = append(b.Orders, o)
	}
	for _, id := range p.deliveryIDs {
		b.DeliveryOrders = append(b.DeliveryOrders, p.deliveries[id].view())
	}
	return b
}

// DeliveryOrder is one delivery order as it is now.
func (b Books) DeliveryOrder(id string) (DeliveryOrder, bool) {
	for _, d := range b.DeliveryOrders {
		if d.ID == id {
			return d, true
		}
	}
	return DeliveryOrder{}, false
}

// recordAct records an act on a delivery order; before is nil for a new one.
func (p *Platform) recordAct(a act, d, before *delivery, applied bool) {
	e := Entry{
		Seq: p.nextSequence(), At: p.currentTime(), Sent: a.sent, SentSeq: a.seq, Actor: a.actor, Operation: a.operation,
		DeliveryOrder: d.ID, Orders: d.copy().Orders, Applied: applied, ReplyLost: a.lost, Location: d.Location,
		Status: d.Status, Requested: d.has(EventRequested), Lines: d.copy().Lines, Shipments: len(d.parcels),
		Cancelling: d.isCancelUnconfirmed(), Redispatched: a.redispatched, IntegrationState: p.locations[d.Location].IntegrationState,
	}
	if before != nil {
		e.FromStatus = before.Status
		if before.Location != d.Location {
			e.From, e.To = before.Location, d.Location
		}
	} else {
		e.To = d.Location
	}
	if e.SentSeq == 0 {
		e.Sent, e.SentSeq = e.At, e.Seq
	}
	p.entries = append(p.entries, e)
}

// recordOrderAct records an act on a parent order; Status is the order's state.
func (p *Platform) recordOrderAct(a act, o *order) {
	seq := p.nextSequence()
	p.entries = append(p.entries, Entry{
		Seq: seq, At: p.currentTime(), Sent: p.currentTime(), SentSeq: seq, Actor: a.actor, Operation: a.operation,
		Orders: []string{o.ID}, Status: o.State, Applied: true,
	})
}

// recordIntegration records the state of a location's integration.
func (p *Platform) recordIntegration(actor string, l *location) {
	seq := p.nextSequence()
	p.entries = append(p.entries, Entry{
		Seq: seq, At: p.currentTime(), Sent: p.currentTime(), SentSeq: seq, Actor: actor, Operation: "integration",
		Applied: true, Location: l.ID, IntegrationState: l.IntegrationState,
	})
}
