package sandbox

import "github.com/graph-gophers/graphql-go"

// deliveryView is a DeliveryOrder of the schema. What has a type of its own is a method.
type deliveryView struct {
	ID            graphql.ID
	OrderNumber   *string
	InvoiceNumber *string
	Status        *string
	Type          *string
	Priority      *string
	Total         *float64
	Currency      *string
	Lines         *[]*lineView

	c       *call
	d       *delivery
	refused string
}

type lineView struct {
	ID                graphql.ID
	Sku               *string
	Label             *string
	Quantity          *int32
	FulfilledQuantity *int32
	Status            *string
}

// showDelivery shows a delivery order and books that it was read. Below its orders nothing is shown but an error
// with the code refused, if there is one.
func (c *call) showDelivery(now *delivery, refused string) *deliveryView {
	d := stateShown(c, subject{delivery: now.ID}, now.ID, now, now.prev).copy()
	c.recordRead(Read{Kind: "delivery_order", ID: d.ID, Location: d.Location, State: d.Status, Live: d.isLive()})
	lines := make([]*lineView, 0, len(d.Lines))
	for _, l := range d.Lines {
		lines = append(lines, &lineView{
			ID: graphql.ID(l.ID), Sku: &l.SKU, Label: pointerTo("Article " + l.SKU),
			Quantity: c.quantity(subjectOf(d), l.Quantity), FulfilledQuantity: pointerTo(int32(l.Fulfilled)), Status: &l.Status,
		})
	}
	return &deliveryView{
		ID: graphql.ID(d.ID), OrderNumber: &d.Number, InvoiceNumber: pointerTo("INV-" + d.Number),
		Status: &d.Status, Type: pointerTo(c.p.fulfillmentType(d)), Priority: &d.Priority,
		Total: pointerTo(10.0), Currency: pointerTo("EUR"), Lines: &lines, c: c, d: d, refused: refused,
	}
}

// quantity is that of a line, or null by a fault.
func (c *call) quantity(s subject, n int) *int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.p.useFault(QuantityNull, s) != nil {
		return nil
	}
	return pointerTo(int32(n))
}

// Location needs no scope of its own here (assumed).
func (v *deliveryView) Location() *locationView {
	return v.c.showLocation(v.c.p.locations[v.d.Location])
}

type addressView struct{ Fullname, Address, City, Zipcode, Country *string }

// DeliveryAddress is where the goods go.
func (v *deliveryView) DeliveryAddress() *addressView {
	return &addressView{
		Fullname: pointerTo(CanaryName + "person"), Address: pointerTo(CanaryName + "street 1"), City: pointerTo(CanaryName + "city"),
		Zipcode: pointerTo("75011"), Country: stringOrNull(v.c.p.country(v.d)),
	}
}

// Orders are the parent orders.
func (v *deliveryView) Orders() *[]*orderView {
	views := []*orderView{}
	for _, id := range v.d.Orders {
		views = append(views, v.c.showOrder(v.c.p.orders[id], v.refused))
	}
	return &views
}

type eventsView struct{ Events *[]*eventView }

type eventView struct {
	Type    string
	Level   *string
	Message *string
	Date    *dateTime
}

// FulfillmentData holds the events.
func (v *deliveryView) FulfillmentData() *eventsView {
	events := []*eventView{}
	for _, e := range v.d.history {
		v := &eventView{Type: e.Type, Level: &e.Level, Message: &e.Message}
		if !e.Date.IsZero() {
			v.Date = &dateTime{e.Date}
		}
		events = append(events, v)
	}
	return &eventsView{&events}
}

// Shipments are the parcels.
func (v *deliveryView) Shipments() *[]*shipmentView {
	views := []*shipmentView{}
	for _, id := range v.d.parcels {
		views = append(views, &shipmentView{c: v.c, s: v.c.p.shipments[id]})
	}
	return &views
}

// orderView is an Order of the schema.
type orderView struct {
	ID                graphql.ID
	ExternalReference *string
	InvoiceNumber     *string
	State             *string
	Type              *string
	DispatchingType   *string
	Priority          *string
	InventoryPolicy   *string
	Total             *float64
	TotalTaxInclusive *float64
	Currency          *string
	Locked            *bool
	Lines             *[]*lineView

	c       *call
	country string
	refused string
}

func (c *call) showOrder(now *order, refused string) *orderView {
	o := stateShown(c, subject{orders: []string{now.ID}}, now.ID, now, now.prev)
	lines := make([]*lineView, 0, len(o.Lines))
	for _, l := range o.Lines {
		lines = append(lines, &lineView{
			ID: graphql.ID(l.ID), Sku: &l.SKU, Label: pointerTo("Article " + l.SKU),
			Quantity: c.quantity(subject{orders: []string{o.ID}}, l.Quantity), FulfilledQuantity: pointerTo(int32(0)), Status: pointerTo(LinePending),
		})
	}
	return &orderView{
		ID: graphql.ID(o.ID), ExternalReference: stringOrNull(o.ExternalReference), InvoiceNumber: pointerTo("INV-" + o.Number),
		State: &o.State, Type: &o.Type, DispatchingType: &o.Dispatching, Priority: &o.Priority,
		InventoryPolicy: pointerTo("DENY"), Total: pointerTo(10.0), TotalTaxInclusive: pointerTo(12.0), Currency: pointerTo("EUR"),
		Locked: pointerTo(o.State == Opened), Lines: &lines, c: c, country: o.Country, refused: refused,
	}
}

