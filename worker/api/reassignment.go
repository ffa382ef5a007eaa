package api

import (
	"encoding/json"
	"time"
)

// Reassignment is the record of one delivery order under one incident, as "orders show --json" and the API give it: one
// flat object, however the record is stored. Its keys and their order are fixed; a new one comes last before history.
// Times are UTC, by the worker's clock where nothing else is said.
type Reassignment struct {
	SchemaVersion int       `json:"shape"`
	ID            string    `json:"id"`
	Organization  string    `json:"org"`
	Incident      string    `json:"incident"`
	DeliveryOrder string    `json:"delivery_order"`
	Root          string    `json:"root"` // the first delivery order of the lineage
	OrderNumber   string    `json:"order_number,omitempty"`
	Orders        []string  `json:"orders,omitempty"`
	FromID        string    `json:"from_id"`
	From          string    `json:"from,omitempty"` // slug
	Integration   string    `json:"integration,omitempty"`
	Status        string    `json:"status,omitempty"` // of the original when it was decided
	OpenedAt      time.Time `json:"opened_at"`
	UpdatedAt     time.Time `json:"updated_at"`

	State            State     `json:"state"`
	Leased           bool      `json:"working,omitempty"` // a worker holds the lease, or died holding it
	Reason           Reason    `json:"reason,omitempty"`
	Admitted         bool      `json:"begun,omitempty"`    // the rate limit has reserved its requests, so it may begin
	ReservedRequests int       `json:"turn,omitempty"`     // how many requests are reserved, until it is known how many it takes
	PlanDeviation    string    `json:"left_out,omitempty"` // approved, but not moved: how it differs from the plan
	ManualRetry      bool      `json:"by_hand,omitempty"`  // an operator retried it, so no plan has to name it
	Step             string    `json:"step,omitempty"`
	StepAt           time.Time `json:"step_at,omitzero"` // when it reached Step
	Undo             *Undo     `json:"undo,omitempty"`

	Decision            json.RawMessage `json:"decision,omitempty"`
	Priority            string          `json:"priority,omitempty"`
	Dispatch            string          `json:"dispatch,omitempty"` // the parent order's dispatching type
	FulfilmentRequested bool            `json:"asked,omitempty"`    // fulfilment had been requested for the original
	To                  string          `json:"to,omitempty"`       // slug
	ToID                string          `json:"to_id,omitempty"`
	ToType              string          `json:"to_type,omitempty"`
	Adopted             bool            `json:"adopted,omitempty"` // the replacement was created by the platform: it is never mutated
	Country             string          `json:"country,omitempty"`
	Pickup              *bool           `json:"pickup,omitempty"`
	OrderType           string          `json:"order_type,omitempty"` // B2B or B2C
	TriedLocations      []string        `json:"tried,omitempty"`      // location ids that are not tried again
	LastRejection       Reason          `json:"refused,omitempty"`    // why the last of them was given up
	Hops                int             `json:"hops,omitempty"`       // how many replacements were sent

	Lines           []Line   `json:"lines,omitempty"`  // of the replacement; recorded before the release
	Units           int      `json:"units,omitempty"`  // sum over all lines of the original; 0: not recorded
	SiblingsBefore  []string `json:"before,omitempty"` // ids of the order's delivery orders before the create
	Replacement     string   `json:"replacement,omitempty"`
	UnprovenDraftID string   `json:"unproven,omitempty"` // id of a DRAFT that may be ours: shown, never mutated
	// LateDrafts are DRAFTs of ours whose create was answered only after another worker had taken over the record.
	LateDrafts []string `json:"late,omitempty"`
	// LateCancel is our cancel of the first of LateDrafts.
	LateCancel       *Cancellation `json:"late_cancel,omitempty"`
	PastReplacements []string      `json:"former,omitempty"` // replacements that were rejected or withdrawn

	Intent        *Intent   `json:"intent,omitempty"`
	UnclearAnswer string    `json:"unclear,omitempty"`       // code of the last answer that does not prove what happened
	CancelSentAt  time.Time `json:"cancel_sent_at,omitzero"` // when a cancel of the original was sent, whatever was answered
	CancelReadAt  time.Time `json:"cancel_read_at,omitzero"` // Date header of the answer to the read before that cancel, by the platform's clock

	// CanceledBefore are the CANCELED events that were known when the cancel of the original was sent: only an event
	// beyond them confirms it. RejectedBefore is the date of the latest cancellation_rejected event known then, by the
	// platform's clock of webhooks. Disputed is when a read first showed as cancelled what a later event says was
	// rejected.
	CanceledBefore *CanceledEvents `json:"canceled_before,omitempty"`
	RejectedBefore time.Time       `json:"rejected_before,omitzero"`
	DisputedAt     time.Time       `json:"disputed,omitzero"`
	ReleaseToldAt  time.Time       `json:"release_told_at,omitzero"` // when a webhook said that the original is cancelled; a read has to confirm it

	ReleaseIntendedAt time.Time `json:"release_intended_at,omitzero"` // when the release was intended; from then on the handover is finished
	ReleasedAt        time.Time `json:"released_at,omitzero"`         // when the release was confirmed, or an operator proceeded without
	Proceeded         bool      `json:"proceeded,omitempty"`          // an operator vouches that the original is not shipped
	SentAt            time.Time `json:"sent_at,omitzero"`             // when the replacement was sent

	// ReplacementCancel is our cancel of a replacement that had been sent. ReplacementGoneAt is when a read first showed that
	// somebody else had cancelled the replacement.
	ReplacementCancel *Cancellation `json:"replacement_cancel,omitempty"`
	ReplacementGoneAt time.Time     `json:"replacement_gone_at,omitzero"`
	// ReplacementMissingSince is when a read first did not find a DRAFT of ours: the replacement or a late one.
	ReplacementMissingSince time.Time `json:"replacement_missing,omitzero"`

	WaitStartedAt   time.Time `json:"since,omitzero"`      // when the wait of this step began
	Polls           int       `json:"polls,omitempty"`     // how many reads in this wait
	PollAt          time.Time `json:"poll_at,omitzero"`    // when to read next in this wait, unless an event comes before
	GoneSince       time.Time `json:"missing,omitzero"`    // when a read first did not find the original, or showed it gone
	SeenAt          time.Time `json:"seen_at,omitzero"`    // when the original was read last, by the platform's clock
	AwaitedAt       time.Time `json:"awaited_at,omitzero"` // when it began to wait for a candidate that may have failed
	Returns         int       `json:"returns,omitempty"`   // how often a DRAFT that was moved came back
	Requests        int       `json:"requests,omitempty"`  // requests to the platform for this record
	Failures        int       `json:"failures,omitempty"`  // failures in a row
	Repeats         int       `json:"repeats,omitempty"`   // mutations in a row that left neither a reply nor a trace
	ArchivedVersion int64     `json:"parked,omitempty"`    // version in the archived task of this record

	History []Entry `json:"history,omitempty"`
}

