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

// The answers to a webhook that was taken.
const (
	taken    = "taken"
	repeated = "seen before"
	parked   = "parked"
	ignored  = "not needed"
)

// The types that matter, as webhook.Event spells them.
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

// effect does what one webhook asks for, once.
func (rc *receiver) effect(ctx context.Context, body []byte, owners []string) (string, error) {
	e, err := webhook.Parse(body)
	if e == nil {
		return parked, rc.park(ctx, owners[0], body, "", reasonUndecodable)
	}
	if !slices.Contains(owners, e.Organization) {
		return parked, rc.park(ctx, owners[0], body, e.Type, reasonOrganization)
	}
	if err != nil {
		return parked, rc.park(ctx, e.Organization, body, e.Type, reasonUndecodable)
	}
	if e.MessageID != "" && !itself(e) {
		seen, err := rc.Index.Seen(ctx, e.Organization, e.MessageID)
		if err != nil {
			return "", err
		}
		if seen {
			return repeated, nil
		}
	}
	result, err := rc.apply(ctx, e)
	if errors.Is(err, index.ErrRepeated) {
		return repeated, nil
	}
	if errors.Is(err, errIncomplete) {
		return parked, rc.park(ctx, e.Organization, body, e.Type, reasonIncomplete)
	}
	if errors.Is(err, errUnknownType) {
		return parked, rc.park(ctx, e.Organization, body, e.Type, reasonUnknownType)
	}
	if err != nil {
		return "", err
	}
	if !itself(e) {
		err = rc.Index.See(ctx, e.Organization, e.MessageID, e.Date)
	}
	return result, err
}

// itself reports whether the index looks itself whether the message was seen, and notes it, in one step with
// the effect: of these many come.
func itself(e *webhook.Event) bool { return e.DeliveryOrder != nil || e.Stock != nil }

var (
	errIncomplete  = errors.New(reasonIncomplete)
	errUnknownType = errors.New(reasonUnknownType)
)

func (rc *receiver) apply(ctx context.Context, e *webhook.Event) (string, error) {
	switch {
	case e.DeliveryOrder != nil:
		return taken, rc.deliveryOrder(ctx, e)
	case e.Integration != nil:
		return rc.integration(ctx, e)
	case e.Location != nil:
		if e.Location.ID == "" {
			return "", errIncomplete
		}
		err := rc.Index.PutPlace(ctx, e.Organization, placeOf(e))
		if err == nil && (e.Type == typeDeactivated || e.Type == typeTypeChanged) {
			err = rc.look(ctx, e.Organization, e.Location.ID)
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

// placeOf is what an event tells of its location. A slug passes from one location to another: without a date nobody knows
// whether it still is this one's.
func placeOf(e *webhook.Event) index.Place {
	l := e.Location
	p := index.Place{ID: l.ID, Slug: l.Slug, Accept: l.AcceptFulfillmentAt, AcceptTold: l.AcceptKnown, Date: e.Date}
	if e.Date.IsZero() {
		p.Slug = ""
	}
	return p
}

// lookEvery is how often, at most, a location is looked at because of events that say something else than
// errored. The sweep makes up for what comes in between.
const lookEvery = 10 * time.Second

// look has a location looked at soon: it may have recovered, or read ERROR without having said so.
func (rc *receiver) look(ctx context.Context, organization, location string) error {
	now := rc.Now()
	return rc.Queue.Submit(ctx, tasks.Observe{V: tasks.Version, Organization: organization, Location: location, Look: true,
		Message: "look-" + strconv.FormatInt(now.UnixMilli()/lookEvery.Milliseconds(), 10)}, now)
}

// integration has the location looked at. Only errored says that its integration failed; what the others
// say changes nothing by itself.
func (rc *receiver) integration(ctx context.Context, e *webhook.Event) (string, error) {
	if e.Integration.LocationID == "" {
		return "", errIncomplete
	}
	if err := rc.Index.PutPlace(ctx, e.Organization, index.Place{ID: e.Integration.LocationID}); err != nil {
		return "", err
	}
	if e.Type != typeErrored {
		return taken, rc.look(ctx, e.Organization, e.Integration.LocationID)
	}
	message := e.MessageID
	if message == "" {
		message = dateOr(e.Date, rc.Now()).UTC().Format(time.RFC3339Nano)
	}
	return taken, rc.Queue.Submit(ctx, tasks.Observe{V: tasks.Version, Organization: e.Organization, Location: e.Integration.LocationID,
		Integration: e.Integration.ID, Message: message}, rc.Now())
}

func (rc *receiver) deliveryOrder(ctx context.Context, e *webhook.Event) error {
	d := e.DeliveryOrder
	if d.ID == "" {
		return errIncomplete
	}
	var watched func() bool
	news, err := rc.Index.Put(ctx, e.Organization, entryOf(e, rc.Now()), e.MessageID, func(p redis.Pipeliner) {
		watched = rc.Watch(ctx, p, e.Organization, d.ID)
	})
	if err != nil || !news && e.Type != typeCancelRejected || !watched() {
		return err
	}
	if err := rc.Nudge(ctx, e.Organization, d.ID); err != nil {
		// The reassignment polls besides; a nudge that failed costs time, not the webhook.
		rc.Log.WarnContext(ctx, "reassignment could not be told of an event", "organization", e.Organization, "delivery_order", d.ID, "error", err)
	}
	return nil
}

// dateOr is a date, or where there is none the other.
func dateOr(date, other time.Time) time.Time {
	if date.IsZero() {
		return other
	}
	return date
}

// issuedAhead is how much later than our clock a delivery order may have been issued: the platform's may be ahead.
const issuedAhead = time.Minute

// issuedBy is when a delivery order was issued: now, where that is said to be still to come.
func issuedBy(issued, now time.Time) time.Time {
	if issued.Sub(now) > issuedAhead {
		return now.UTC()
	}
	return issued
}

// entryOf is what an event tells of its delivery order. The index dates what has no date by its arrival.
func entryOf(e *webhook.Event, now time.Time) index.Entry {
	d := e.DeliveryOrder
	x := index.Entry{ID: d.ID, Number: d.OrderNumber, Location: d.LocationID, Orders: d.OrderIDs, Status: d.Status, Priority: d.Priority,
		Date: e.Date, Told: index.Told{OrderType: d.OrderType, Issued: issuedBy(d.IssuedAt, now), OrderLines: map[string]string{}}}
	if d.PickupKnown {
		pickup := d.CollectPointID != ""
		x.Told.Pickup = &pickup
	}
	for _, l := range d.Lines {
		x.Lines = append(x.Lines, index.Line{ID: l.ID, SKU: l.SKU, Status: l.Status, Quantity: l.Quantity, Empty: l.Empty, Fulfilled: l.Fulfilled})
		if l.OrderLineID != "" {
			x.Told.OrderLines[l.ID] = l.OrderLineID
		}
	}
	for _, m := range d.Events {
		x.Events = append(x.Events, m.Type)
		x.Canceled.Note(m.Type, m.Date)
	}
	if e.Type == typeCancelRejected {
		x.Told.CancelRejected = dateOr(e.Date, now)
	}
	return x
}
