package orders

import (
	"slices"
	"strings"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// CheckWorkBegun reports whether the location may have begun, or the state is not understood.
func CheckWorkBegun(d *happycolis.DeliveryOrder) (journal.Reason, bool) {
	if len(d.Shipments) > 0 {
		return journal.AlreadyShipped, true
	}
	preparing, odd := false, !slices.Contains([]string{StatusDraft, StatusPending, StatusOpened}, d.Status)
	for _, l := range d.Lines {
		switch l.Status {
		case "PARTIALLY_FULFILLED", "FULFILLED", "DELIVERED":
			return journal.AlreadyShipped, true
		case "IN_PROGRESS":
			preparing = true
		case "NEW", "AWAITING_STOCK", "PENDING", lineAccepted, lineRejected, "ERRORED", LineCanceled:
		default:
			odd = true
		}
		if l.Fulfilled > 0 {
			return journal.AlreadyShipped, true
		}
	}
	switch {
	case preparing:
		return journal.AlreadyPreparing, true
	case odd || len(d.Lines) == 0:
		return journal.UnknownState, true
	}
	return "", false
}

// CheckParentOrder returns why the parent order forbids the move, "" if it does not. That a hold shows as a state
// of the order is assumed; the documented states do not tell it.
func CheckParentOrder(d *happycolis.DeliveryOrder) journal.Reason {
	switch {
	case len(d.Orders) > 1:
		return journal.AggregatedOrders
	case len(d.Orders) == 0:
		return journal.UnknownState
	case strings.Contains(d.Orders[0].State, "HOLD") || strings.Contains(d.Orders[0].State, "HELD"):
		return journal.OrderOnHold
	case d.Orders[0].State != orderOpened:
		return journal.OrderNotOpen
	}
	return ""
}

// EffectiveStatus counts a PENDING delivery order that its location Accepted as OPENED.
func EffectiveStatus(d *happycolis.DeliveryOrder) string {
	if d.Status == StatusPending && (HasEvent(d, eventAccepted) || hasLineStatus(d, lineAccepted)) {
		return StatusOpened
	}
	return d.Status
}

// IsLive reports whether a delivery order still covers units: not cancelled, not rejected as a whole. A line without units
// counts only where there is no other.
func IsLive(d happycolis.DeliveryOrder) bool {
	lines := slices.DeleteFunc(slices.Clone(d.Lines), func(l happycolis.Line) bool { return l.Quantity == 0 && !l.QuantityUnknown })
	if len(lines) == 0 {
		lines = d.Lines
	}
	return slices.ContainsFunc(lines, IsLiveLine)
}

// IsLiveLine reports whether a line is neither cancelled nor rejected.
func IsLiveLine(l happycolis.Line) bool { return l.Status != LineCanceled && l.Status != lineRejected }

// IsDead reports whether every line is cancelled or rejected: nothing of it has to be shipped from where it is.
func IsDead(d *happycolis.DeliveryOrder) bool { return len(d.Lines) > 0 && !IsLive(*d) }

// AllLinesCancelled reports whether every line is cancelled.
func AllLinesCancelled(d *happycolis.DeliveryOrder) bool {
	for _, l := range d.Lines {
		if l.Status != LineCanceled {
			return false
		}
	}
	return len(d.Lines) > 0
}

// IsOnlyOpened reports whether a delivery order was opened and its location not asked to fulfil it.
func IsOnlyOpened(d *happycolis.DeliveryOrder) bool {
	_, begun := CheckWorkBegun(d)
	return IsLive(*d) && !begun && EffectiveStatus(d) == StatusPending && !HasEvent(d, EventRequested)
}

// HasEvent reports whether the log of a delivery order has an event of a type.
func HasEvent(d *happycolis.DeliveryOrder, kind string) bool {
	return slices.ContainsFunc(d.Events, func(e happycolis.Event) bool { return e.Type == kind })
}

func hasLineStatus(d *happycolis.DeliveryOrder, status string) bool {
	return slices.ContainsFunc(d.Lines, func(l happycolis.Line) bool { return l.Status == status })
}

// IsGone reports whether a read shows a delivery order elsewhere than at a location, completed, or without a line that is live.
func IsGone(d *happycolis.DeliveryOrder, from string) bool {
	return d.Location.ID != from || IsDead(d) || d.Status == StatusCompleted
}
