package api

import "time"

// IncidentRow is a row of "incidents list".
type IncidentRow struct {
	OrganizationID  string        `json:"organization_id"`
	IncidentID      string        `json:"incident_id"`
	LocationID      string        `json:"location_id"`
	Location        *string       `json:"location"`
	State           IncidentState `json:"state"`
	Causes          []Cause       `json:"causes"`  // that stand
	ByHand          *ByHand       `json:"by_hand"` // null: no operator opened it
	OpenedAt        time.Time     `json:"opened_at"`
	ClosedAt        *time.Time    `json:"closed_at"`
	Counts          map[State]int `json:"counts"`
	IndexSince      *time.Time    `json:"index_since"`
	IndexIncomplete bool          `json:"index_incomplete"`
}

// IncidentFilter selects incidents; an empty field selects all.
type IncidentFilter struct {
	Organization string
	State        IncidentState
	Since        time.Time // opened since
	Open         bool      // it still holds its location
}

// Cause is why an incident is open; it may have both.
type Cause string

// The causes.
const (
	CauseErrored Cause = "errored" // its location reads ERROR, or an event said so
	CauseByHand  Cause = "by_hand" // an operator opened it
)

// ByHand is who opened an incident by hand, and how that cause ended: closed or stopped by an operator.
type ByHand struct {
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
	EndedBy string    `json:"ended_by,omitempty"`
	EndedAt time.Time `json:"ended_at,omitzero"` // zero: it stands
}

// IncidentDetail is the whole record of one incident, with what the index and the gates say now.
type IncidentDetail struct {
	IncidentRow
	InFlight int            `json:"in_flight"` // delivery orders that the index has in flight there now
	UnderWay InProgress     `json:"under_way"`
	Waiting  *WaitingRow    `json:"waiting,omitempty"`  // how many of those wait, where an operator has to approve
	LeftOut  *DeviationRows `json:"left_out,omitempty"` // approved, but not moved since something changed
	Record   *Incident      `json:"record"`
}

