package sandbox

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/graph-gophers/graphql-go"
)

//go:embed schema.graphql
var schemaText string

// mustSchema binds the resolvers to the schema; a field without one panics here.
func mustSchema(p *Platform) *graphql.Schema {
	return graphql.MustParseSchema(schemaText, &root{p}, graphql.UseFieldResolvers())
}

// root has one method for each field of Query and Mutation.
type root struct{ p *Platform }

// refusal is an error with the code that the platform puts into extensions.
type refusal struct{ code, text string }

func (r refusal) Error() string { return CanaryText + r.text }

// Extensions is how the executor asks for the code.
func (r refusal) Extensions() map[string]any { return map[string]any{"code": r.code} }

// notFound is the code of what there is not, or not any more.
const notFound = "NOT_FOUND"

var errNotFound = refusal{notFound, "not found"}

// requireScope refuses a token without the scope (documented: the code, and that the message names it).
func (c *call) requireScope(scope string) error {
	if !slices.Contains(c.may, scope) {
		return refusal{"FORBIDDEN", "missing scope " + scope}
	}
	return nil
}

// admitQuery lets a query through: by its scope, and unless it is to be answered with an error.
func (c *call) admitQuery(operation, scope string, s subject) error {
	if err := c.requireScope(scope); err != nil {
		return err
	}
	s.operation = operation
	before, after := c.answersCode(s)
	return cmp.Or(before, after)
}

// subjectOf is what a fault may select by of what may be a delivery order.
func (c *call) subjectOf(id string) subject {
	if d := c.p.deliveries[id]; d != nil {
		return subjectOf(d)
	}
	return subject{}
}

// dateTime is the scalar DateTime.
type dateTime struct{ time.Time }

// ImplementsGraphQLType names the scalar.
func (dateTime) ImplementsGraphQLType(name string) bool { return name == "DateTime" }

// UnmarshalGraphQL reads an argument.
func (t *dateTime) UnmarshalGraphQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a DateTime is a string")
	}
	var err error
	t.Time, err = time.Parse(time.RFC3339, s)
	return err
}

// MarshalJSON writes it as the platform does.
func (t dateTime) MarshalJSON() ([]byte, error) { return json.Marshal(stamp(t.Time)) }

// jsonObject is the scalar JSONObject.
type jsonObject map[string]any

// ImplementsGraphQLType names the scalar.
func (jsonObject) ImplementsGraphQLType(name string) bool { return name == "JSONObject" }

// UnmarshalGraphQL reads an argument.
func (o *jsonObject) UnmarshalGraphQL(v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("a JSONObject is an object")
	}
	*o = m
	return nil
}

// pointerTo makes a nullable value.
func pointerTo[T any](v T) *T { return &v }

// stringOrNull makes a nullable string, null when empty.
func stringOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// stateShown picks the state that a read shows: the present one, or once, by a fault, the one before.
// Within one request the choice for a thing stays.
func stateShown[T any](c *call, s subject, id string, now, before *T) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, decided := c.stale[id]; !decided {
		c.stale[id] = before != nil && c.p.useFault(StaleRead, s) != nil
	}
	if c.stale[id] {
		return before
	}
	return now
}

func (c *call) recordRead(r Read) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads = append(c.reads, r)
}

// findDelivery finds a delivery order of the caller's organization.
func (c *call) findDelivery(id string) *delivery {
	d := c.p.deliveries[id]
	if d == nil || d.organization != c.org.ID {
		return nil
	}
	if c.isVanished(subjectOf(d)) {
		c.recordRead(Read{Kind: "delivery_order", ID: id, State: notFound})
		return nil
	}
	return d
}

func (c *call) isVanished(s subject) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.p.useFault(Vanished, s) != nil
}

func (c *call) findOrder(id string) *order {
	if o := c.p.orders[id]; o != nil && o.Organization == c.org.ID && !c.isVanished(subject{orders: []string{id}}) {
		return o
	}
	return nil
}

