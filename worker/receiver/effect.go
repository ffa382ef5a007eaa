package receiver

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
)

// The results of a webhook that was accepted, as the answer's body and a metric's label name them.
const (
	taken    = "taken"
	repeated = "seen before"
	parked   = "parked"
	ignored  = "not needed"
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
)

// applyOnce carries out what one webhook asks for, once: a message that was seen before has no effect.
func (rc *receiver) applyOnce(ctx context.Context, body []byte, owners []string) (string, error) {
	e, err := webhook.Parse(body)
	if e == nil {
		return parked, rc.parkWebhook(ctx, owners[0], body, "", reasonUndecodable)
	}
	if !slices.Contains(owners, e.Organization) {
		return parked, rc.parkWebhook(ctx, owners[0], body, e.Type, reasonOrganization)
	}
	if err != nil {
		return parked, rc.parkWebhook(ctx, e.Organization, body, e.Type, reasonUndecodable)
	}
	if e.MessageID != "" && !isSeenByIndex(e) {
		seen, err := rc.Index.IsSeen(ctx, e.Organization, e.MessageID)
		if err != nil {
			return "", err
		}
		if seen {
			return repeated, nil
		}
	}
	result, err := rc.applyEvent(ctx, e)
	if errors.Is(err, index.ErrRepeated) {
		return repeated, nil
	}
	if errors.Is(err, errIncomplete) {
		return parked, rc.parkWebhook(ctx, e.Organization, body, e.Type, reasonIncomplete)
	}
	if errors.Is(err, errUnknownType) {
		return parked, rc.parkWebhook(ctx, e.Organization, body, e.Type, reasonUnknownType)
	}
	if err != nil {
		return "", err
	}
	if !isSeenByIndex(e) {
		err = rc.Index.MarkSeen(ctx, e.Organization, e.MessageID, e.Date)
	}
	return result, err
}

// isSeenByIndex reports whether the index itself checks whether the message was seen and marks it, in the script that
// stores it: there are many of these, and so they take one round trip.
func isSeenByIndex(e *webhook.Event) bool { return e.DeliveryOrder != nil || e.Stock != nil }

var (
	errIncomplete  = errors.New(reasonIncomplete)
	errUnknownType = errors.New(reasonUnknownType)
)

func (rc *receiver) applyEvent(ctx context.Context, e *webhook.Event) (string, error) {
	switch {
	case e.DeliveryOrder != nil:
		return taken, rc.applyDeliveryOrder(ctx, e)
	case e.Integration != nil:
		return rc.applyIntegration(ctx, e)
	case e.Location != nil:
		if e.Location.ID == "" {
			return "", errIncomplete
		}
		err := rc.Index.PutLocation(ctx, e.Organization, locationFrom(e))
		if err == nil && (e.Type == typeDeactivated || e.Type == typeTypeChanged) {
			err = rc.enqueueRecheck(ctx, e.Organization, e.Location.ID)
		}
		return taken, err
	case e.Shipment != nil:
		if e.Shipment.ID == "" || e.Shipment.LocationID == "" {
			return "", errIncomplete
		}
		return taken, rc.Index.PutShipment(ctx, e.Organization, e.Shipment.LocationID, e.Shipment.ID, e.Shipment.DeliveryOrderID)
	case e.Stock != nil:
		if e.Stock.LocationID == "" || e.Stock.SKU == "" {
			return "", errIncomplete
		}
		return taken, rc.Index.PutStock(ctx, e.Organization, index.Stock{Location: e.Stock.LocationID, SKU: e.Stock.SKU, Status: e.Stock.Status,
			Usable: e.Stock.Usable, Reserved: e.Stock.Reserved, Date: e.Date}, e.MessageID)
	case strings.HasPrefix(e.Type, "order/"):
		return ignored, nil
	}
	return "", errUnknownType
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
func (rc *receiver) enqueueRecheck(ctx context.Context, organization, location string) error {
	now := rc.Now()
	return rc.Queue.Submit(ctx, tasks.Observe{V: tasks.Version, Organization: organization, Location: location, Recheck: true,
		Message: "look-" + strconv.FormatInt(now.UnixMilli()/recheckEvery.Milliseconds(), 10)}, now)
}

// applyIntegration has the location read. Only errored says that its integration failed; the other events change
// nothing by themselves.
func (rc *receiver) applyIntegration(ctx context.Context, e *webhook.Event) (string, error) {
	if e.Integration.LocationID == "" {
		return "", errIncomplete
	}
	if err := rc.Index.PutLocation(ctx, e.Organization, index.Location{ID: e.Integration.LocationID}); err != nil {
		return "", err
	}
	if e.Type != typeErrored {
		return taken, rc.enqueueRecheck(ctx, e.Organization, e.Integration.LocationID)
	}
	message := e.MessageID
	if message == "" {
		message = dateOrElse(e.Date, rc.Now()).UTC().Format(time.RFC3339Nano)
	}
	return taken, rc.Queue.Submit(ctx, tasks.Observe{V: tasks.Version, Organization: e.Organization, Location: e.Integration.LocationID,
		Integration: e.Integration.ID, Message: message}, rc.Now())
}

func (rc *receiver) applyDeliveryOrder(ctx context.Context, e *webhook.Event) error {
	d := e.DeliveryOrder
	if d.ID == "" {
		return errIncomplete
	}
	var watched func() bool
	news, err := rc.Index.Put(ctx, e.Organization, entryFrom(e, rc.Now()), e.MessageID, func(p redis.Pipeliner) {
		watched = rc.HasWatcher(ctx, p, e.Organization, d.ID)
	})
	if err != nil || !news && e.Type != typeCancelRejected || !watched() {
		return err
	}
	if err := rc.Signal(ctx, e.Organization, d.ID); err != nil {
		// The reassignment polls, too: a signal that failed costs time, so the webhook is not refused for it.
		rc.Log.WarnContext(ctx, "signalling a reassignment failed; its next poll finds the event", "organization", e.Organization, "delivery_order", d.ID, "error", err)
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

// issuedAhead is how far in the future the issue date of a delivery order may lie: the platform's clock may be ahead
// of ours.
const issuedAhead = time.Minute

// issuedAt returns when a delivery order was issued; now, if that date lies in the future.
func issuedAt(issued, now time.Time) time.Time {
	if issued.Sub(now) > issuedAhead {
		return now.UTC()
	}
	return issued
}

// entryFrom returns what an event says of its delivery order. Without a date, the index takes its arrival.
func entryFrom(e *webhook.Event, now time.Time) index.Entry {
	d := e.DeliveryOrder
	x := index.Entry{ID: d.ID, Number: d.OrderNumber, Location: d.LocationID, Orders: d.OrderIDs, Status: d.Status, Priority: d.Priority,
		Date: e.Date, Facts: index.WebhookFacts{OrderType: d.OrderType, Issued: issuedAt(d.IssuedAt, now), OrderLines: map[string]string{}}}
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
