package happycolis

import (
	"context"
	"time"
)

// Credentials say as which organization, and as which of its applications, the platform is asked.
type Credentials struct {
	Organization     string // the id that webhook headers carry as organizationId
	ClientID         string
	ClientSecret     Secret
	IntegrationToken Secret // if set, the bearer token itself; ClientID and ClientSecret then ask for nothing
}

// Class ranks a request for the rate limiter.
type Class int

// The zero Class is the important one: work that forgets to say what it is must not be starved.
const (
	ClassUrgent     Class = iota // moves delivery orders; first in line
	ClassBackground              // import, plan, sweep, polls; held to a share while an incident drains
)

// Limiter grants one request. A wait above zero denies it: ask again then. An err means that the
// limiter itself failed (Redis away), and the request is not sent either.
type Limiter interface {
	Wait(ctx context.Context, organization string, class Class) (wait time.Duration, err error)
}

// Reserver is a Limiter that also paces the beginning of work that takes several requests.
type Reserver interface {
	Reserve(ctx context.Context, organization string, requests int) (wait time.Duration, err error)
	// Refund returns what of a begin turned out not to be needed.
	Refund(ctx context.Context, organization string, requests int) error
}

// Call is what Options.Observe learns about one HTTP request.
type Call struct {
	Organization string
	Operation    string    // name of the GraphQL operation, or "token"
	Outcome      string    // "ok" or the Kind of the error
	SentAt       time.Time // by our clock, just before the request was sent; zero for a token
	Duration     time.Duration
	Date         time.Time // the response's Date header, whole seconds; zero if it had none
	Limit        int       // requests a minute that the platform says are allowed; 0: it did not say
	Remaining    int       // of Limit
}

// Read tells when an answer was true.
type Read struct {
	SentAt time.Time // by our clock, just before the request was sent
	Date   time.Time // the response's Date header, whole seconds; zero if it had none
}

// DeliveryOrder is the part of an order that one location fulfils. Its words (Status, Priority,
// and those of lines and events) are the platform's, unchecked: a new word is not an error here.
//
// The platform has no cancelled status: a cancelled delivery order has all its lines CANCELED and a
// CANCELED event (documented), under whatever status.
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
	Orders      []Order // ids only, but for Handover

	// ShipmentsUnknown says that Shipments were not read: the call does not ask for them, or the
	// platform does not know the field (assumed: no page shows its name).
	ShipmentsUnknown bool
}

// Line is a line of a delivery order. No readable page links it to the order's line.
type Line struct {
	ID, SKU, Status     string
	Quantity, Fulfilled int // units, as the platform wrote them; 0 where it said nothing

	// QuantityUnknown says that the line cannot be summed: its quantity is absent or negative, or it has a negative
	// number of units fulfilled.
	QuantityUnknown bool
}

// Event is a milestone of a delivery order's fulfilment, as FULFILLMENT_REQUESTED or CANCELED.
type Event struct {
	Type string
	Date time.Time // zero if the platform's text was not a date
}

// Shipment is one parcel. In any state it makes its delivery order immovable (assumed).
type Shipment struct {
	ID, State string
}

// Order is what the customer ordered; it is split into one delivery order a location.
type Order struct {
	Read
	ID              string
	State           string // DRAFT, OPENED, COMPLETED (documented)
	DispatchingType string // AUTOMATIC or MANUAL (documented)
	Lines           []OrderLine
	DeliveryOrders  []DeliveryOrder // filled by Handover only
}

// OrderLine is a line of an order; its ID is what Create wants.
type OrderLine struct {
	ID, SKU  string
	Quantity int // units, as the platform wrote them; 0 where it said nothing

	QuantityUnknown bool // absent or negative, so that the line cannot be summed
}

// Location is a place that fulfils. From when on it takes orders (acceptFulfillmentAt) no page shows on this type:
// only webhooks tell it (documented).
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

// NewDeliveryOrder is what Create sends.
type NewDeliveryOrder struct {
	OrderID    string
	LocationID string
	Priority   string // "" leaves the platform's default, NORMAL (documented)
	Lines      []NewLine
}

// NewLine asks for units of a line of the order, not of a line of another delivery order.
type NewLine struct {
	OrderLineID string
	Quantity    int
}
