package sandbox

import (
	"fmt"
	"math/rand/v2"
)

// Slugs of the locations that Seed makes. Paris ships to FR, BE and DE, Lyon to FR and BE, Lille,
// INTERNAL, to FR only.
const (
	Paris = "paris-warehouse"
	Lyon  = "lyon-warehouse"
	Lille = "lille-warehouse"
)

// SeedOptions say for whom to seed, how many orders, and which of the repeatable worlds.
type SeedOptions struct {
	Organization string
	Orders       int
	Seed         int64
}

// Merchant is what Seed made.
type Merchant struct {
	Organization string
	// Locations maps slugs to ids.
	Locations map[string]string
	Orders    []string
	// InFlight are the delivery orders at Paris in DRAFT, PENDING or OPENED, those in progress and
	// with a shipment included. DeliveryOrders are all.
	InFlight, DeliveryOrders []string
}

// Seed makes three locations with stock and a number of orders with a delivery order each, in every
// status: about 70% in flight at Paris. An organization that is unknown is added with the
// credentials client-, secret- and token- before its id. Subscribe before, or nobody hears of it.
func Seed(p *Platform, s SeedOptions) Merchant {
	if s.Organization == "" {
		s.Organization = "demo-organization"
	}
	p.mu.Lock()
	known := p.organizations[s.Organization] != nil
	p.mu.Unlock()
	if !known {
		p.AddOrganization(Organization{
			ID: s.Organization, ClientID: "client-" + s.Organization,
			ClientSecret: "secret-" + s.Organization, IntegrationToken: "token-" + s.Organization,
		})
	}
	w := &seeder{
		p: p, random: rand.New(rand.NewPCG(uint64(s.Seed), 0xca57)),
		m: Merchant{Organization: s.Organization, Locations: map[string]string{}},
	}
	w.locations(s.Orders)
	for i := range s.Orders {
		w.order(i)
	}
	return w.m
}

var seedSKUs = []string{"MUG-GREEN", "MUG-BLUE", "TEAPOT-08", "PLATE-26", "BOWL-14", "TRAY-OAK", "SPOON-SET", "JAR-1L"}

type seeder struct {
	p      *Platform
	random *rand.Rand
	m      Merchant
	// waiting is an order that shares the next one's delivery order.
	waiting *Order
}

func (w *seeder) locations(orders int) {
	for _, l := range []Location{
		{Slug: Paris, Type: Warehouse, Country: "FR", Allowed: []string{"FR", "BE", "DE"}},
		{Slug: Lyon, Type: Warehouse, Country: "FR", Allowed: []string{"FR", "BE"}},
		{Slug: Lille, Type: Internal, Country: "FR", Allowed: []string{"FR"}},
	} {
		l.ID, l.Organization, l.Active = opaqueID(w.random), w.m.Organization, true
		if l.Type == Warehouse {
			l.IntegrationID, l.ServiceID = opaqueID(w.random), opaqueID(w.random)
		}
		w.m.Locations[l.Slug] = l.ID
		w.p.AddLocation(l)
		for _, sku := range seedSKUs {
			units := 50 + 3*orders + w.random.IntN(50)
			w.p.AddStock(Stock{ID: opaqueID(w.random), Location: l.ID, SKU: sku, Physical: units, Usable: units - 5, Reserved: 5})
		}
	}
}

// shape is one kind of delivery order; orders take them in turn, so that few orders show all.
type shape struct {
	at, status string
	line       string
	events     []string
	shipments  int
	pickup     bool
	// join: this order shares its delivery order with the next; twice: two lines of one SKU.
	join, twice bool
}

