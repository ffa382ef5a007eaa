package orders

import (
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// ConfirmsCancel reports whether a read confirms a cancel that was sent when those CANCELED events were known. The status
// tells nothing (it is not documented).
func ConfirmsCancel(d *happycolis.DeliveryOrder, before journal.CanceledEvents) bool {
	return len(d.Lines) > 0 && !IsLive(*d) && ReadCanceledEvents(d).Beyond(before)
}

// ReadCanceledEvents are the CANCELED events that a read shows.
func ReadCanceledEvents(d *happycolis.DeliveryOrder) journal.CanceledEvents {
	var c index.Canceled
	for _, e := range d.Events {
		c.AddEvent(e.Type, e.Date)
	}
	return IndexedCanceledEvents(c)
}

// IndexedCanceledEvents is what the index knows of the CANCELED events of a delivery order.
func IndexedCanceledEvents(c index.Canceled) journal.CanceledEvents {
	return journal.CanceledEvents{Number: c.Number, Last: c.Last}
}
