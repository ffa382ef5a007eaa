// Package webhook verifies, parses and signs the webhooks of HappyColis: pure functions over the bytes of one request.
// Package intake calls it; the sandbox and "event send" use Sign and the samples.
//
// A webhook is a POST of {"header": {...}, "body": {...}}, signed over those bytes with the client secret of the
// application (documented). Verify first, over the bytes as they came; Parse after.
//
//	POST > bytes > Verify (who) > Parse (what) > Event
//
// An Event is a hint: the platform delivers late after its queue was blocked and may deliver twice (assumed), so an
// event says where to look, and never what is true now. Compare Date with what is known before storing any of it.
//
// Only ids, codes, quantities, dates and countries have a field here. Names, addresses, free texts and the access
// token that integration events can have (documented) are dropped by Parse, so that no other code can store or log
// them (P6).
package webhook

import (
	"strings"
	"time"
)

// Event is one webhook. At most one of the body pointers is set; none is for a type that this package
// does not know, which is no error.
type Event struct {
	Organization string
	MessageID    string // for recognizing repetitions; a new delivery attempt may have a new one (documented)
	WebhookID    string
	Type         string    // lower case, '-' written '_': "delivery_order/created"
	Date         time.Time // when the platform queued it; zero: not said

	DeliveryOrder *DeliveryOrder // delivery_order/*
	Integration   *Integration   // location/fulfillment_service_integration/*
	Location      *Location      // other location/*
	Shipment      *Shipment      // shipment/*
	Stock         *Stock         // stock_reference/*
}

// Is reports whether the event's type begins with prefix: e.Is("delivery_order/").
func (e *Event) Is(prefix string) bool { return strings.HasPrefix(e.Type, prefix) }

// LocationID returns the location that the event is about; "" if it names none.
func (e *Event) LocationID() string {
	switch {
	case e.DeliveryOrder != nil:
		return e.DeliveryOrder.LocationID
	case e.Integration != nil:
		return e.Integration.LocationID
	case e.Location != nil:
		return e.Location.ID
	case e.Shipment != nil:
		return e.Shipment.LocationID
	case e.Stock != nil:
		return e.Stock.LocationID
	}
	return ""
}

// DeliveryOrder is the whole delivery order as it was at Event.Date (documented: a snapshot).
type DeliveryOrder struct {
	ID                  string
	OrderIDs            []string // several if it serves several orders; nil: not said
	LocationID          string   // "" while it has none (documented: may be null)
	OrganizationID      string
	OrderNumber         string
	CollectPointID      string // "" if it goes to an address, or if not PickupKnown
	CollectPointCountry string
	PickupKnown         bool   // the body had the key collectPointId, so that "" means "no pickup point"
	OrderType           string // B2B or B2C (documented); "type" in the body
	FulfillmentType     string // WAREHOUSE or INTERNAL; "type" in the API
	Priority            string
	Status              string
	IssuedAt            time.Time
	Lines               []Line
	Events              []Milestone
}

// Line is one line of a delivery order.
type Line struct {
	ID, SKU, Status     string
	OrderLineID         string // "" where the platform does not tell (assumed: it may)
	Quantity, Fulfilled int    // units; 0 where the platform does not say, or says less than 0
	Empty               bool   // the quantity is said to be 0, so the line does not count
}

// Milestone is one fulfilment event of a delivery order.
type Milestone struct {
	Type, Level string
	Date        time.Time
}

// Integration is the link between a location and its fulfilment service.
type Integration struct {
	ID, LocationID, ServiceID string
	State                     string // PENDING, ACTIVE, INACTIVE, ERROR (documented)
}

// Location is a warehouse, shop or the like that fulfils.
type Location struct {
	ID                  string
	Slug                string // "name" in the body
	Type                string // INTERNAL or WAREHOUSE (documented)
	Country             string
	Active              *bool     // nil: not said
	AcceptFulfillmentAt time.Time // accepts orders from then on; zero: not said, or with AcceptKnown: now
	AcceptKnown         bool      // the body had the field, with a date or null
	AllowedCountries    []string  // empty: no restriction (assumed)
	ExcludedCountries   []string
}

// Shipment is one parcel.
type Shipment struct {
	ID, LocationID  string
	DeliveryOrderID string // "" where the platform does not tell; ask it then
}

// Stock is what one location has of one SKU.
type Stock struct {
	ID, LocationID, SKU string
	Status              string // only VALID counts for routing (documented); "" if not told
	Model               string // PRODUCT or BUNDLE (documented)
	Usable, Reserved    *int   // units; nil: not said. Whether usable excludes reserved units is not documented
}