var (
	requested = []string{EventRequested}
	accepted  = []string{EventRequested, EventAccepted}
	shapes    = []shape{
		{at: Paris, status: Pending, events: requested},
		{at: Paris, status: Draft},
		{at: Paris, status: Pending, events: requested},
		{at: Lyon, status: Pending, line: LineAccepted, events: accepted},
		{at: Paris, status: Completed, line: LineDelivered, events: []string{EventRequested, EventAccepted, EventCompleted}, shipments: 1},
		{at: Paris, status: Opened, line: LineAccepted, events: accepted},
		{at: Paris, status: Draft},
		{at: Paris, status: Pending, events: requested, pickup: true},
		{at: Lille, status: Pending, events: requested},
		{at: Paris, status: Opened, line: LineInProgress, events: accepted},
		{at: Paris, status: Pending, events: requested},
		{at: Paris, status: Completed, line: LineCanceled, events: []string{EventRequested, EventCanceled}},
		{at: Paris, status: Draft},
		{at: Paris, status: Pending, events: requested, join: true},
		{at: Paris, status: Pending, events: requested, twice: true},
		{at: Lyon, status: Draft},
		{at: Paris, status: Pending},
		{at: Paris, status: Opened, line: LineInProgress, events: accepted, shipments: 1},
		{at: Paris, status: Pending, events: requested},
		{at: Lyon, status: Completed, line: LineDelivered, events: []string{EventRequested, EventAccepted, EventCompleted}, shipments: 1},
		{at: Paris, status: Pending, line: LineAccepted, events: accepted},
		{at: Paris, status: Draft},
		{at: Paris, status: Pending, events: requested},
		{at: Paris, status: Pending, events: requested},
		{at: Lille, status: Pending, events: requested},
	}
)

func (w *seeder) order(i int) {
	s := shapes[i%len(shapes)]
	o := Order{
		ID: opaqueID(w.random), Organization: w.m.Organization, Number: fmt.Sprintf("SO-%d", 10001+i),
		ExternalReference: fmt.Sprintf("shop-%d", 10001+i), Country: "FR", Priority: "NORMAL", Dispatching: Manual,
	}
	switch {
	case s.at == Paris && i%10 == 8:
		o.Country = "BE"
	case s.at == Paris && i%20 == 1:
		o.Country = "DE"
	}
	switch i % 9 {
	case 4:
		o.Priority = "HIGH"
	case 7:
		o.Priority = "LOW"
	}
	if i%7 == 2 {
		o.Dispatching = Automatic
	}
	first := w.random.IntN(len(seedSKUs))
	for n := range 1 + w.random.IntN(2) {
		o.Lines = append(o.Lines, OrderLine{ID: opaqueID(w.random), SKU: seedSKUs[(first+n)%len(seedSKUs)], Quantity: 1 + w.random.IntN(3)})
	}
	if s.twice {
		o.Lines = append(o.Lines, OrderLine{ID: opaqueID(w.random), SKU: o.Lines[0].SKU, Quantity: 1})
	}
	w.p.AddOrder(o)
	w.m.Orders = append(w.m.Orders, o.ID)
	if s.join {
		w.waiting = &o
		return
	}
	orders := []Order{o}
	if w.waiting != nil {
		orders, w.waiting = []Order{*w.waiting, o}, nil
	}
	w.deliver(s, orders)
}

func (w *seeder) deliver(s shape, orders []Order) {
	d := DeliveryOrder{
		ID: opaqueID(w.random), Number: orders[0].Number, Location: w.m.Locations[s.at], Status: s.status,
		Priority: orders[0].Priority, Pickup: s.pickup, Events: s.events, Shipments: s.shipments,
	}
	for _, o := range orders {
		d.Orders = append(d.Orders, o.ID)
		for _, ol := range o.Lines {
			l := Line{ID: opaqueID(w.random), OrderLine: ol.ID, SKU: ol.SKU, Status: s.line, Quantity: ol.Quantity}
			if s.line == LineDelivered {
				l.Fulfilled = ol.Quantity
			}
			d.Lines = append(d.Lines, l)
		}
	}
	w.p.AddDeliveryOrder(d)
	w.m.DeliveryOrders = append(w.m.DeliveryOrders, d.ID)
	if s.at == Paris && s.status != Completed {
		w.m.InFlight = append(w.m.InFlight, d.ID)
	}
}
