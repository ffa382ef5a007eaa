package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Canaries mark what must never leave a receiver's memory: every credential, every personal datum
// and every free text that the platform sends contains one of them. Leak tests look for them.
const (
	CanaryToken = "canary-token-"
	CanaryName  = "canary-name-"
	CanaryText  = "canary-text-"
)

// Canaries lists the marks.
func Canaries() []string { return []string{CanaryToken, CanaryName, CanaryText} }

// Announce sends a webhook of any type for a thing as it is now: a delivery order, a location (also
// for its integration), a shipment or a stock reference, by id or a location's slug. A thing that
// does not exist is announced to every organization with its id alone.
func (p *Platform) Announce(kind, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.findLocation(id); l != nil {
		p.announceLocation(kind, l)
		return
	}
	if d := p.deliveries[id]; d != nil {
		p.announceDelivery(kind, d)
		return
	}
	if s := p.shipments[id]; s != nil {
		p.announceShipment(kind, s)
		return
	}
	if s := p.stocks[id]; s != nil {
		p.announceStock(kind, s)
		return
	}
	for _, org := range p.organizationIDs() {
		p.queueWebhook(org, kind, map[string]any{"id": id}, subject{})
	}
}

func (p *Platform) announceLocation(kind string, l *location) {
	s := subject{location: l.ID}
	if !strings.Contains(kind, "fulfillment_service_integration") {
		p.queueWebhook(l.Organization, kind, locationBody(l), s)
		return
	}
	p.queueWebhook(l.Organization, kind, map[string]any{
		"id": l.IntegrationID, "locationId": l.ID, "fulfillmentServiceId": l.ServiceID,
		"accessToken": CanaryToken + l.IntegrationID, "state": orNull(l.stateIn(kind)),
		"scopes": []string{"view_delivery_orders", "edit_delivery_orders", "view_stock_references"},
	}, s)
}

// stateIn is the state that a webhook about an integration tells: that of its type (documented), whatever it is by now.
func (l *location) stateIn(kind string) string {
	switch {
	case strings.HasSuffix(kind, "/errored"):
		return IntegrationError
	case strings.HasSuffix(kind, "/accepted"):
		return IntegrationActive
	case strings.HasSuffix(kind, "/created"):
		return IntegrationPending
	}
	return l.IntegrationState
}

func locationBody(l *location) map[string]any {
	return map[string]any{
		"id": l.ID, "organizationId": l.Organization, "name": l.Slug, "title": l.Slug, "description": nil,
		"locationType": l.Type, "socialReason": CanaryName + "company", "form": nil,
		"address": CanaryName + "street 21", "addressComplement": nil, "zipCode": "69007",
		"city": CanaryName + "city", "state": nil, "country": l.Country,
		"email": CanaryName + "dock@example.com", "phone": CanaryName + "phone", "active": l.Active,
		"registerAllVariants": false, "stockManagement": true, "stockEvents": true,
		"acceptFulfillmentAt": stampOrNull(l.AcceptFulfillmentAt), "stockRefRuleSetId": nil, "orderDispatchRuleSetId": nil,
		"allowedCountries": list(l.Allowed), "excludedCountries": list(l.Excluded),
	}
}

