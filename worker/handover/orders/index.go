package orders

import (
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
)

// IndexEntry is what a read of ours tells the index; it is dated by the platform's own clock.
func IndexEntry(d *happycolis.DeliveryOrder) index.Entry {
	e := index.Entry{ID: d.ID, Number: d.OrderNumber, Location: d.Location.ID, Status: d.Status, Priority: d.Priority, Date: d.Date}
	if e.Date.IsZero() {
		e.Date = d.SentAt
	}
	for _, o := range d.Orders {
		e.Orders = append(e.Orders, o.ID)
	}
	for _, l := range d.Lines {
		e.Lines = append(e.Lines, index.Line{ID: l.ID, SKU: l.SKU, Status: l.Status, Quantity: l.Quantity, Fulfilled: l.Fulfilled,
			Empty: l.Quantity == 0 && !l.QuantityUnknown})
	}
	for _, m := range d.Events {
		e.Events = append(e.Events, m.Type)
		e.Canceled.AddEvent(m.Type, m.Date)
	}
	return e
}

// IsStanding reports whether the index shows a delivery order with a line that has units and is neither cancelled nor rejected.
func IsStanding(e index.Entry) bool { return len(e.Lines) > 0 && !e.IsDead() }
