package journal

import (
	"slices"
	"time"

	"happycolis-reassigner/policy"
)

// SchemaVersion is the version of the records that this release writes.
const SchemaVersion = 1

// maxHistory bounds the history of a record; the oldest entries go first.
const maxHistory = 100

// Reassignment is the record of one delivery order under one incident. It holds ids, codes,
// quantities, SKUs and the country only.
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
	Leased           bool      `json:"working,omitempty"` // somebody holds the lease, or died holding it
	Reason           Reason    `json:"reason,omitempty"`
	Admitted         bool      `json:"begun,omitempty"`    // its turn in the rate limit came
	ReservedRequests int       `json:"turn,omitempty"`     // for so many requests, until it is known how many it takes
	PlanDeviation    string    `json:"left_out,omitempty"` // approved, and not moved: how it differs from the plan
	ManualRetry      bool      `json:"by_hand,omitempty"`  // an operator retried it: no plan has to name it
	Step             string    `json:"step,omitempty"`
	StepAt           time.Time `json:"step_at,omitzero"` // it stands at Step since then
	Undo             *Undo     `json:"undo,omitempty"`

	Decision            *policy.Decision `json:"decision,omitempty"`
	Priority            string           `json:"priority,omitempty"`
	Dispatch            string           `json:"dispatch,omitempty"` // the parent order's dispatching type
	FulfilmentRequested bool             `json:"asked,omitempty"`    // fulfilment of the original had been requested
	To                  string           `json:"to,omitempty"`       // slug
	ToID                string           `json:"to_id,omitempty"`
	ToType              string           `json:"to_type,omitempty"`
	Adopted             bool             `json:"adopted,omitempty"` // the replacement is the platform's own: never mutated
	Country             string           `json:"country,omitempty"`
	Pickup              *bool            `json:"pickup,omitempty"`
	OrderType           string           `json:"order_type,omitempty"` // B2B or B2C
	TriedLocations      []string         `json:"tried,omitempty"`      // location ids that are spent
	LastRejection       Reason           `json:"refused,omitempty"`    // why the last of them was
	Hops                int              `json:"hops,omitempty"`       // replacements sent

	Lines           []Line   `json:"lines,omitempty"`  // of the replacement, recorded before the release
	Units           int      `json:"units,omitempty"`  // of all lines of the original when those were recorded; 0: not recorded
	SiblingsBefore  []string `json:"before,omitempty"` // the order's delivery orders before the create
	Replacement     string   `json:"replacement,omitempty"`
	UnprovenDraftID string   `json:"unproven,omitempty"` // a DRAFT that may be ours: shown, never touched
	// LateDrafts are DRAFTs of ours whose create was answered only after somebody else had taken over the record.
	LateDrafts []string `json:"late,omitempty"`
	// LateCancel is our cancel of the first of them.
	LateCancel       *Cancellation `json:"late_cancel,omitempty"`
	PastReplacements []string      `json:"former,omitempty"` // replacements that were rejected or withdrawn

	Intent        *Intent   `json:"intent,omitempty"`
	UnclearAnswer string    `json:"unclear,omitempty"`       // what the platform answered last to a mutation, where that leaves open what happened
	CancelSentAt  time.Time `json:"cancel_sent_at,omitzero"` // a cancel of the original went out, whatever was answered
	CancelReadAt  time.Time `json:"cancel_read_at,omitzero"` // the Date of the answer to the read before that cancel, by the platform's clock

	// CanceledBefore are the CANCELED events that were known when the cancel of the original went out: only one beyond
	// them confirms it. RejectedBefore is the date of the latest cancellation_rejected that was known then, by the
	// platform's clock of webhooks. Disputed is when a read first showed cancelled what a later one tells was rejected.
	CanceledBefore *CanceledEvents `json:"canceled_before,omitempty"`
	RejectedBefore time.Time       `json:"rejected_before,omitzero"`
	DisputedAt     time.Time       `json:"disputed,omitzero"`
	ReleaseToldAt  time.Time       `json:"release_told_at,omitzero"` // a webhook told that the original is cancelled; a read has to confirm it

	ReleaseIntendedAt time.Time `json:"release_intended_at,omitzero"` // from here on there is no way back
	ReleasedAt        time.Time `json:"released_at,omitzero"`         // the release was confirmed, or an operator proceeds without
	Proceeded         bool      `json:"proceeded,omitempty"`          // an operator answers for it that the original is not shipped
	SentAt            time.Time `json:"sent_at,omitzero"`             // the replacement was sent

	// ReplacementCancel is our cancel of a replacement that had been sent. ReplacementGoneAt is when a read first showed that
	// somebody else had cancelled the replacement.
	ReplacementCancel *Cancellation `json:"replacement_cancel,omitempty"`
	ReplacementGoneAt time.Time     `json:"replacement_gone_at,omitzero"`
	// ReplacementMissingSince is when a read first did not find a DRAFT of ours, the replacement or a late one.
	ReplacementMissingSince time.Time `json:"replacement_missing,omitzero"`

	WaitStartedAt   time.Time `json:"since,omitzero"`      // the wait of this step began
	Polls           int       `json:"polls,omitempty"`     // reads in this wait
	PollAt          time.Time `json:"poll_at,omitzero"`    // the next read in this wait, if no event decides before
	GoneSince       time.Time `json:"missing,omitzero"`    // a read first did not find the original, or showed it gone
	SeenAt          time.Time `json:"seen_at,omitzero"`    // the platform's clock at the last read of the original
	AwaitedAt       time.Time `json:"awaited_at,omitzero"` // it waited first for a candidate that may have failed
	Returns         int       `json:"returns,omitempty"`   // a DRAFT that was moved came back so often
	Requests        int       `json:"requests,omitempty"`  // to the platform, for this one
	Failures        int       `json:"failures,omitempty"`  // in a row
	Repeats         int       `json:"repeats,omitempty"`   // mutations in a row that left neither a reply nor a trace
	ArchivedVersion int64     `json:"parked,omitempty"`    // version of the archived task that stands for this row

	History []Entry `json:"history,omitempty"`

	Version int64 `json:"-"` // compare-and-set
}

