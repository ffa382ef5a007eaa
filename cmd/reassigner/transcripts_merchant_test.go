package main_test

import "fmt"

const outsidePolicy = `version: 1
rules:
  - name: orders for a pickup point stay with a person
    when: {pickup_point: true}
    unknown: skip
    then: needs_person
  - name: what may wait stays where it is
    when: {priority: [LOW]}
    then: leave
  - name: paris and nice fall back to lyon, then lille
    when: {from: [paris-warehouse, nice-warehouse]}
    then:
      reassign:
        candidates: [lyon-warehouse, lille-warehouse]
        must: [ships_to_country, in_stock, {capacity: {per_hour: 500}}]
        prefer: [listed_order]
default: needs_person
`

// seeded is a delivery order, do-NAME, of an order, order-NAME, as it stands before anything fails.
type seeded struct {
	name, at, status, line, priority, country, dispatching string

	events []string
	pickup bool
	shares string // name of another order that it serves too
}

var (
	requested = []string{"FULFILLMENT_REQUESTED"}
	accepted  = []string{"FULFILLMENT_REQUESTED", "FULFILLMENT_ACCEPTED"}
)

// merchant is one delivery order for each end that one can come to.
var merchant = []seeded{
	{name: "high", at: "loc-paris", status: "PENDING", priority: "HIGH", events: requested},
	{name: "pending", at: "loc-paris", status: "PENDING", events: requested},
	{name: "draft", at: "loc-paris", status: "DRAFT"},
	{name: "automatic", at: "loc-paris", status: "PENDING", dispatching: "AUTOMATIC", events: requested},
	{name: "refused", at: "loc-paris", status: "PENDING", events: requested},
	{name: "silent", at: "loc-paris", status: "PENDING", events: requested},
	{name: "rejected", at: "loc-paris", status: "PENDING", events: requested},
	{name: "low", at: "loc-paris", status: "PENDING", priority: "LOW", events: requested},
	{name: "opened", at: "loc-paris", status: "OPENED", events: accepted},
	{name: "started", at: "loc-paris", status: "OPENED", line: "IN_PROGRESS", events: accepted},
	{name: "pickup", at: "loc-paris", status: "PENDING", pickup: true, events: requested},
	{name: "nowhere", at: "loc-paris", status: "PENDING", country: "DE", events: requested},
	{name: "shared", at: "loc-paris", status: "PENDING", shares: "low", events: requested},
	{name: "changed", at: "loc-paris", status: "PENDING", events: requested},
	{name: "metz", at: "loc-metz", status: "DRAFT"},
	{name: "nice", at: "loc-nice", status: "PENDING", events: requested},
	{name: "lyon", at: "loc-lyon", status: "PENDING", events: requested},
}

// enrolled is how many of them are at paris.
const enrolled = 14

func (s seeded) order() string {
	return fmt.Sprintf(`{"id": "order-%s", "organization": "org_1", "number": "SO-%s", "priority": %q, "country": %q, "dispatching": %q,
		"external_reference": "shop-%s", "lines": [{"id": "ol-%s", "sku": "MUG", "quantity": 2}]}`,
		s.name, s.name, s.priority, s.country, s.dispatching, s.name, s.name)
}

func (s seeded) deliveryOrder() string {
	orders := []string{"order-" + s.name}
	if s.shares != "" {
		orders = append(orders, "order-"+s.shares)
	}
	return fmt.Sprintf(`{"id": "do-%s", "location": %q, "orders": %s, "status": %q, "priority": %q, "pickup": %v, "events": %s,
		"lines": [{"id": "line-%s", "order_line": "ol-%s", "sku": "MUG", "status": %q, "quantity": 2}]}`,
		s.name, s.at, encoded(orders), s.status, s.priority, s.pickup, encoded(append([]string{}, s.events...)), s.name, s.name, s.line)
}