// stampOrNull is a moment, or null where there is none (documented, for a location without acceptFulfillmentAt).
func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func (p *Platform) announceDelivery(kind string, d *delivery) {
	s := subjectOf(d)
	s.webhook = kind
	withOrderLine := p.useFault(WebhookOrderLine, s) != nil
	number := p.quantityFormat(s)
	lines := make([]map[string]any, 0, len(d.Lines))
	for _, l := range d.Lines {
		line := map[string]any{
			"id": l.ID, "sku": l.SKU, "label": "Article " + l.SKU, "quantity": number(l.Quantity),
			"fulfilledQuantity": number(l.Fulfilled), "status": l.Status,
		}
		if p.useFault(QuantityNull, s) != nil {
			line["quantity"] = nil
		}
		if withOrderLine {
			line["orderLineId"] = l.OrderLine
		}
		lines = append(lines, line)
	}
	events := make([]map[string]any, 0, len(d.history))
	for _, e := range d.history {
		events = append(events, map[string]any{"type": e.Type, "level": e.Level, "message": e.Message, "date": dated(e.Date)})
	}
	collect, country, zip := any(nil), any(nil), any(nil)
	if d.Pickup {
		collect, country, zip = "pickup-"+d.ID, p.country(d), "75011"
	}
	p.queueWebhook(d.organization, kind, map[string]any{
		"id": d.ID, "orderIds": list(d.Orders), "locationId": orNull(d.Location), "organizationId": d.organization,
		"shippingMethodId": "standard", "shippingMethodName": "Standard", "collectPointId": collect,
		"collectPointCountry": country, "collectPointZipCode": zip, "type": p.orderType(d), "priority": d.Priority,
		"issuedAt": stamp(d.issued), "status": d.Status, "fulfillmentType": p.fulfillmentType(d),
		"lines": lines, "events": events, "comment": CanaryText + "ring twice",
		"deliveryAddress": map[string]any{
			"fullname": CanaryName + "person", "address": CanaryName + "street 1", "city": CanaryName + "city",
			"zipcode": "75011", "country": p.country(d), "email": CanaryName + "person@example.com", "phone": CanaryName + "phone",
		},
	}, s)
}

func (p *Platform) announceShipment(kind string, s *shipment) {
	details := make([]map[string]any, 0, len(s.Details))
	for _, l := range s.Details {
		details = append(details, map[string]any{"sku": l.SKU, "quantity": l.Quantity})
	}
	d := p.deliveries[s.Delivery]
	p.queueWebhook(d.organization, kind, map[string]any{
		"id": s.ID, "externalId": nil, "locationId": s.Location, "organizationId": d.organization,
		"shippingMethodId": "standard", "shippingMethodName": "Standard", "details": details,
		"addresses": []string{CanaryName + "street 1"}, "events": []any{}, "lastEvent": "NEW", "state": Draft,
		"label": CanaryName + "label", "reference": s.Reference, "trackingUrl": nil, "tracking": nil, "meta": nil,
		"issuedAt": stamp(s.Issued),
	}, subjectOf(d))
}

func (p *Platform) announceStock(kind string, s *Stock) {
	l := p.locations[s.Location]
	if l == nil {
		return
	}
	number := p.quantityFormat(subject{location: s.Location, webhook: kind})
	p.queueWebhook(l.Organization, kind, map[string]any{
		"id": s.ID, "organizationId": l.Organization, "locationId": s.Location, "productVariantId": "variant-" + s.SKU,
		"reference": "REF-" + s.SKU, "sku": s.SKU, "status": s.Status, "model": s.Model,
		"physicalQuantity": number(s.Physical), "usableQuantity": number(s.Usable), "reservedQuantity": number(s.Reserved),
		"criticalThreshold": 20, "lastSnapshotAt": nil, "lastSnapshotValue": nil,
	}, subject{location: s.Location})
}

// quantityFormat is how the quantities of one webhook are written.
func (p *Platform) quantityFormat(s subject) func(int) any {
	if p.useFault(QuantityFloat, s) == nil {
		return func(n int) any { return n }
	}
	return func(n int) any { return json.RawMessage(fmt.Sprintf("%d.0", n)) }
}

// dated is the date of an event, or null.
func dated(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func (p *Platform) country(d *delivery) string {
	if o := p.orders[d.Orders[0]]; o != nil {
		return o.Country
	}
	return ""
}

func (p *Platform) orderType(d *delivery) string {
	if o := p.orders[d.Orders[0]]; o != nil {
		return o.Type
	}
	return "B2C"
}

func (p *Platform) fulfillmentType(d *delivery) string {
	if l := p.locations[d.Location]; l != nil && l.Type == Warehouse {
		return Warehouse
	}
	return Internal
}

func list(s []string) []string { return append([]string{}, s...) }

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (p *Platform) organizationIDs() []string {
	ids := make([]string, 0, len(p.organizations))
	for id := range p.organizations {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
