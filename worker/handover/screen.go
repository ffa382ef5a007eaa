package handover

import (
	"slices"
	"strings"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// The platform's words that decide (documented).
const (
	statusDraft     = "DRAFT"
	statusPending   = "PENDING"
	statusOpened    = "OPENED"
	statusCompleted = "COMPLETED"

	lineCanceled = "CANCELED"
	lineRejected = "REJECTED"
	lineAccepted = "ACCEPTED"

	eventRequested = "FULFILLMENT_REQUESTED"
	eventAccepted  = "FULFILLMENT_ACCEPTED"
	eventRejected  = "FULFILLMENT_REJECTED"

	integrationActive = "ACTIVE"

	orderOpened       = "OPENED"
	dispatchAutomatic = "AUTOMATIC"
	typeWarehouse     = "WAREHOUSE"
)

// IntegrationError is the state of an integration that does not work (documented).
const IntegrationError = "ERROR"

// screenOriginal returns why a delivery order is not moved by itself, whatever the policy says; nil if it may be.
func (x *attempt) screenOriginal(d *happycolis.DeliveryOrder) error {
	switch {
	case x.cancelTookEffect(d):
		return decideAnew() // deciding anew takes the release as ours
	case isDead(d) && d.Location.ID == x.r.FromID && x.r.Replacement != "":
		// Cancelled by somebody else, or by us and the record of it was lost with the last second of Redis; or its
		// location rejected it meanwhile: our DRAFT may be all that is left of the order, so it stands.
		return needsPerson(journal.UnprovenDraft)
	case x.isGone(d):
		return x.leaveGone(d.SentAt)
	}
	if reason, begun := checkWorkBegun(d); begun {
		return compensate{journal.NeedsPerson, reason}
	}
	if reason := checkParentOrder(d); reason != "" {
		return compensate{journal.NeedsPerson, reason}
	}
	if d.Orders[0].DispatchingType == dispatchAutomatic && x.h.Settings.LeaveAutomatic {
		return compensate{journal.Left, journal.ConfigLeave}
	}
	if reason := x.checkStatusEnabled(d); reason != "" {
		return compensate{journal.NeedsPerson, reason}
	}
	return nil
}

// cancelTookEffect reports whether a cancel of ours that was refused, or rejected later, took effect after all. The
// release is ours then.
func (x *attempt) cancelTookEffect(d *happycolis.DeliveryOrder) bool {
	return !x.r.ReleaseBegan() && !x.r.CancelSentAt.IsZero() && x.isCancelConfirmed(d)
}

// checkWorkBegun reports whether the location may have begun, or the state is not understood.
func checkWorkBegun(d *happycolis.DeliveryOrder) (journal.Reason, bool) {
	if len(d.Shipments) > 0 {
		return journal.AlreadyShipped, true
	}
	preparing, odd := false, !slices.Contains([]string{statusDraft, statusPending, statusOpened}, d.Status)
	for _, l := range d.Lines {
		switch l.Status {
		case "PARTIALLY_FULFILLED", "FULFILLED", "DELIVERED":
			return journal.AlreadyShipped, true
		case "IN_PROGRESS":
			preparing = true
		case "NEW", "AWAITING_STOCK", "PENDING", lineAccepted, lineRejected, "ERRORED", lineCanceled:
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

// checkParentOrder returns why the parent order forbids the move, "" if it does not. That a hold shows as a state
// of the order is assumed; the documented states do not tell it.
func checkParentOrder(d *happycolis.DeliveryOrder) journal.Reason {
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

// checkStatusEnabled returns why the configuration does not let this status be moved, "" if it does.
func (x *attempt) checkStatusEnabled(d *happycolis.DeliveryOrder) journal.Reason {
	status := effectiveStatus(d)
	if slices.Contains(x.h.Settings.Statuses, status) {
		return ""
	}
	if status == statusOpened {
		return journal.OpenedNotEnabled
	}
	return journal.StatusNotEnabled
}

// effectiveStatus counts a PENDING delivery order that its location accepted as OPENED.
func effectiveStatus(d *happycolis.DeliveryOrder) string {
	if d.Status == statusPending && (hasEvent(d, eventAccepted) || hasLineStatus(d, lineAccepted)) {
		return statusOpened
	}
	return d.Status
}

// isDead reports whether every line is cancelled or rejected: nothing of it has to be shipped from where it is.
func isDead(d *happycolis.DeliveryOrder) bool { return len(d.Lines) > 0 && !isLive(*d) }

// allLinesCancelled reports whether every line is cancelled.
func allLinesCancelled(d *happycolis.DeliveryOrder) bool {
	for _, l := range d.Lines {
		if l.Status != lineCanceled {
			return false
		}
	}
	return len(d.Lines) > 0
}

func hasEvent(d *happycolis.DeliveryOrder, kind string) bool {
	return slices.ContainsFunc(d.Events, func(e happycolis.Event) bool { return e.Type == kind })
}

func hasLineStatus(d *happycolis.DeliveryOrder, status string) bool {
	return slices.ContainsFunc(d.Lines, func(l happycolis.Line) bool { return l.Status == status })
}

// Reading is how the integration of a location reads, against the one that failed.
type Reading int

// The readings.
const (
	Erring    Reading = iota // ERROR, of the integration that failed
	Recovered                // ACTIVE again, the same integration
	Different                // anything else: the incident has to be judged anew
)

// IntegrationReads compares an integration as read with the id of the one that failed ("" if not known).
func IntegrationReads(i *happycolis.Integration, failed string) Reading {
	switch {
	case i == nil, failed != "" && i.ID != failed:
		return Different
	case i.State == IntegrationError:
		return Erring
	case i.State == integrationActive:
		return Recovered
	}
	return Different
}