// DeliveryOrder is the query deliveryOrder.
func (r *root) DeliveryOrder(ctx context.Context, args struct{ ID string }) (*deliveryView, error) {
	c := callOf(ctx)
	if err := c.admitQuery("deliveryOrder", "view_delivery_orders", c.subjectOf(args.ID)); err != nil {
		if r, ok := errors.AsType[refusal](err); ok && r.code == notFound { // a fault's: said to be not there, and that is what was shown
			c.recordRead(Read{Kind: "delivery_order", ID: args.ID, State: notFound})
		}
		return nil, err
	}
	d := c.findDelivery(args.ID)
	if d == nil {
		return nil, errNotFound
	}
	if graphql.HasSelectedField(ctx, "orders.fulfillmentData.deliveryOrders") {
		if m := c.refusesNested(d); m != nil {
			code := cmp.Or(m.Code, "INTERNAL_SERVER_ERROR")
			if m.Whole {
				return nil, refusal{code, "nested read refused"}
			}
			return c.showDelivery(d, code), nil
		}
	}
	return c.showDelivery(d, ""), nil
}

func (c *call) refusesNested(d *delivery) *Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.p.useFault(RefuseNested, subjectOf(d))
}

// DeliveryOrders is the query deliveryOrders: all of one parent order, oldest first.
func (r *root) DeliveryOrders(ctx context.Context, args struct{ OrderID string }) (*[]*deliveryView, error) {
	c := callOf(ctx)
	if err := c.admitQuery("deliveryOrders", "view_delivery_orders", subject{orders: []string{args.OrderID}}); err != nil {
		return nil, err
	}
	if c.findOrder(args.OrderID) == nil {
		return nil, errNotFound
	}
	return c.deliveriesOf(args.OrderID), nil
}

func (c *call) deliveriesOf(orderID string) *[]*deliveryView {
	views := []*deliveryView{}
	for _, id := range c.p.byOrder[orderID] {
		if d := c.p.deliveries[id]; !c.isVanished(subjectOf(d)) {
			views = append(views, c.showDelivery(d, ""))
		}
	}
	return &views
}

type orderArgs struct {
	ID                  *string
	ByExternalReference *struct{ ExternalReference, TpAppID string }
}

// Order is the query order, by exactly one of its arguments.
func (r *root) Order(ctx context.Context, args orderArgs) (*orderView, error) {
	c := callOf(ctx)
	if err := c.admitQuery("order", "view_orders", subject{orders: []string{deref(args.ID)}}); err != nil {
		return nil, err
	}
	if (args.ID == nil) == (args.ByExternalReference == nil) {
		return nil, refusal{"BAD_REQUEST", "exactly one argument"}
	}
	if args.ID != nil {
		if o := c.findOrder(*args.ID); o != nil {
			return c.showOrder(o, ""), nil
		}
		return nil, errNotFound
	}
	for _, id := range r.p.orderIDs {
		if o := c.findOrder(id); o != nil && o.ExternalReference == args.ByExternalReference.ExternalReference && o.ExternalReference != "" {
			return c.showOrder(o, ""), nil
		}
	}
	return nil, errNotFound
}

type locationArgs struct {
	ID     *string
	ByName *struct{ OrganizationID, Name string }
}

func (a locationArgs) subject(p *Platform) subject {
	if a.ByName != nil {
		if l := p.findLocation(a.ByName.Name); l != nil {
			return subject{location: l.ID}
		}
	}
	return subject{location: deref(a.ID)}
}

// Location is the query location, by exactly one of its arguments.
func (r *root) Location(ctx context.Context, args locationArgs) (*locationView, error) {
	c := callOf(ctx)
	if err := c.admitQuery("location", "view_locations", args.subject(r.p)); err != nil {
		return nil, err
	}
	if (args.ID == nil) == (args.ByName == nil) {
		return nil, refusal{"BAD_REQUEST", "exactly one argument"}
	}
	for _, id := range r.p.locationIDs {
		l := r.p.locations[id]
		named := args.ID != nil && *args.ID == id ||
			args.ByName != nil && args.ByName.Name == l.Slug && args.ByName.OrganizationID == l.Organization
		if named && l.Organization == c.org.ID {
			return c.showLocation(l), nil
		}
	}
	return nil, errNotFound
}

// Shipment is the query shipment.
func (r *root) Shipment(ctx context.Context, args struct{ ShipmentID string }) (*shipmentView, error) {
	c := callOf(ctx)
	if err := c.admitQuery("shipment", "view_shipments", subject{}); err != nil {
		return nil, err
	}
	s := r.p.shipments[args.ShipmentID]
	if s == nil || c.findDelivery(s.Delivery) == nil {
		return nil, errNotFound
	}
	return &shipmentView{c: c, s: s}, nil
}
