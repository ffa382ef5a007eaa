package admin

import (
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// Order has the keys that rows of "orders list" and of "plan" share. Other programs rely on them.
type Order struct {
	OrganizationID  string    `json:"organization_id"`
	IncidentID      *string   `json:"incident_id"`
	DeliveryOrderID string    `json:"delivery_order_id"`
	OrderNumber     *string   `json:"order_number"`
	ReplacementID   *string   `json:"replacement_id"`
	OrderIDs        []string  `json:"order_ids"`
	From            *string   `json:"from"`
	To              *string   `json:"to"`
	OriginalStatus  *string   `json:"original_status"`
	Reason          *string   `json:"reason"`
	UpdatedAt       time.Time `json:"updated_at"`
}

// OrderRow is a row of "orders list".
type OrderRow struct {
	Order
	State journal.State `json:"state"`
}

// PlanRow is a row of "plan"; Action is reassign, hold (until a candidate has capacity), leave or needs_person.
type PlanRow struct {
	Order
	Action string `json:"action"`
}

// OrderDetail is the whole record of one reassignment.
type OrderDetail struct {
	OrderRow
	Explanation []string          `json:"explanation"` // the decision, one sentence per line
	Record      *api.Reassignment `json:"record"`
}

// IncidentRow is a row of "incidents list".
type IncidentRow struct {
	OrganizationID  string                `json:"organization_id"`
	IncidentID      string                `json:"incident_id"`
	LocationID      string                `json:"location_id"`
	Location        *string               `json:"location"`
	State           journal.IncidentState `json:"state"`
	OpenedAt        time.Time             `json:"opened_at"`
	ClosedAt        *time.Time            `json:"closed_at"`
	Counts          map[journal.State]int `json:"counts"`
	IndexSince      *time.Time            `json:"index_since"`
	IndexIncomplete bool                  `json:"index_incomplete"`
}

// IncidentDetail is the whole record of one incident, with what the index and the gates say now.
type IncidentDetail struct {
	IncidentRow
	InFlight int               `json:"in_flight"` // delivery orders that the index has in flight there now
	UnderWay InProgress        `json:"under_way"`
	Waiting  *WaitingRow       `json:"waiting,omitempty"`  // how many of those wait, where an operator has to approve
	LeftOut  *DeviationRows    `json:"left_out,omitempty"` // approved, but not moved since something changed
	Record   *journal.Incident `json:"record"`
}

// WaitingRow counts the delivery orders in flight at a location that its incident has not begun with.
type WaitingRow struct {
	Approved int `json:"approved"` // approved: the next walk enrolls them
	Planned  int `json:"planned"`  // in the frozen plan, in the part that was not approved
	Arrived  int `json:"arrived"`  // arrived since the plan was made
}

// DeviationRows are the first delivery orders that were approved and not moved, and how many there are.
type DeviationRows struct {
	Count  int            `json:"count"`
	Orders []DeviationRow `json:"orders"`
}

// DeviationRow is a delivery order that was approved and not moved, since it would not go as planned.
type DeviationRow struct {
	OrderRow
	Changed string `json:"changed"` // how it differs from the plan
}

func newOrder(r *journal.Reassignment) Order {
	o := Order{
		OrganizationID: r.Organization, IncidentID: orNull(r.Incident), DeliveryOrderID: r.DeliveryOrder,
		OrderNumber: orNull(r.OrderNumber), ReplacementID: orNull(r.CurrentReplacement()), OrderIDs: r.Orders,
		From: orNull(r.From), To: orNull(r.To), OriginalStatus: orNull(r.Status), Reason: orNull(string(r.Reason)),
		UpdatedAt: r.UpdatedAt.UTC(),
	}
	if o.OrderIDs == nil {
		o.OrderIDs = []string{}
	}
	return o
}

func newOrderRow(r *journal.Reassignment) OrderRow {
	return OrderRow{Order: newOrder(r), State: r.State}
}

// newPlanRow turns a predicted reassignment into a row of "plan".
func newPlanRow(r *journal.Reassignment) PlanRow {
	actions := map[journal.State]string{journal.Reassigned: "reassign", journal.Holding: "hold", journal.Left: "leave", journal.NeedsPerson: "needs_person"}
	return PlanRow{Order: newOrder(r), Action: actions[r.State]}
}

func newIncidentRow(inc *journal.Incident, counts map[journal.State]int) IncidentRow {
	return IncidentRow{
		OrganizationID: inc.Organization, IncidentID: inc.ID, LocationID: inc.LocationID, Location: orNull(inc.Location),
		State: inc.State, OpenedAt: inc.OpenedAt.UTC(), ClosedAt: timeOrNull(inc.ClosedAt), Counts: counts,
		IndexSince: timeOrNull(inc.IndexSince), IndexIncomplete: inc.IndexIncomplete,
	}
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
