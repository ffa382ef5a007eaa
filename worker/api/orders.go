package api

import "time"

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
	Lines           []Line    `json:"lines,omitempty"` // only where they are asked for, and known: what is shipped, or would be
}

// OrderRow is a row of "orders list".
type OrderRow struct {
	Order
	State    State      `json:"state"`
	Severity *Severity  `json:"severity"`  // null: it waits for no operator
	WaitsFor *WaitsFor  `json:"waits_for"` // null: it waits for nothing
	Until    *time.Time `json:"until"`     // until when it waits at the latest; null: that is not known
}

// PlanRow is a row of "plan"; Action is reassign, hold (until a candidate has capacity), leave or needs_person.
type PlanRow struct {
	Order
	Action   string `json:"action"`
	Stranded bool   `json:"stranded"` // it would need an operator, for a reason that no rule of the policy intends
}

// OrderDetail is the whole record of one reassignment.
type OrderDetail struct {
	OrderRow
	Meaning     string        `json:"meaning"`     // of its reason, in a few words; "" where it has none
	Explanation []string      `json:"explanation"` // the decision, one sentence per line
	Record      *Reassignment `json:"record"`
}

// Filter selects reassignments; an empty field selects all.
type Filter struct {
	Organization string `json:"organization,omitempty"`
	Incident     string `json:"incident,omitempty"`
	Location     string `json:"location,omitempty"` // slug or id of the location they come from
	ReasonCode   string `json:"reason_code,omitempty"`
	NeedsPerson  bool   `json:"-"`

	// Of listings only.
	State State     `json:"-"`
	Since time.Time `json:"-"` // changed since
	Open  bool      `json:"-"` // not over: in progress, or an operator's
}

// ActionRequest asks for an action on reassignments that need an operator; on one that waits for capacity, too, where
// it is named by id.
type ActionRequest struct {
	IDs    []string `json:"ids,omitempty"`
	Filter Filter   `json:"filter,omitzero"`
	Reason string   `json:"reason,omitempty"`
	DryRun bool     `json:"dry_run,omitempty"`
	Expect *int     `json:"expect,omitempty"`
}

// ActionResult is the answer to an ActionRequest.
type ActionResult struct {
	Matched int          `json:"matched"`
	Done    int          `json:"done"`
	Refused []RefusedRow `json:"refused"`
	Orders  []OrderRow   `json:"orders"` // the first of the matching ones, as they were before
}

// RefusedRow is a reassignment to which the action did not apply any more.
type RefusedRow struct {
	DeliveryOrderID string  `json:"delivery_order_id"`
	OrderNumber     *string `json:"order_number"`
	Why             string  `json:"why"`
}
