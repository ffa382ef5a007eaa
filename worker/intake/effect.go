package intake

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/ledger"
)

// The types of events that have an effect, as webhook.Event spells them.
const (
	typeErrored         = "location/fulfillment_service_integration/errored"
	typeDeactivated     = "location/deactivated"
	typeTypeChanged     = "location/type_changed"
	typeCancelRejected  = "delivery_order/cancellation_rejected"
	familyDeliveryOrder = "delivery_order/"
	familyLocation      = "location/"
	familyShipment      = "shipment/"
	familyStock         = "stock_reference/"
	prefixIntegration   = "location/fulfillment_service_integration/"
	reasonUndecodable   = "undecodable"
	reasonUnknownType   = "unknown type"
	reasonOrganization  = "organization is not configured for this secret"
	reasonIncomplete    = "a required field is missing"
	reasonTooLarge      = "larger than max_body"
)

// missingIn returns why an event cannot be applied, "" if it can: its type is unknown, or a field that its effect needs
// is missing.
func missingIn(e *webhook.Event) string {
	var complete bool
	switch {
	case e.DeliveryOrder != nil:
		complete = e.DeliveryOrder.ID != ""
	case e.Integration != nil:
		complete = e.Integration.LocationID != ""
	case e.Location != nil:
		complete = e.Location.ID != ""
	case e.Shipment != nil:
		complete = e.Shipment.ID != "" && e.Shipment.LocationID != ""
	case e.Stock != nil:
		complete = e.Stock.LocationID != "" && e.Stock.SKU != ""
	case strings.HasPrefix(e.Type, "order/"):
		complete = true
	default:
		return reasonUnknownType
	}
	if !complete {
		return reasonIncomplete
	}
	return ""
}

// applyEvent has the effect of a complete event that arrived at a time, on a road.
func (in *Intake) applyEvent(ctx context.Context, e *webhook.Event, arrived time.Time, road Road) (Result, error) {
	switch {
	case e.DeliveryOrder != nil:
		return Taken, in.applyDeliveryOrder(ctx, e, arrived, road)
	case e.Integration != nil:
		return Taken, in.applyIntegrationEvent(ctx, e, arrived)
	case e.Location != nil:
		err := in.Index.PutLocationOf(ctx, e.Organization, locationFrom(e), e.MessageID)
		if err == nil && (e.Type == typeDeactivated || e.Type == typeTypeChanged) {
			err = in.enqueueRecheck(ctx, e.Organization, e.Location.ID)
		}
		return Taken, err
	case e.Shipment != nil:
		return Taken, in.Index.PutShipment(ctx, e.Organization, e.Shipment.LocationID, e.Shipment.ID, e.Shipment.DeliveryOrderID)
	case e.Stock != nil:
		return Taken, in.Ledger.PutStock(ctx, e.Organization, ledger.Stock{Location: e.Stock.LocationID, SKU: e.Stock.SKU, Status: e.Stock.Status,
			Usable: e.Stock.Usable, Reserved: e.Stock.Reserved, Date: e.Date}, e.MessageID)
	}
	return Ignored, nil
}

// locationFrom returns what an event says of its location. A slug can pass from one location to another, so the slug
// of an event without a date is left out: nobody knows whether it is still this location's.
func locationFrom(e *webhook.Event) index.Location {
	l := e.Location
	p := index.Location{ID: l.ID, Slug: l.Slug, AcceptsFrom: l.AcceptFulfillmentAt, AcceptsKnown: l.AcceptKnown, Date: e.Date}
	if e.Date.IsZero() {
		p.Slug = ""
	}
	return p
}

// recheckEvery is how often, at most, a location is read because of events other than errored. The sweep reads it if
// something happens in between.
const recheckEvery = 10 * time.Second

// enqueueRecheck submits a task that reads a location: it may have recovered, or read ERROR although no event said so.
func (in *Intake) enqueueRecheck(ctx context.Context, organization, location string) error {
	now := in.Now()
	return in.Queue.Submit(ctx, tasks.Observe{V: tasks.Version, Organization: organization, Location: location, Recheck: true,
		Message: "look-" + strconv.FormatInt(now.UnixMilli()/recheckEvery.Milliseconds(), 10)}, now)
}

