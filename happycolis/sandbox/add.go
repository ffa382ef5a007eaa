package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// AddOrganization makes a customer known. Its application gets every scope; see SetScopes.
func (p *Platform) AddOrganization(o Organization) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.organizations[o.ID] = &organization{Organization: o, scopes: slices.Clone(AllScopes), tokens: map[string]grant{}}
}

// Organizations lists the customers by id, with their credentials.
func (p *Platform) Organizations() []Organization {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Organization
	for _, id := range slices.Sorted(maps.Keys(p.organizations)) {
		all = append(all, p.organizations[id].Organization)
	}
	return all
}

// AddLocation adds or replaces a location and announces location/created.
func (p *Platform) AddLocation(l Location) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.ID = cmp.Or(l.ID, p.newID())
	l.Type = cmp.Or(l.Type, Warehouse)
	l.Country = cmp.Or(l.Country, "FR")
	if l.Type == Warehouse {
		l.IntegrationID = cmp.Or(l.IntegrationID, p.newID())
		l.IntegrationState = cmp.Or(l.IntegrationState, IntegrationActive)
		l.ServiceID = cmp.Or(l.ServiceID, p.newID())
	}
	rec := &location{Location: l}
	if old := p.locations[l.ID]; old != nil {
		p.locations[l.ID] = rec
		rec.prev = &location{Location: old.Location}
		p.announceLocation("location/updated", rec)
	} else {
		p.locations[l.ID] = rec
		p.locationIDs = append(p.locationIDs, l.ID)
		p.announceLocation("location/created", rec)
	}
	p.recordIntegration("seed", rec)
}

// AddOrder adds or replaces an order. Orders are announced by no webhook here.
func (p *Platform) AddOrder(o Order) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.ID = cmp.Or(o.ID, p.newID())
	o.State, o.Dispatching = cmp.Or(o.State, Opened), cmp.Or(o.Dispatching, Manual)
	o.Priority, o.Type = cmp.Or(o.Priority, "NORMAL"), cmp.Or(o.Type, "B2C")
	o.Country, o.Number = cmp.Or(o.Country, "FR"), cmp.Or(o.Number, "SO-"+o.ID)
	o.Lines = slices.Clone(o.Lines)
	for i := range o.Lines {
		o.Lines[i].ID = cmp.Or(o.Lines[i].ID, p.newID())
	}
	if p.orders[o.ID] == nil {
		p.orderIDs = append(p.orderIDs, o.ID)
	}
	p.orders[o.ID] = &order{Order: o}
}

// AddDeliveryOrder adds a delivery order and announces it: created, then the webhook that fits its
// status. It stays as it was added until somebody acts or the location's integration recovers: the
// warehouse answers requests made from then on. It panics when it exists, or when an order, an order line or the location is unknown: a test or a
// demonstration that seeds nonsense must not run.
func (p *Platform) AddDeliveryOrder(d DeliveryOrder) { p.addDelivery(d, true) }

// AddSilently is AddDeliveryOrder without webhooks: a delivery order that existed before anybody
// subscribed.
func (p *Platform) AddSilently(d DeliveryOrder) { p.addDelivery(d, false) }

func (p *Platform) addDelivery(v DeliveryOrder, announce bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.locations[v.Location] == nil || len(v.Orders) == 0 {
		panic(fmt.Sprintf("sandbox: delivery order %q needs a known location and an order", v.ID))
	}
	first := p.orders[v.Orders[0]]
	if first == nil {
		panic(fmt.Sprintf("sandbox: delivery order %q: unknown order %q", v.ID, v.Orders[0]))
	}
	if p.deliveries[v.ID] != nil {
		panic(fmt.Sprintf("sandbox: delivery order %q exists", v.ID))
	}
	v.ID, v.Number = cmp.Or(v.ID, p.newID()), cmp.Or(v.Number, first.Number)
	v.Status, v.Priority = cmp.Or(v.Status, Draft), cmp.Or(v.Priority, first.Priority)
	d := &delivery{DeliveryOrder: v, organization: first.Organization, issued: p.currentTime()}
	d.Orders, d.Lines, d.Events = slices.Clone(v.Orders), slices.Clone(v.Lines), nil
	for i := range d.Lines {
		p.completeLine(d, &d.Lines[i])
	}
	for _, kind := range v.Events {
		d.history = append(d.history, p.newEvent(d, kind))
	}
	d.answered = d.has(EventAccepted) || d.has(EventRejected)
	for range v.Shipments {
		p.newShipment(d)
	}
	p.store(d)
	p.recordAct(act{actor: "seed", operation: "seed"}, d, nil, true)
	if announce {
		p.announceDelivery("delivery_order/created", d)
		if kind := webhookFor(d); kind != "" {
			p.announceDelivery(kind, d)
		}
	}
}

// completeLine fills what a seed left out: the id, the status, and the order line of that SKU.
func (p *Platform) completeLine(d *delivery, l *Line) {
	l.ID = cmp.Or(l.ID, p.newID())
	if l.Status == "" {
		l.Status = map[string]string{Draft: LineNew, Pending: LinePending, Opened: LineAccepted, Completed: LineDelivered}[d.Status]
	}
	for _, id := range d.Orders {
		o := p.orders[id]
		if o == nil {
			panic(fmt.Sprintf("sandbox: delivery order %q: unknown order %q", d.ID, id))
		}
		for _, ol := range o.Lines {
			if l.OrderLine == ol.ID || l.OrderLine == "" && l.SKU == ol.SKU {
				l.OrderLine, l.SKU = ol.ID, ol.SKU
				return
			}
		}
	}
	panic(fmt.Sprintf("sandbox: delivery order %q: no order line for %q", d.ID, l.SKU))
}

// store puts a new record into the store.
func (p *Platform) store(d *delivery) {
	p.deliveries[d.ID] = d
	p.deliveryIDs = append(p.deliveryIDs, d.ID)
	for _, id := range d.Orders {
		p.byOrder[id] = append(p.byOrder[id], d.ID)
	}
}

// webhookFor is the webhook that a delivery order's present state had caused.
func webhookFor(d *delivery) string {
	switch {
	case d.has(EventCanceled):
		return "delivery_order/cancelled"
	case d.Status == Completed:
		return "delivery_order/completed"
	case d.Status == Opened:
		return "delivery_order/opened"
	case d.has(EventRejected):
		return "delivery_order/rejected"
	case d.has(EventAccepted):
		return "delivery_order/fulfillment_accepted"
	case d.Status == Pending:
		return "delivery_order/pending"
	}
	return ""
}
