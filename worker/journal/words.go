package journal

import "happycolis-reassigner/worker/api"

// The states and the reasons that records have, and the values in them that nothing of the journal is added to, are those that
// the API shows.
type (
	Forecast         = api.Forecast
	LocationForecast = api.LocationForecast
	TargetForecast   = api.TargetForecast
	SKUShortage      = api.SKUShortage
	Plan             = api.Plan
	Report           = api.Report
	IndexSnapshot    = api.IndexSnapshot
	Gap              = api.Gap
	Waiver           = api.Waiver
	ByHand           = api.ByHand
	Cause            = api.Cause

	Gate          = api.Gate
	State         = api.State
	IncidentState = api.IncidentState
	Reason        = api.Reason
	Severity      = api.Severity
)

// The states of a reassignment.
const (
	Pending           = api.Pending
	Holding           = api.Holding
	Preparing         = api.Preparing
	Releasing         = api.Releasing
	ConfirmingRelease = api.ConfirmingRelease
	Checking          = api.Checking
	Sending           = api.Sending
	Confirming        = api.Confirming
	Undoing           = api.Undoing
	Reassigned        = api.Reassigned
	Left              = api.Left
	NeedsPerson       = api.NeedsPerson
)

// The states of an incident.
const (
	Settling         = api.Settling
	AwaitingApproval = api.AwaitingApproval
	Blocked          = api.Blocked
	Draining         = api.Draining
	Watching         = api.Watching
	Closed           = api.Closed
	Dismissed        = api.Dismissed
	Stopped          = api.Stopped
)

// The reasons of needs_person and of left.
const (
	AlreadyPreparing     = api.AlreadyPreparing
	AlreadyShipped       = api.AlreadyShipped
	OpenedNotEnabled     = api.OpenedNotEnabled
	StatusNotEnabled     = api.StatusNotEnabled
	AggregatedOrders     = api.AggregatedOrders
	AmbiguousOrderLine   = api.AmbiguousOrderLine
	PolicyRule           = api.PolicyRule
	FactUnknown          = api.FactUnknown
	NoCandidate          = api.NoCandidate
	CreateRefused        = api.CreateRefused
	UpdateRefused        = api.UpdateRefused
	DraftConflict        = api.DraftConflict
	CancelRefused        = api.CancelRefused
	CancelUnconfirmed    = api.CancelUnconfirmed
	CancelledAfterLeave  = api.CancelledAfterLeave
	OverAllocated        = api.OverAllocated
	SendRefused          = api.SendRefused
	ReplacementSentEarly = api.ReplacementSentEarly
	ReplacementCancelled = api.ReplacementCancelled
	ReleasedThenRejected = api.ReleasedThenRejected
	PartlyRejected       = api.PartlyRejected
	FallbackSilent       = api.FallbackSilent
	FallbacksExhausted   = api.FallbacksExhausted
	HopsExhausted        = api.HopsExhausted
	OrderOnHold          = api.OrderOnHold
	OrderNotOpen         = api.OrderNotOpen
	Forbidden            = api.Forbidden
	RetriesExhausted     = api.RetriesExhausted
	UnprovenDraft        = api.UnprovenDraft
	JournalCorrupt       = api.JournalCorrupt
	UnknownState         = api.UnknownState
	PolicyLeave          = api.PolicyLeave
	ConfigLeave          = api.ConfigLeave
	Recovered            = api.Recovered
	StoppedByUs          = api.StoppedByUs
	ByPerson             = api.ByPerson
	Gone                 = api.Gone
)

// The severities of rows that wait for an operator.
const (
	MayShipTwice = api.MayShipTwice
	NobodyShips  = api.NobodyShips
	Waits        = api.Waits
)

// Severities returns all severities, the most dangerous first.
func Severities() []Severity { return api.Severities() }

// States returns all states of a reassignment, in the order in which one that nothing stops passes them.
func States() []State { return api.States() }

// IncidentStates returns all states of an incident.
func IncidentStates() []IncidentState { return api.IncidentStates() }