// applyIntegrationEvent has the location read. Only errored says that its integration failed, unless it is days old; the other
// events change nothing by themselves.
func (in *Intake) applyIntegrationEvent(ctx context.Context, e *webhook.Event, arrived time.Time) error {
	if err := in.Index.PutLocationOf(ctx, e.Organization, index.Location{ID: e.Integration.LocationID}, e.MessageID); err != nil {
		return err
	}
	isOld := !e.Date.IsZero() && arrived.Sub(e.Date) > index.OldAfter
	if e.Type != typeErrored || isOld {
		return in.enqueueRecheck(ctx, e.Organization, e.Integration.LocationID)
	}
	message, dated := e.MessageID, boundDate(dateOrElse(e.Date, arrived), arrived).UTC()
	if message == "" {
		message = dated.Format(time.RFC3339Nano)
	}
	return in.Queue.Submit(ctx, tasks.Observe{V: tasks.Version, Organization: e.Organization, Location: e.Integration.LocationID,
		Integration: e.Integration.ID, Message: message, Dated: dated}, in.Now())
}

func (in *Intake) applyDeliveryOrder(ctx context.Context, e *webhook.Event, arrived time.Time, road Road) error {
	d := e.DeliveryOrder
	var watched func() bool
	entry := entryFrom(e, arrived)
	entry.Road = string(road)
	news, err := in.Index.Put(ctx, e.Organization, entry, e.MessageID, func(p redis.Pipeliner) {
		watched = in.HasWatcher(ctx, p, e.Organization, d.ID)
	})
	if err != nil || !news && e.Type != typeCancelRejected || !watched() {
		return err
	}
	if err := in.Signal(ctx, e.Organization, d.ID); err != nil {
		// The reassignment polls, too: a signal that failed costs time, so the event is not refused for it.
		in.Log.WarnContext(ctx, "signalling a reassignment failed; its next poll finds the event", "organization", e.Organization, "delivery_order", d.ID, "error", err)
	}
	return nil
}

// dateOrElse returns date, or other where date is zero.
func dateOrElse(date, other time.Time) time.Time {
	if date.IsZero() {
		return other
	}
	return date
}

// aheadMost is how far in the future a date of the platform may lie: its clock may be ahead of ours.
const aheadMost = time.Minute

// boundDate returns a date of the platform; now, if that date lies in the future.
func boundDate(date, now time.Time) time.Time {
	if date.Sub(now) > aheadMost {
		return now.UTC()
	}
	return date
}

// entryFrom returns what an event says of its delivery order. Without a date, the index takes its arrival.
func entryFrom(e *webhook.Event, now time.Time) index.Entry {
	d := e.DeliveryOrder
	x := index.Entry{ID: d.ID, Number: d.OrderNumber, Location: d.LocationID, Orders: d.OrderIDs, Status: d.Status, Priority: d.Priority,
		Date: e.Date, Facts: index.WebhookFacts{OrderType: d.OrderType, Issued: boundDate(d.IssuedAt, now), OrderLines: map[string]string{}}}
	if d.PickupKnown {
		pickup := d.CollectPointID != ""
		x.Facts.Pickup = &pickup
	}
	for _, l := range d.Lines {
		x.Lines = append(x.Lines, index.Line{ID: l.ID, SKU: l.SKU, Status: l.Status, Quantity: l.Quantity, Empty: l.Empty, Fulfilled: l.Fulfilled})
		if l.OrderLineID != "" {
			x.Facts.OrderLines[l.ID] = l.OrderLineID
		}
	}
	for _, m := range d.Events {
		x.Events = append(x.Events, m.Type)
		x.Canceled.AddEvent(m.Type, m.Date)
	}
	if e.Type == typeCancelRejected {
		x.Facts.CancelRejected = dateOrElse(e.Date, now)
	}
	return x
}
