package journal

import (
	"encoding/json"
	"fmt"
	"time"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
)

// Reassignment is the record of one delivery order under one incident. It holds ids, codes, quantities, SKUs and the
// country only, no personal data. Its times are UTC, by the worker's clock where nothing else is said.
type Reassignment struct {
	SchemaVersion int      `json:"shape"`
	Identity      Identity `json:"identity"`

	State     State     `json:"state"`
	Leased    bool      `json:"leased,omitempty"` // a worker holds the lease, or died holding it
	Reason    Reason    `json:"reason,omitempty"`
	Step      string    `json:"step,omitempty"`
	StepAt    time.Time `json:"step_at,omitzero"` // when it reached Step
	UpdatedAt time.Time `json:"updated_at"`
	Intent    *Intent   `json:"intent,omitempty"`
	Undo      *Undo     `json:"undo,omitempty"`

	LeftByClose bool `json:"left_by_close,omitempty"` // left since an operator closed the incident, and not by a leave

	Original    Original    `json:"original,omitzero"`
	Admission   Admission   `json:"admission,omitzero"`
	Plan        PlanBinding `json:"plan,omitzero"`
	Decision    Decision    `json:"decision,omitzero"`
	Replacement Replacement `json:"replacements,omitzero"` // stored as a list of one
	Release     Release     `json:"release,omitzero"`
	Wait        Wait        `json:"wait,omitzero"`
	Retry       Retry       `json:"retry,omitzero"`

	History []Entry `json:"history,omitempty"`

	Version int64 `json:"-"` // for the compare-and-set; not part of the body
}

// Identity is what a record is about. It is written when the record is made; what of it is read from the platform
// follows when the original is read first.
type Identity struct {
	ID            string    `json:"id"`
	Organization  string    `json:"organization"`
	Incident      string    `json:"incident"`
	DeliveryOrder string    `json:"delivery_order"`
	Root          string    `json:"root"` // the first delivery order of the lineage
	OrderNumber   string    `json:"order_number,omitempty"`
	Orders        []string  `json:"orders,omitempty"` // ids of the parent orders
	FromID        string    `json:"from_id"`
	From          string    `json:"from,omitempty"` // slug
	Integration   string    `json:"integration,omitempty"`
	OpenedAt      time.Time `json:"opened_at"`
}

// Original is what reads showed of the delivery order that is moved.
type Original struct {
	Status              string    `json:"status,omitempty"` // when it was decided
	Priority            string    `json:"priority,omitempty"`
	Dispatch            string    `json:"dispatch,omitempty"`             // the parent order's dispatching type
	FulfilmentRequested bool      `json:"fulfilment_requested,omitempty"` // fulfilment had been requested for it
	Country             string    `json:"country,omitempty"`
	Pickup              *bool     `json:"pickup,omitempty"`
	OrderType           string    `json:"order_type,omitempty"` // B2B or B2C
	Units               int       `json:"units,omitempty"`      // sum over all its lines; 0: not recorded
	SeenAt              time.Time `json:"seen_at,omitzero"`     // when it was read last, by the platform's clock
	GoneSince           time.Time `json:"gone_since,omitzero"`  // when a read first did not find it, or showed it gone
}

// Admission is what of the rate limit the record has.
type Admission struct {
	Admitted         bool `json:"admitted,omitempty"` // its requests are reserved, so it may begin
	ReservedRequests int  `json:"reserved,omitempty"` // how many requests are reserved, until it is known how many it takes
	Requests         int  `json:"requests,omitempty"` // how many were sent for it
}

// PlanBinding is how the record stands to the plan that an operator approved.
type PlanBinding struct {
	Deviation   string `json:"deviation,omitempty"`    // approved, but not moved: how it differs from the plan
	ManualRetry bool   `json:"manual_retry,omitempty"` // an operator retried it, so no plan has to name it
}

// Decision is what the policy said, and the target that was chosen by it.
type Decision struct {
	Policy         *policy.Decision `json:"policy,omitempty"` // with its reasons; nil: the policy was not asked
	To             string           `json:"to,omitempty"`     // slug
	ToID           string           `json:"to_id,omitempty"`
	ToType         string           `json:"to_type,omitempty"`
	TriedLocations []string         `json:"tried,omitempty"`          // location ids that are not tried again
	LastRejection  Reason           `json:"last_rejection,omitempty"` // why the last of them was given up
	Hops           int              `json:"hops,omitempty"`           // how many replacements were sent
	Moment         time.Time        `json:"moment,omitzero"`          // as of which the policy decides: of the first decision, by Redis's clock, or of the approved plan
}