// InProgress counts the rows of an incident that are not at rest, by how far they are. It is what an operator sees
// before stopping the incident.
type InProgress struct {
	NotBegun int        `json:"not_begun"`  // where very many rows are in one state, some are counted by the state alone
	Prepared int        `json:"prepared"`   // a DRAFT was created for them, or may have been
	Released int        `json:"released"`   // their cancel was sent: they are finished even after a stop
	InDoubt  []OrderRow `json:"in_the_air"` // the first of the released; those that are holding come first
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

// Incident is the record of an incident, as it is shown. All its times are UTC.
type Incident struct {
	SchemaVersion   int           `json:"shape"`
	ID              string        `json:"id"`
	Organization    string        `json:"org"`
	LocationID      string        `json:"location_id"`
	Location        string        `json:"location,omitempty"`    // slug
	Integration     string        `json:"integration,omitempty"` // id of the integration that failed
	State           IncidentState `json:"state"`
	OpenedAt        time.Time     `json:"opened_at"`
	ClosedAt        time.Time     `json:"closed_at,omitzero"`
	UpdatedAt       time.Time     `json:"updated_at"`
	ByHand          *ByHand       `json:"by_hand,omitempty"`     // an operator opened it
	ReadsError      bool          `json:"reads_error,omitempty"` // of one that an operator opened: its location reads ERROR, too
	SettlesAnew     time.Time     `json:"settles_anew,omitzero"` // when it went on as one of a location in ERROR, after an operator had closed it
	Events          int           `json:"events"`                // how many errored events came for it
	Round           int           `json:"round,omitempty"`       // how many observations were made
	Gates           []Gate        `json:"gates,omitempty"`       // judged now
	Waivers         []Waiver      `json:"waivers,omitempty"`
	DrainedAt       time.Time     `json:"drained_at,omitzero"` // its delivery orders began to move
	LiftedBy        string        `json:"lifted_by,omitempty"` // the operator who closed it while it was stopped
	ApprovedBy      string        `json:"approved_by,omitempty"`
	ApprovedAt      time.Time     `json:"approved_at,omitzero"`
	ByPlan          bool          `json:"by_plan,omitempty"`     // only what an approved plan names, or an operator retries, is moved
	Plan            *Plan         `json:"plan,omitempty"`        // the plan that was frozen last
	FirstWalkDone   bool          `json:"walked,omitempty"`      // the first walk through the index has ended
	ErrorAt         time.Time     `json:"error_at,omitzero"`     // when ERROR was read last, after the settle window
	RecoveredAt     time.Time     `json:"recovered_at,omitzero"` // when ACTIVE was read, of the same integration
	IndexSince      time.Time     `json:"index_since,omitzero"`  // since when the index receives webhooks
	IndexIncomplete bool          `json:"index_short,omitempty"` // the index may not know every delivery order in flight
	Index           IndexSnapshot `json:"index,omitzero"`
	Requests        int           `json:"requests,omitempty"` // how many reads of the location
	Report          *Report       `json:"report,omitempty"`   // set once it has ended
	History         []Entry       `json:"history,omitempty"`
}

// IndexSnapshot is the state of the index at the last observation of the incident, beside Incident.IndexSince.
type IndexSnapshot struct {
	Last     time.Time `json:"last,omitzero"`     // date of the newest webhook
	Imported time.Time `json:"imported,omitzero"` // when the last full import ended
	Known    int       `json:"known"`             // how many delivery orders the index knows
	Gaps     []Gap     `json:"gaps,omitempty"`    // those that no import made up for
}

// Gap is a period whose webhooks arrived late, so that some may be missing. A zero To: the index is still behind.
type Gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

// Gate is the answer of one gate at a moment.
type Gate struct {
	Name   string    `json:"name"`
	At     time.Time `json:"at"`
	Pass   bool      `json:"pass"`
	Detail string    `json:"saw"` // what the gate saw, for people
}

// Waiver is the decision of an operator that a gate does not hold this one incident back.
type Waiver struct {
	Gate   string    `json:"gate"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// Plan is a frozen plan of an incident: what would happen to each delivery order. An approval names a plan and covers
// its rows alone; they are stored beside it, in the order in which the index was walked.
type Plan struct {
	Hash     string    `json:"hash"` // of the rows: equal rows have equal hashes
	Key      string    `json:"key"`  // the part of the Redis key that leads to the rows
	MadeAt   time.Time `json:"made_at"`
	Revision string    `json:"revision"` // of the policy that decided
	Orders   int       `json:"orders"`
	Moves    int       `json:"moves"`             // of them, those that would be reassigned
	Holding  int       `json:"holding,omitempty"` // of them, those that wait for capacity first
	// Automatic are, of those that would be reassigned or wait, those that the platform dispatches by itself.
	Automatic int            `json:"automatic,omitempty"`
	Targets   map[string]int `json:"targets,omitempty"`
	Left      map[Reason]int `json:"left,omitempty"`
	Persons   map[Reason]int `json:"persons,omitempty"`
	Approved  int            `json:"approved,omitempty"` // how many of its rows were approved; they are the first ones
}

// Report is what became of the delivery orders of an incident, as it stood when the incident ended.
type Report struct {
	Moved       int            `json:"moved"`
	Targets     map[string]int `json:"targets"` // of those moved, by slug
	Left        map[Reason]int `json:"left"`
	NeedsPerson map[Reason]int `json:"needs_person"`
	InProgress  int            `json:"under_way"` // released, and not at rest yet

	FirstAt         time.Time `json:"first_at,omitzero"`    // when the first was moved
	LastAt          time.Time `json:"last_at,omitzero"`     // when the last was moved
	LongestWait     int64     `json:"longest_wait_seconds"` // of one that was moved, from when it was found until then
	Requests        int       `json:"requests"`             // to the platform's API
	IndexIncomplete bool      `json:"index_incomplete"`     // there may have been more than were found
}

// IsEmpty reports whether no delivery order was found at all.
func (r *Report) IsEmpty() bool {
	return r.Moved == 0 && r.InProgress == 0 && len(r.Left) == 0 && len(r.NeedsPerson) == 0
}

// ApproveRequest asks for a plan of an incident (dry_run), or approves that plan by its hash.
type ApproveRequest struct {
	Reason string `json:"reason,omitempty"`
	DryRun bool   `json:"dry_run,omitempty"`
	Hash   string `json:"hash,omitempty"`  // of the plan to approve
	Limit  int    `json:"limit,omitempty"` // approve only the first of those it moves; 0: all
	// Approved is how many rows of the plan were approved when it was shown. Where it is given, repeating the request
	// is refused instead of approving the next rows.
	Approved *int `json:"approved,omitempty"`
}

// UnblockResult is an incident with what unblocking it lifts (dry run) or lifted.
type UnblockResult struct {
	IncidentDetail
	Lifts string `json:"lifts"`
}

// OpenResult is what an incident by hand would be about (dry run), with the incident once it is open.
type OpenResult struct {
	OrganizationID string          `json:"organization_id"`
	LocationID     string          `json:"location_id"`
	Location       *string         `json:"location"`
	InFlight       int             `json:"in_flight"` // delivery orders that the index has in flight there now
	Towards        Towards         `json:"towards"`
	Incident       *IncidentDetail `json:"incident"` // null in a dry run
}

// Towards counts the handovers of open incidents that are on their way to a location.
type Towards struct {
	NotSent int `json:"not_sent"` // they are pointed elsewhere before they are sent
	Sent    int `json:"sent"`     // they join the incident of that location where it may move them
}

// PauseRequest asks for an action on an incident, on a location or on all locations.
type PauseRequest struct {
	Organization string `json:"organization,omitempty"`
	Location     string `json:"location,omitempty"`
	Reason       string `json:"reason,omitempty"`
	DryRun       bool   `json:"dry_run,omitempty"`
}

// PauseResult is the answer to a pause or a resume.
type PauseResult struct {
	Scopes []PausedScope `json:"scopes"`
}

// PausedScope is one organization, or one location of it, that is paused or not.
type PausedScope struct {
	OrganizationID string  `json:"organization_id"`
	Location       *string `json:"location"` // slug, or as the request named it; null: all locations
	Paused         bool    `json:"paused"`   // after the request
	Changed        bool    `json:"changed"`
}
