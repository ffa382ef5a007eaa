package journal

// The verbs by which a person acts on a row that needs one.
const (
	VerbRetry   = "retry"
	VerbLeave   = "leave"
	VerbProceed = "proceed"
)

// Advice is what to do about a reason, and the verbs that help, as the README's table has them.
type Advice struct {
	Do    string
	Verbs []string
}

// Advice returns what to do about a reason of needs_person; for any other it is empty.
func (r Reason) Advice() Advice { return advice[r] }

var (
	leaveOnly     = []string{VerbLeave}
	retryOnly     = []string{VerbRetry}
	retryOrLeave  = []string{VerbRetry, VerbLeave}
	anyOfTheThree = []string{VerbRetry, VerbLeave, VerbProceed}
)

var advice = map[Reason]Advice{
	AlreadyPreparing:     {"Ask the warehouse; it will usually ship.", leaveOnly},
	AlreadyShipped:       {"Nothing to move as a whole. See to the rest by hand.", leaveOnly},
	OpenedNotEnabled:     {"Ask the warehouse; or enable OPENED in handover.statuses and restart.", retryOrLeave},
	StatusNotEnabled:     {"Enable its status in handover.statuses and restart, or leave it.", retryOrLeave},
	AggregatedOrders:     {"Move it by hand: a replacement can serve only one order.", leaveOnly},
	AmbiguousOrderLine:   {"Move it by hand: a SKU stands in the order twice, or not at all, or a quantity is not shown.", leaveOnly},
	PolicyRule:           {"Decide; or change the policy, reload it and retry.", retryOrLeave},
	FactUnknown:          {"The decision names what is not known. Change the rule (unknown: skip), or import.", retryOrLeave},
	NoCandidate:          {"The decision names the fence. Mend the fallback or the policy.", retryOrLeave},
	CreateRefused:        {"Nothing was destroyed. The timeline has the platform's code. Retry asks every candidate again.", retryOrLeave},
	UpdateRefused:        {"It stands where it was. The timeline has the platform's code. Retry asks every candidate again.", retryOrLeave},
	DraftConflict:        {"Compare the order's delivery orders, and remove what is too much.", retryOrLeave},
	CancelRefused:        {"The original stands and the replacement was withdrawn. Ask the warehouse.", retryOrLeave},
	CancelUnconfirmed:    {"Ask the warehouse. Proceed once it said that it will not ship; a confirmation that still comes goes on by itself.", anyOfTheThree},
	CancelledAfterLeave:  {"Nobody ships. Retry hands it over now; or ship it by hand and leave it.", retryOrLeave},
	OverAllocated:        {"Cancel what is too much, then retry.", retryOrLeave},
	SendRefused:          {"Nobody ships. Send the replacement by hand, or retry.", retryOnly},
	ReplacementSentEarly: {"Cancel one of the two at once.", leaveOnly},
	ReplacementCancelled: {"Nobody ships. Find out who cancelled it and why. If the customer wants the goods, retry makes another replacement; else leave it.", retryOrLeave},
	ReleasedThenRejected: {"Cancel one of the two at once, then leave it.", leaveOnly},
	PartlyRejected:       {"Find a place for the lines that were refused.", leaveOnly},
	FallbackSilent:       {"Ask the fallback. An answer that still comes goes on by itself.", retryOrLeave},
	FallbacksExhausted:   {"Nobody ships. Add a candidate to the policy, reload it and retry.", retryOnly},
	HopsExhausted:        {"Nobody ships. Find out why; raise handover.max_hops, restart and retry.", retryOnly},
	OrderOnHold:          {"Resume the order, then retry.", retryOrLeave},
	OrderNotOpen:         {"Look at the order. If the original was released, nobody ships.", retryOrLeave},
	Forbidden:            {"Grant the scope to the application, then retry.", retryOnly},
	RetriesExhausted:     {"Wait until the platform works, then retry.", retryOnly},
	UnprovenDraft:        {"If the order has nothing else, send the draft by hand; else remove it. Then leave the row.", retryOrLeave},
	JournalCorrupt:       {"Look at the delivery order in HappyColis, and leave the row.", leaveOnly},
	UnknownState:         {"Look at it in HappyColis.", retryOrLeave},
}