// Line is a line of the replacement, in the parent order's terms.
type Line struct {
	OrderLine string `json:"order_line"`
	SKU       string `json:"sku"`
	Quantity  int    `json:"quantity"`
}

// Intent is a mutation that was about to be sent and whose result is not recorded yet. Absent is when
// a read first did not show it; it counts as not applied only after a second such read, one request
// timeout later. Lost tells that a reply was lost at least once, so that a later refusal proves nothing.
type Intent struct {
	Step              string    `json:"step"`
	At                time.Time `json:"at"`
	AbsentSince       time.Time `json:"absent,omitzero"`
	ReplyLost         bool      `json:"lost,omitempty"`
	RefusedUnverified bool      `json:"denied,omitempty"` // the platform refused it, and no read told yet whether it did it all the same
	// SameCodeTwice tells that the platform answered the same unclear code as the time before: if it is not seen this time either,
	// that was a refusal.
	SameCodeTwice bool `json:"refused,omitempty"`
}

// AbsentFor is how long before a read another one did not show what was wanted either.
func (i *Intent) AbsentFor(read time.Time) time.Duration {
	if i.AbsentSince.IsZero() {
		return 0
	}
	return read.Sub(i.AbsentSince)
}

// MarkUncertain makes the intent's result one that has to be looked for: its reply was lost, or whoever sent
// it died.
func (r *Reassignment) MarkUncertain() bool {
	if r.Intent == nil || r.Intent.RefusedUnverified {
		return false
	}
	r.Intent.ReplyLost = true
	return true
}

// Undo is what becomes of the reassignment once what was prepared is taken back.
type Undo struct {
	Then      State  `json:"then"` // Left or NeedsPerson; with Late, Reassigned too
	Reason    Reason `json:"reason"`
	Explained bool   `json:"told,omitempty"` // whoever leaves it knows that its replacement was sent
	Late      bool   `json:"late,omitempty"` // only late DRAFTs are withdrawn; then it rests as before
}

// Entry is one line of history: what happened when, in which step, and by whom if by an operator.
type Entry struct {
	At   time.Time `json:"at"`
	Step string    `json:"step,omitempty"`
	Note string    `json:"note"`
	By   string    `json:"by,omitempty"`
}

// Note adds an entry to the history. What is noted again right after itself, as a step that waits does, stands
// there once, with the later time.
func (r *Reassignment) Note(at time.Time, note string) {
	r.appendHistory(Entry{At: at, Step: r.Step, Note: note})
}

func (r *Reassignment) appendHistory(e Entry) {
	e.At = e.At.UTC().Truncate(time.Millisecond)
	if last := len(r.History) - 1; last >= 0 {
		again := r.History[last]
		if again.At = e.At; e.By == "" && again == e {
			r.History[last] = e
			return
		}
	}
	r.History = append(r.History, e)
	if extra := len(r.History) - maxHistory; extra > 0 {
		r.History = slices.Delete(r.History, 0, extra)
	}
}

// ReleaseBegan reports whether the cancel of the original was intended: nothing but a refusal, a
// rejection or an operator's leave leads back from there.
func (r *Reassignment) ReleaseBegan() bool { return !r.ReleaseIntendedAt.IsZero() }

// Released reports whether the original is known to be cancelled.
func (r *Reassignment) Released() bool { return !r.ReleasedAt.IsZero() }

// Sent reports whether the present replacement was sent by us.
func (r *Reassignment) Sent() bool { return !r.SentAt.IsZero() }

// CurrentReplacement returns the delivery order that stands, or may stand, in the place of the original; "" if none.
func (r *Reassignment) CurrentReplacement() string {
	if r.Replacement == "" {
		return r.UnprovenDraftID
	}
	return r.Replacement
}