// Line is a line of the replacement, by the line ids of the parent order.
type Line struct {
	OrderLine string `json:"order_line"`
	SKU       string `json:"sku"`
	Quantity  int    `json:"quantity"`
}

// Intent is a mutation that was about to be sent and whose result is not recorded yet. Absent is when a read first did
// not show its effect; it counts as not applied only after a second such read, one request timeout later. Lost: a
// reply was lost at least once, so a later refusal proves nothing.
type Intent struct {
	Step              string    `json:"step"`
	At                time.Time `json:"at"`
	AbsentSince       time.Time `json:"absent,omitzero"`
	ReplyLost         bool      `json:"lost,omitempty"`
	RefusedUnverified bool      `json:"denied,omitempty"` // refused; no read has shown yet whether it was applied all the same
	// SameCodeTwice: the platform answered the same unclear code as the time before. If no read shows the effect this
	// time either, that was a refusal.
	SameCodeTwice bool `json:"refused,omitempty"`
}

// Undo is how the reassignment ends once what was prepared is taken back.
type Undo struct {
	Then      State  `json:"then"` // Left or NeedsPerson; with Late, Reassigned too
	Reason    Reason `json:"reason"`
	Explained bool   `json:"told,omitempty"` // the operator who leaves it knows that its replacement was sent
	Late      bool   `json:"late,omitempty"` // only late DRAFTs are withdrawn; then the record rests as before
}

// CanceledEvents are the CANCELED events in the log of a delivery order: how many, and the latest of their dates by the
// clock of that log.
type CanceledEvents struct {
	Number int       `json:"number"`
	Last   time.Time `json:"last,omitzero"`
}

// Cancellation is a cancel that we sent of a delivery order that we created.
type Cancellation struct {
	SentAt       time.Time      `json:"sent_at"`
	ReasonIfKept Reason         `json:"else"`           // the reason of the row where the cancel is not confirmed
	Before       CanceledEvents `json:"before"`         // the events known when it was sent
	RepliesLost  int            `json:"lost,omitempty"` // how often in a row no reply came: it may never have arrived
}
