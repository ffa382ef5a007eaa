package sandbox

import (
	"slices"
	"time"
)

// Values of states and types, as the platform spells them (documented).
const (
	Draft     = "DRAFT"
	Pending   = "PENDING"
	Opened    = "OPENED"
	Completed = "COMPLETED"

	LineNew        = "NEW"
	LinePending    = "PENDING"
	LineAccepted   = "ACCEPTED"
	LineInProgress = "IN_PROGRESS"
	LineRejected   = "REJECTED"
	LineCanceled   = "CANCELED"
	LineFulfilled  = "FULFILLED"
	LinePartly     = "PARTIALLY_FULFILLED"
	LineDelivered  = "DELIVERED"

	EventRequested = "FULFILLMENT_REQUESTED"
	EventAccepted  = "FULFILLMENT_ACCEPTED"
	EventRejected  = "FULFILLMENT_REJECTED"
	EventCanceled  = "CANCELED"
	EventCompleted = "COMPLETED"

	Warehouse = "WAREHOUSE"
	Internal  = "INTERNAL"

	IntegrationPending  = "PENDING"
	IntegrationActive   = "ACTIVE"
	IntegrationInactive = "INACTIVE"
	IntegrationError    = "ERROR"

	Automatic = "AUTOMATIC"
	Manual    = "MANUAL"
)

// Organization is one customer of the platform with the credentials of its one application.
type Organization struct {
	ID               string `json:"id"`
	ClientID         string `json:"client_id"`
	ClientSecret     string `json:"client_secret"`
	IntegrationToken string `json:"integration_token"`
}

// Location is a place that ships. Type defaults to WAREHOUSE; a WAREHOUSE without an integration
// gets one, ACTIVE.
type Location struct {
	ID                  string    `json:"id"`
	Organization        string    `json:"organization"`
	Slug                string    `json:"slug"`
	Type                string    `json:"type"`
	Country             string    `json:"country"`
	Active              bool      `json:"active"`
	IntegrationID       string    `json:"integration_id"`
	IntegrationState    string    `json:"integration_state"`
	ServiceID           string    `json:"service_id"`
	Allowed             []string  `json:"allowed"`
	Excluded            []string  `json:"excluded"`
	AcceptFulfillmentAt time.Time `json:"accept_fulfillment_at"`
}

// Order is what a customer bought. State defaults to OPENED, Dispatching to MANUAL, Priority to
// NORMAL, Type to B2C, Country to FR.
type Order struct {
	ID                string      `json:"id"`
	Organization      string      `json:"organization"`
	Number            string      `json:"number"`
	State             string      `json:"state"`
	Dispatching       string      `json:"dispatching"`
	Priority          string      `json:"priority"`
	Type              string      `json:"type"`
	Country           string      `json:"country"`
	ExternalReference string      `json:"external_reference"`
	Lines             []OrderLine `json:"lines"`
}

// OrderLine is one article of an order.
type OrderLine struct {
	ID       string `json:"id"`
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

// DeliveryOrder is the part of one or more orders that one location ships. Events are types only,
// dated at the moment they are added; Shipments is a count.
type DeliveryOrder struct {
	ID        string   `json:"id"`
	Number    string   `json:"number"`
	Location  string   `json:"location"`
	Orders    []string `json:"orders"`
	Status    string   `json:"status"`
	Priority  string   `json:"priority"`
	Pickup    bool     `json:"pickup"`
	Lines     []Line   `json:"lines"`
	Events    []string `json:"events"`
	Shipments int      `json:"shipments"`
}

// Line is one line of a delivery order. OrderLine is known to the books always, to the API never,
// and to webhooks by a fault.
type Line struct {
	ID        string `json:"id"`
	OrderLine string `json:"order_line"`
	SKU       string `json:"sku"`
	Status    string `json:"status"`
	Quantity  int    `json:"quantity"`
	Fulfilled int    `json:"fulfilled"`
}

// Stock is what one location has of one SKU, in units. No query shows it; webhooks do. Status defaults to
// VALID, Model to PRODUCT.
type Stock struct {
	ID       string `json:"id"`
	Location string `json:"location"`
	SKU      string `json:"sku"`
	Status   string `json:"status"`
	Model    string `json:"model"`
	Physical int    `json:"physical"`
	Usable   int    `json:"usable"`
	Reserved int    `json:"reserved"`
}

type location struct {
	Location
	prev *location
	// changes counts how often the state of its integration was set.
	changes int
}

type order struct {
	Order
	held bool
	// cancelling: it is cancelled as a whole, and a delivery order has not confirmed yet.
	cancelling bool
	prev       *order
}

// event is a fulfilment event; one with the zero date tells none.
type event struct {
	Type, Level, Message string
	Date                 time.Time
}

type shipment struct {
	ID, Delivery, Location, Reference string
	Details                           []Line
	Issued                            time.Time
}

// delivery is the platform's record of a delivery order.
type delivery struct {
	DeliveryOrder
	organization string
	issued       time.Time
	history      []event
	parcels      []string
	// cancelling: a cancel was accepted and is not confirmed yet. cancels counts the cancels that were accepted;
	// uncancelled is the record before the last of them, until that is rejected.
	cancelling  bool
	cancels     int
	uncancelled *delivery
	// answered: the warehouse has accepted or refused the last request.
	answered bool
	// prev is the record before its last change, for stale reads.
	prev *delivery
}

func (d *delivery) copy() *delivery {
	c := *d
	c.Orders, c.Lines = slices.Clone(d.Orders), slices.Clone(d.Lines)
	c.history, c.parcels = slices.Clone(d.history), slices.Clone(d.parcels)
	c.prev, c.uncancelled = nil, nil
	return &c
}

// view is the record as others may see it.
func (d *delivery) view() DeliveryOrder {
	v := d.copy().DeliveryOrder
	v.Shipments = len(d.parcels)
	v.Events = make([]string, 0, len(d.history))
	for _, e := range d.history {
		v.Events = append(v.Events, e.Type)
	}
	return v
}

func (d *delivery) has(kind string) bool {
	return slices.ContainsFunc(d.history, func(e event) bool { return e.Type == kind })
}

// isLive reports whether any unit may still be shipped from here.
func (d *delivery) isLive() bool {
	return slices.ContainsFunc(d.Lines, func(l Line) bool { return l.Status != LineCanceled && l.Status != LineRejected })
}

// isBegun reports whether the warehouse has its hands on the goods: from there a cancel is refused.
func (d *delivery) isBegun() bool {
	return len(d.parcels) > 0 || slices.ContainsFunc(d.Lines, func(l Line) bool {
		switch l.Status {
		case LineInProgress, LinePartly, LineFulfilled, LineDelivered:
			return true
		}
		return l.Fulfilled > 0
	})
}
