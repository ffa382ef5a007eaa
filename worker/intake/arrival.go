package intake

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/happycolis/webhook"
)

// Arrival is one event as it was understood when it came: either Event, bounded and parsed, or Parked, what may be
// kept of one that was not understood. It holds no raw body, so it can be stored (P6).
type Arrival struct {
	At           time.Time      `json:"at"` // by the clock of the process that took it, stamped once
	Road         Road           `json:"road"`
	Organization string         `json:"organization"`
	Event        *webhook.Event `json:"event,omitempty"`
	Parked       *Parked        `json:"parked,omitempty"`
}

// errBounds reports that an arrival is none that Decode returns.
var errBounds = errors.New("an event is outside the bounds of the intake")

// checkBounds asks the bounds of Decode again of an arrival that was stored where others can write.
func (a Arrival) checkBounds() error {
	switch {
	case a.At.IsZero(), (a.Event == nil) == (a.Parked == nil):
		return errBounds
	case a.Parked != nil:
		return a.Parked.checkBounds()
	case a.Event.Organization != a.Organization, missingIn(a.Event) != "":
		return errBounds
	}
	if err := a.Event.CheckBounds(); err != nil {
		return fmt.Errorf("%w: %w", errBounds, err)
	}
	return nil
}

// checkBounds asks whether it is what parkedOf makes.
func (p *Parked) checkBounds() error {
	sum, err := hex.DecodeString(p.SHA256)
	if err != nil || len(sum) != 32 || len(p.Type) > maxType || p.Size < 0 || !webhook.IsPrintable(p.Type) || !webhook.IsPrintable(p.Reason) {
		return errBounds
	}
	return nil
}

// subject names what an arrival is about: effects on one subject have an order.
func (a Arrival) subject() string { return a.Organization + " " + a.thing() }

func (a Arrival) thing() string {
	e := a.Event
	switch {
	case e == nil:
		return "parked"
	case e.DeliveryOrder != nil:
		return "delivery order " + e.DeliveryOrder.ID
	case e.Integration != nil:
		return "location " + e.Integration.LocationID
	case e.Location != nil:
		return "location " + e.Location.ID
	case e.Shipment != nil:
		return "location " + e.Shipment.LocationID
	case e.Stock != nil:
		return "stock " + e.Stock.LocationID + " " + e.Stock.SKU
	}
	return "message " + e.MessageID
}
