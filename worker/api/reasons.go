package api

// Reason says why a reassignment needs an operator, or why it was left. Programs branch on it; explanations.go
// says for each what happened, what to do and which verbs help, and docs/reasons.md is made of that.
type Reason string

// The reasons why a reassignment needs an operator. What each means stands in explanations.go.
const (
	AlreadyPreparing     Reason = "already_preparing"
	AlreadyShipped       Reason = "already_shipped"
	OpenedNotEnabled     Reason = "opened_not_enabled"
	StatusNotEnabled     Reason = "status_not_enabled"
	AggregatedOrders     Reason = "aggregated_orders"
	AmbiguousOrderLine   Reason = "ambiguous_order_line"
	PolicyRule           Reason = "policy_rule"
	FactUnknown          Reason = "fact_unknown"
	NoCandidate          Reason = "no_candidate"
	CreateRefused        Reason = "create_refused"
	UpdateRefused        Reason = "update_refused"
	DraftConflict        Reason = "draft_conflict"
	CancelRefused        Reason = "cancel_refused"
	CancelUnconfirmed    Reason = "cancel_unconfirmed"
	CancelledAfterLeave  Reason = "cancelled_after_leave"
	OverAllocated        Reason = "over_allocated"
	SendRefused          Reason = "send_refused"
	ReplacementSentEarly Reason = "replacement_sent_early"
	ReplacementCancelled Reason = "replacement_cancelled"
	ReleasedThenRejected Reason = "released_then_rejected"
	PartlyRejected       Reason = "partly_rejected"
	FallbackSilent       Reason = "fallback_silent"
	FallbacksExhausted   Reason = "fallbacks_exhausted"
	HopsExhausted        Reason = "hops_exhausted"
	OrderOnHold          Reason = "order_on_hold"
	OrderNotOpen         Reason = "order_not_open"
	Forbidden            Reason = "forbidden"
	RetriesExhausted     Reason = "retries_exhausted"
	UnprovenDraft        Reason = "unproven_draft"
	JournalCorrupt       Reason = "journal_corrupt"
	UnknownState         Reason = "unknown_state"
)

// The reasons why a delivery order was left where it is.
const (
	PolicyLeave Reason = "policy_leave"
	ConfigLeave Reason = "config_leave"
	Recovered   Reason = "recovered"
	StoppedByUs Reason = "stopped"
	ByPerson    Reason = "by_person"
	Gone        Reason = "gone"
)

// IsUrgent reports whether an operator has to act at once, because two warehouses may ship the same units.
func (r Reason) IsUrgent() bool { return r == ReplacementSentEarly || r == ReleasedThenRejected }

// PersonReasons returns every reason of the state needs_person.
func PersonReasons() []Reason {
	return []Reason{AlreadyPreparing, AlreadyShipped, OpenedNotEnabled, StatusNotEnabled, AggregatedOrders,
		AmbiguousOrderLine, PolicyRule, FactUnknown, NoCandidate, CreateRefused, UpdateRefused, DraftConflict,
		CancelRefused, CancelUnconfirmed, CancelledAfterLeave, OverAllocated, SendRefused, ReplacementSentEarly, ReplacementCancelled,
		ReleasedThenRejected, PartlyRejected, FallbackSilent, FallbacksExhausted, HopsExhausted, OrderOnHold,
		OrderNotOpen, Forbidden, RetriesExhausted, UnprovenDraft, JournalCorrupt, UnknownState}
}

// LeftReasons returns every reason of the state left.
func LeftReasons() []Reason {
	return []Reason{PolicyLeave, ConfigLeave, Recovered, StoppedByUs, ByPerson, Gone}
}
