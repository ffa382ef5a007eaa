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
	d := stored(c, subject{delivery: now.ID}, now.ID, now, now.prev).copy()
	c.saw(Read{Kind: "delivery_order", ID: d.ID, Location: d.Location, State: d.Status, Live: d.live()})
	lines := make([]*lineView, 0, len(d.Lines))
	for _, l := range d.Lines {
		lines = append(lines, &lineView{
			ID: graphql.ID(l.ID), Sku: &l.SKU, Label: some("Article " + l.SKU),
			Quantity: c.quantity(subjectOf(d), l.Quantity), FulfilledQuantity: some(int32(l.Fulfilled)), Status: &l.Status,
		})
	}
	return &deliveryView{
		ID: graphql.ID(d.ID), OrderNumber: &d.Number, InvoiceNumber: some("INV-" + d.Number),
		Status: &d.Status, Type: some(c.p.fulfillmentType(d)), Priority: &d.Priority,
		Total: some(10.0), Currency: some("EUR"), Lines: &lines, c: c, d: d, refused: refused,
	}
}

// quantity is that of a line, or null by a mood.
func (c *call) quantity(s subject, n int) *int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.p.mood(QuantityNull, s) != nil {
		return nil
	}
	return some(int32(n))
}

// Location needs no scope of its own here (assumed).
func (v *deliveryView) Location() *locationView {
	return v.c.showLocation(v.c.p.locations[v.d.Location])
}

type addressView struct{ Fullname, Address, City, Zipcode, Country *string }

// DeliveryAddress is where the goods go.
func (v *deliveryView) DeliveryAddress() *addressView {
	return &addressView{
		Fullname: some(CanaryName + "person"), Address: some(CanaryName + "street 1"), City: some(CanaryName + "city"),
		Zipcode: some("75011"), Country: filled(v.c.p.country(v.d)),
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
	o := stored(c, subject{orders: []string{now.ID}}, now.ID, now, now.prev)
	lines := make([]*lineView, 0, len(o.Lines))
	for _, l := range o.Lines {
		lines = append(lines, &lineView{
			ID: graphql.ID(l.ID), Sku: &l.SKU, Label: some("Article " + l.SKU),
			Quantity: c.quantity(subject{orders: []string{o.ID}}, l.Quantity), FulfilledQuantity: some(int32(0)), Status: some(LinePending),
		})
	}
	return &orderView{
		ID: graphql.ID(o.ID), ExternalReference: filled(o.ExternalReference), InvoiceNumber: some("INV-" + o.Number),
		State: &o.State, Type: &o.Type, DispatchingType: &o.Dispatching, Priority: &o.Priority,
		InventoryPolicy: some("DENY"), Total: some(10.0), TotalTaxInclusive: some(12.0), Currency: some("EUR"),
		Locked: some(o.State == Opened), Lines: &lines, c: c, country: o.Country, refused: refused,
	}
}

type contactView struct {
	Fullname, Email, Address, City, Zipcode, Country, Phone *string
}

// DeliveryContact is the person who waits for the goods.
func (v *orderView) DeliveryContact() *contactView {
	return &contactView{
		Fullname: some(CanaryName + "person"), Email: some(CanaryName + "person@example.com"),
		Address: some(CanaryName + "street 1"), City: some(CanaryName + "city"), Zipcode: some("75011"),
		Country: filled(v.country), Phone: some(CanaryName + "phone"),
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
	if err := o.v.c.need("view_delivery_orders"); err != nil {
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
	l := stored(c, subject{location: now.ID}, now.ID, now, now.prev)
	return &locationView{
		ID: graphql.ID(l.ID), Name: l.Slug, Title: &l.Slug, LocationType: l.Type, Active: l.Active,
		SocialReason: some(CanaryName + "company"), Address: some(CanaryName + "street 21"), ZipCode: some("69007"),
		City: some(CanaryName + "city"), Country: &l.Country, Phone: some(CanaryName + "phone"),
		Email: some(CanaryName + "dock@example.com"),
		FulfillmentConfig: &configView{
			some(list(l.Allowed)), some(list(l.Excluded)), some(int32(1)), some("DENY"),
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
	v.c.saw(Read{Kind: "integration", ID: v.l.ID, Location: v.l.ID, State: v.l.IntegrationState})
	return &integrationView{
		graphql.ID(v.l.IntegrationID), filled(v.l.IntegrationState),
		&serviceView{graphql.ID(v.l.ServiceID), some("Service of " + v.l.Slug)},
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
func (v *shipmentView) CarrierName() *string { return some("Standard") }
func (v *shipmentView) State() *string       { return some(Draft) }
func (v *shipmentView) LastEvent() *string   { return some("NEW") }
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
		details = append(details, &detailView{&l.SKU, some(int32(l.Quantity))})
	}
	return &details
}