// Replacement is the delivery order that takes the original's place, with what stands beside it.
type Replacement struct {
	ID              string   `json:"id,omitempty"`
	Adopted         bool     `json:"adopted,omitempty"`         // it was created by the platform: it is never mutated
	Lines           []Line   `json:"lines,omitempty"`           // recorded before the release
	SiblingsBefore  []string `json:"siblings_before,omitempty"` // ids of the order's delivery orders before the create
	UnprovenDraftID string   `json:"unproven_draft,omitempty"`  // id of a DRAFT that may be ours: shown, never mutated

	SentAt       time.Time     `json:"sent_at,omitzero"`       // when it was sent
	Cancel       *Cancellation `json:"cancel,omitempty"`       // our cancel of it, after it had been sent
	GoneAt       time.Time     `json:"gone_at,omitzero"`       // when a read first showed that somebody else had cancelled it
	MissingSince time.Time     `json:"missing_since,omitzero"` // when a read first did not find a DRAFT of ours: it or a late one

	// LateDrafts are DRAFTs of ours whose create was answered only after another worker had taken over the record.
	LateDrafts []string `json:"late_drafts,omitempty"`
	// LateCancel is our cancel of the first of LateDrafts.
	LateCancel *Cancellation `json:"late_cancel,omitempty"`
	Past       []string      `json:"past,omitempty"` // former replacements that were rejected or withdrawn
}

// storedReplacement is a Replacement in the list.
type storedReplacement Replacement

// MarshalJSON writes a list of one: a delivery order that is split will have several.
func (r Replacement) MarshalJSON() ([]byte, error) {
	return json.Marshal([]storedReplacement{storedReplacement(r)})
}

// UnmarshalJSON reads the list. A record with more than one is corrupt for this release: it would finish one of them and
// forget the others.
func (r *Replacement) UnmarshalJSON(text []byte) error {
	var all []storedReplacement
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	if len(all) != 1 {
		return fmt.Errorf("%d replacements, want 1", len(all))
	}
	*r = Replacement(all[0])
	return nil
}

// Release is how far the original's cancellation is; see Phase.
type Release struct {
	IntendedAt   time.Time `json:"intended_at,omitzero"`    // when it was intended; from then on the handover is finished
	CancelSentAt time.Time `json:"cancel_sent_at,omitzero"` // when a cancel was sent, whatever was answered
	CancelReadAt time.Time `json:"cancel_read_at,omitzero"` // Date header of the answer to the read before that cancel, by the platform's clock

	// CanceledBefore are the CANCELED events that were known when the cancel was sent: only an event beyond them confirms
	// it. RejectedBefore is the date of the latest cancellation_rejected event known then, by the platform's clock of
	// webhooks. DisputedAt is when a read first showed as cancelled what a later event says was rejected.
	CanceledBefore *CanceledEvents `json:"canceled_before,omitempty"`
	RejectedBefore time.Time       `json:"rejected_before,omitzero"`
	DisputedAt     time.Time       `json:"disputed_at,omitzero"`
	ToldAt         time.Time       `json:"told_at,omitzero"` // when a webhook said that the original is cancelled; a read has to confirm it

	ConfirmedAt time.Time `json:"confirmed_at,omitzero"` // when it was confirmed, or an operator proceeded without
	Proceeded   bool      `json:"proceeded,omitempty"`   // an operator vouches that the original is not shipped
}

// Wait is what the present step waits for, and since when.
type Wait struct {
	StartedAt      time.Time `json:"started_at,omitzero"`      // when the wait of this step began
	Polls          int       `json:"polls,omitempty"`          // how many reads in this wait
	PollAt         time.Time `json:"poll_at,omitzero"`         // when to read next in this wait, unless an event comes before
	CandidateSince time.Time `json:"candidate_since,omitzero"` // when it began to wait for a candidate that may have failed

	For   api.WaitsFor `json:"for,omitempty"`  // what for, as of the last run; "": no run has waited since
	Until time.Time    `json:"until,omitzero"` // at the latest; zero: not known
}

// Retry is what went wrong so far, and what an operator may run again.
type Retry struct {
	UnclearAnswer   string `json:"unclear_answer,omitempty"`   // code of the last answer that does not prove what happened
	Failures        int    `json:"failures,omitempty"`         // failures in a row
	Repeats         int    `json:"repeats,omitempty"`          // mutations in a row that left neither a reply nor a trace
	Returns         int    `json:"returns,omitempty"`          // how often a DRAFT that was moved came back
	ArchivedVersion int64  `json:"archived_version,omitempty"` // version in the archived task of this record
}