type contactView struct {
	Fullname, Email, Address, City, Zipcode, Country, Phone *string
}

// DeliveryContact is the person who waits for the goods.
func (v *orderView) DeliveryContact() *contactView {
	return &contactView{
		Fullname: pointerTo(CanaryName + "person"), Email: pointerTo(CanaryName + "person@example.com"),
		Address: pointerTo(CanaryName + "street 1"), City: pointerTo(CanaryName + "city"), Zipcode: pointerTo("75011"),
		Country: stringOrNull(v.country), Phone: pointerTo(CanaryName + "phone"),
	}
}

// FulfillmentData leads to the delivery orders of the order.
func (v *orderView) FulfillmentData() *orderDeliveries { return &orderDeliveries{v} }

type orderDeliveries struct{ v *orderView }

// DeliveryOrders needs the scope of delivery orders.
func (o *orderDeliveries) DeliveryOrders() (*[]*deliveryView, error) {
	if o.v.refused != "" {
		return nil, refusal{o.v.refused, "nested read refused"}
	}
	if err := o.v.c.requireScope("view_delivery_orders"); err != nil {
		return nil, err
	}
	return o.v.c.deliveriesOf(string(o.v.ID)), nil
}

// locationView is a LocationType of the schema.
type locationView struct {
	ID                                                graphql.ID
	Name                                              string
	Title, Description                                *string
	LocationType                                      string
	Active                                            bool
	SocialReason, Address, AddressComplement, ZipCode *string
	City, Country, Phone, Email                       *string
	FulfillmentConfig                                 *configView

	c *call
	l *location
}

type configView struct {
	AllowedCountries, ExcludedCountries *[]string
	PreparationDelay                    *int32
	InventoryPolicy                     *string
}

func (c *call) showLocation(now *location) *locationView {
	l := stateShown(c, subject{location: now.ID}, now.ID, now, now.prev)
	return &locationView{
		ID: graphql.ID(l.ID), Name: l.Slug, Title: &l.Slug, LocationType: l.Type, Active: l.Active,
		SocialReason: pointerTo(CanaryName + "company"), Address: pointerTo(CanaryName + "street 21"), ZipCode: pointerTo("69007"),
		City: pointerTo(CanaryName + "city"), Country: &l.Country, Phone: pointerTo(CanaryName + "phone"),
		Email: pointerTo(CanaryName + "dock@example.com"),
		FulfillmentConfig: &configView{
			pointerTo(list(l.Allowed)), pointerTo(list(l.Excluded)), pointerTo(int32(1)), pointerTo("DENY"),
		},
		c: c, l: l,
	}
}

type integrationView struct {
	ID                 graphql.ID
	State              *string
	FulfillmentService *serviceView
}

type serviceView struct {
	ID   graphql.ID
	Name *string
}

// Integration is null when the location is not connected (documented). Reading it is booked.
func (v *locationView) Integration() *integrationView {
	if v.l.IntegrationID == "" {
		return nil
	}
	v.c.recordRead(Read{Kind: "integration", ID: v.l.ID, Location: v.l.ID, State: v.l.IntegrationState})
	return &integrationView{
		graphql.ID(v.l.IntegrationID), stringOrNull(v.l.IntegrationState),
		&serviceView{graphql.ID(v.l.ServiceID), pointerTo("Service of " + v.l.Slug)},
	}
}

// shipmentView is a Shipment of the schema.
type shipmentView struct {
	c *call
	s *shipment
}

// The fields of a shipment.
func (v *shipmentView) ID() graphql.ID       { return graphql.ID(v.s.ID) }
func (v *shipmentView) Reference() *string   { return &v.s.Reference }
func (v *shipmentView) Tracking() *string    { return nil }
func (v *shipmentView) TrackingURL() *string { return nil }
func (v *shipmentView) CarrierName() *string { return pointerTo("Standard") }
func (v *shipmentView) State() *string       { return pointerTo(Draft) }
func (v *shipmentView) LastEvent() *string   { return pointerTo("NEW") }
func (v *shipmentView) Location() *locationView {
	return v.c.showLocation(v.c.p.locations[v.s.Location])
}
func (v *shipmentView) DeliveryOrder() *deliveryView {
	return v.c.showDelivery(v.c.p.deliveries[v.s.Delivery], "")
}

type detailView struct {
	Sku      *string
	Quantity *int32
}

// Details are the articles in the parcel.
func (v *shipmentView) Details() *[]*detailView {
	details := []*detailView{}
	for _, l := range v.s.Details {
		details = append(details, &detailView{&l.SKU, pointerTo(int32(l.Quantity))})
	}
	return &details
}
