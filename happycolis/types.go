package happycolis

import (
	"context"
	"time"
)

// Credentials say as which organization, and as which of its applications, the platform is called.
type Credentials struct {
	Organization     string // the id that webhook headers carry as organizationId
	ClientID         string
	ClientSecret     Secret
	IntegrationToken Secret // if set, it is the bearer token itself, and ClientID and ClientSecret are not used
}

// Class is the priority of a request in the rate limit.
type Class int

// The zero Class is the urgent one, so that code which sets none is not starved.
const (
	ClassUrgent     Class = iota // of handovers; served first
	ClassBackground              // import, plan, sweep, polls; limited to a share while an incident drains
)

// Limiter grants one request. A wait above zero denies it: ask again after that time. An error means that the limiter
// itself failed (Redis is away); then the request is not sent either.
type Limiter interface {
	Wait(ctx context.Context, organization string, class Class) (wait time.Duration, err error)
}

// Reserver is a Limiter that also limits how much work of several requests begins.
type Reserver interface {
	Reserve(ctx context.Context, organization string, requests int) (wait time.Duration, err error)
	// Refund returns reserved requests that turned out not to be needed.
	Refund(ctx context.Context, organization string, requests int) error
}

// Call describes one HTTP request, for Options.Observe.
type Call struct {
	Organization string
	Operation    string    // name of the GraphQL operation, or "token"
	Outcome      string    // "ok" or the Kind of the error
	SentAt       time.Time // by our clock, just before the request was sent; zero for a token
	Duration     time.Duration
	Date         time.Time // the response's Date header, whole seconds; zero if it had none
	Limit        int       // the platform's limit, requests a minute; 0: the answer does not say
	Remaining    int       // left of Limit
}

// Read says when an answer was true: between SentAt and its arrival.
type Read struct {
	SentAt time.Time // by our clock, just before the request was sent
	Date   time.Time // the response's Date header, whole seconds; zero if it had none
}

// DeliveryOrder is the part of an order that one location fulfils. Its words (Status, Priority,
// and those of lines and events) are the platform's, unchecked: a new word is not an error here.
//
// The platform has no cancelled status: a cancelled delivery order has all its lines CANCELED and a CANCELED event
// (documented), under whatever status.
type DeliveryOrder struct {
	Read
	ID          string
	OrderNumber string
	Status      string // DRAFT, PENDING, OPENED, COMPLETED (documented)
	Priority    string
	Country     string // of the delivery address, ISO 3166-1 alpha-2; "" if unknown
	Location    Location
	Lines       []Line
	Events      []Event
	Shipments   []Shipment
	Orders      []Order // only ids, except from ReadForHandover

	// ShipmentsUnknown says that Shipments were not read: the call does not request them, or the platform does not
	// have the field (assumed: its name is documented nowhere).
	ShipmentsUnknown bool
}

// Line is a line of a delivery order. Nothing documented links it to the order's line.
type Line struct {
	ID, SKU, Status     string
	Quantity, Fulfilled int // units, as the platform wrote them; 0 where it said nothing

	// QuantityUnknown says that the line cannot be summed: its quantity is missing or negative, or its fulfilled units
	// are negative.
	QuantityUnknown bool
}

// Event is a milestone of a delivery order's fulfilment, as FULFILLMENT_REQUESTED or CANCELED.
type Event struct {
	Type string
	Date time.Time // zero if the platform's text was not a date
}

// Shipment is one parcel. In any state it makes its delivery order impossible to move (assumed).
type Shipment struct {
	ID, State string
}

// Order is what the customer ordered; it is split into one delivery order for each location.
type Order struct {
	Read
	ID              string
	State           string // DRAFT, OPENED, COMPLETED (documented)
	DispatchingType string // AUTOMATIC or MANUAL (documented)
	Lines           []OrderLine
	DeliveryOrders  []DeliveryOrder // from ReadForHandover only
}

// OrderLine is a line of an order; CreateDeliveryOrder needs its ID.
type OrderLine struct {
	ID, SKU  string
	Quantity int // units, as the platform wrote them; 0 where it said nothing

	QuantityUnknown bool // absent or negative, so that the line cannot be summed
}

// Location is a warehouse, shop or the like that fulfils. From when on it accepts orders (acceptFulfillmentAt) is not
// a field of this type: only webhooks have it (documented).
type Location struct {
	Read
	ID          string
	Slug        string       // "name" on the platform
	Type        string       // INTERNAL, WAREHOUSE, EXTERNAL (documented)
	Active      bool         // false also where the call does not ask for it
	Integration *Integration // nil when not connected, or where the call does not ask for it

	AllowedCountries  []string // empty: no restriction (assumed)
	ExcludedCountries []string
}

// Integration is the link between a location and its fulfilment service.
type Integration struct {
	ID    string
	State string // PENDING, ACTIVE, INACTIVE, ERROR (documented)
}

// NewDeliveryOrder is the input of CreateDeliveryOrder.
type NewDeliveryOrder struct {
	OrderID    string
	LocationID string
	Priority   string // "" leaves the platform's default, NORMAL (documented)
	Lines      []NewLine
}

// NewLine is a number of units of a line of the order, not of a line of another delivery order.
type NewLine struct {
	OrderLineID string
	Quantity    int
}
