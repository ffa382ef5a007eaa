package api

// Advice is what an operator does about a reason, and the verbs of the command line that help.
type Advice struct {
	Do    string
	Verbs []string
}

// explanation is the text about one reason.
type explanation struct {
	meaning string // in a few words, for a line of a table
	advice  Advice // of a reason of needs_person
	detail  string // Markdown, for docs/reasons.md: what else leads to it, and what else to know
	// severity is of a reason of needs_person, however far the release is; "": while the original stands, it waits.
	severity Severity
}

// Meaning says in a few words why a delivery order needs an operator, or was left; "" for a reason that this release
// does not know, such as one of a newer release.
func (r Reason) Meaning() string { return explanations[r].meaning }

// Advice returns what to do about a reason of needs_person; for any other it is empty.
func (r Reason) Advice() Advice { return explanations[r].advice }

var (
	leaveOnly     = []string{VerbLeave}
	retryOnly     = []string{VerbRetry}
	retryOrLeave  = []string{VerbRetry, VerbLeave}
	anyOfTheThree = []string{VerbRetry, VerbLeave, VerbProceed}
)

// explanations is the one table about reasons: the command line, the console and the alerts read it, and
// docs/reasons.md is generated from it.
var explanations = map[Reason]explanation{
	AlreadyPreparing: {
		meaning: "the location has begun to prepare it",
		advice:  Advice{"Ask the warehouse; it will usually ship.", leaveOnly},
		detail:  "A line of it is `IN_PROGRESS`.",
	},
	AlreadyShipped: {
		meaning: "some of it was shipped",
		advice:  Advice{"Nothing to move as a whole. See to the rest by hand.", leaveOnly},
		detail:  "A shipment exists, or units of it are fulfilled.",
	},
	OpenedNotEnabled: {
		meaning: "the location accepted it; moving OPENED ones is not enabled",
		advice:  Advice{"Ask the warehouse; or enable OPENED in handover.statuses and restart.", retryOrLeave},
		detail:  "`OPENED` is not among `handover.statuses`.",
	},
	StatusNotEnabled: {
		meaning: "moving this status is not enabled",
		advice:  Advice{"Enable its status in handover.statuses and restart, or leave it.", retryOrLeave},
		detail:  "It is not among `handover.statuses`.",
	},
	AggregatedOrders: {
		meaning: "it serves several orders at once",
		advice:  Advice{"Move it by hand: a replacement can serve only one order.", leaveOnly},
	},
	AmbiguousOrderLine: {
		meaning: "its lines cannot be told apart in the order, or a quantity is not known",
		advice:  Advice{"Move it by hand: a SKU stands in the order twice, or not at all, or a quantity is not shown.", leaveOnly},
	},
	PolicyRule: {
		meaning: "the policy asks for a person",
		advice:  Advice{"Decide; or change the policy, reload it and retry.", retryOrLeave},
		detail: "By a rule, or by its default. It may also say `leave` of a delivery order that was released already: then " +
			"**nobody ships**. Or the policy changed after the plan that was approved (`incidents show` says how), or " +
			"the delivery order was reopened and no approved plan names it: then approve again.",
	},
	FactUnknown: {
		meaning: "the policy asks for something that is not known",
		advice:  Advice{"The decision names what is not known. Change the rule (unknown: skip), or import.", retryOrLeave},
		detail:  "`orders show` names it.",
	},
	NoCandidate: {
		meaning: "no fallback passes the fences",
		advice:  Advice{"The decision names the fence. Mend the fallback or the policy.", retryOrLeave},
		detail:  "Or those that pass were full for 24 hours. `orders show` names the fence.",
	},
	CreateRefused: {
		meaning: "the platform refused a replacement",
		advice:  Advice{"Nothing was destroyed. The timeline has the platform's code. Retry asks every candidate again.", retryOrLeave},
		detail:  "Every candidate was tried; `orders show` has the platform's code.",
	},
	UpdateRefused: {
		meaning: "the platform refused to move it",
		advice:  Advice{"It stands where it was. The timeline has the platform's code. Retry asks every candidate again.", retryOrLeave},
		detail:  "Every candidate was tried; `orders show` has the platform's code.",
	},
	DraftConflict: {
		meaning: "another draft covers the same lines",
		advice:  Advice{"Compare the order's delivery orders, and remove what is too much.", retryOrLeave},
		detail: "Or the lines of the `DRAFT`, or its location, differ from what was asked for; or our replacement was " +
			"cancelled or could not be removed; or it was moved, and was moved back to the failing location twice.",
	},
	CancelRefused: {
		meaning: "the platform refused to cancel it",
		advice:  Advice{"The original stands and the replacement was withdrawn. Ask the warehouse.", retryOrLeave},
		detail:  "Or it took the cancellation, and rejected it later.",
	},
	CancelUnconfirmed: {
		meaning: "its cancellation was never confirmed",
		advice:  Advice{"Ask the warehouse. Proceed once it said that it will not ship; a confirmation that still comes goes on by itself.", anyOfTheThree},
		detail: "Not within `handover.cancel_timeout`; or what *proceed* rests on does not hold any more. The replacement " +
			"waits as a `DRAFT`. *retry* asks for the cancellation once more, if the location still reads `ERROR` and " +
			"has not begun, and waits anew. *proceed* sends the replacement once the warehouse said that it will not " +
			"ship, if a read shows `ERROR` and that nothing was begun, both now and again before it is sent.",
	},
	CancelledAfterLeave: {
		meaning:  "it was cancelled after it was left",
		advice:   Advice{"Nobody ships. Retry hands it over now; or ship it by hand and leave it.", retryOrLeave},
		severity: NobodyShips,
	},
	OverAllocated: {
		meaning: "more units are under way than were ordered, or how many is not known",
		advice:  Advice{"Cancel what is too much, then retry.", retryOrLeave},
		detail: "Counted over all delivery orders of the order, as they stand or as they would stand if ours were sent. Or " +
			"somebody sent a `DRAFT` of ours that was one too many.",
		severity: MayShipTwice,
	},
	SendRefused: {
		meaning:  "the platform refused to send the replacement",
		advice:   Advice{"Nobody ships. Send the replacement by hand, or retry.", retryOnly},
		detail:   "The original is released.",
		severity: NobodyShips,
	},
	ReplacementSentEarly: {
		meaning: "URGENT: the replacement was sent before the original was cancelled",
		advice:  Advice{"Cancel one of the two at once.", leaveOnly},
		detail: "Somebody sent our `DRAFT` while the original stood; and it was accepted, or our cancellation of it was " +
			"refused or is not confirmed.",
		severity: MayShipTwice,
	},
	ReplacementCancelled: {
		meaning: "somebody else cancelled the replacement",
		advice:  Advice{"Nobody ships. Find out who cancelled it and why. If the customer wants the goods, retry makes another replacement; else leave it.", retryOrLeave},
		detail: "The original is released. Should the replacement come back, it goes on by itself. *retry* makes another " +
			"replacement each time, so use it one by one.",
		severity: NobodyShips,
	},
	ReleasedThenRejected: {
		meaning: "URGENT: what was cancelled came back after another was sent",
		advice:  Advice{"Cancel one of the two at once, then leave it.", leaveOnly},
		detail: "The original came back after its replacement was sent; and the replacement was accepted, or our " +
			"cancellation of it was refused or is not confirmed. Or a former replacement came back after another was " +
			"sent.",
		severity: MayShipTwice,
	},
	PartlyRejected: {
		meaning:  "the fallback refused only a part",
		advice:   Advice{"Find a place for the lines that were refused.", leaveOnly},
		severity: NobodyShips,
	},
	FallbackSilent: {
		meaning: "the fallback has not answered",
		advice:  Advice{"Ask the fallback. An answer that still comes goes on by itself.", retryOrLeave},
		detail: "Not within `handover.accept_timeout`; or it refused, and what is left there is the platform's own, or our " +
			"cancellation of it was refused or is not confirmed.",
		severity: NobodyShips,
	},
	FallbacksExhausted: {
		meaning:  "every fallback refused it",
		advice:   Advice{"Nobody ships. Add a candidate to the policy, reload it and retry.", retryOnly},
		detail:   "The original is released.",
		severity: NobodyShips,
	},
	HopsExhausted: {
		meaning:  "it was passed on too often",
		advice:   Advice{"Nobody ships. Find out why; raise handover.max_hops, restart and retry.", retryOnly},
		detail:   "The original is released, and `handover.max_hops` replacements were sent and refused.",
		severity: NobodyShips,
	},
	OrderOnHold: {
		meaning: "the order is on hold",
		advice:  Advice{"Resume the order, then retry.", retryOrLeave},
	},
	OrderNotOpen: {
		meaning: "the order is not open",
		advice:  Advice{"Look at the order. If the original was released, nobody ships.", retryOrLeave},
	},
	Forbidden: {
		meaning: "the platform forbids it: a scope is missing",
		advice:  Advice{"Grant the scope to the application, then retry.", retryOnly},
		detail:  "Or something on the way refuses (HTTP 403). If the original was released, **nobody ships**.",
	},
	RetriesExhausted: {
		meaning: "the platform failed too often",
		advice:  Advice{"Wait until the platform works, then retry.", retryOnly},
		detail: "It failed, or took too long over each answer, for about three hours. If the original was released, " +
			"**nobody ships**.",
	},
	UnprovenDraft: {
		meaning: "a draft is there that nobody can be shown to have made",
		advice:  Advice{"If the order has nothing else, send the draft by hand; else remove it. Then leave the row.", retryOrLeave},
		detail: "It may be ours, and no record proves it: several match after a lost reply; or the original is cancelled " +
			"and the record of it was lost; or the original vanished before its release, or its location rejected it, " +
			"and the `DRAFT` may be all that is left. `orders list` shows the `DRAFT` as `replacement_id`. Nothing of " +
			"ours touches it, nor does *leave* or a recovery.",
		severity: NobodyShips,
	},
	JournalCorrupt: {
		meaning:  "its record cannot be read",
		advice:   Advice{"Look at the delivery order in HappyColis, and leave the row.", leaveOnly},
		detail:   "Or the record of its incident cannot.",
		severity: NobodyShips,
	},
	UnknownState: {
		meaning: "its state is not understood",
		advice:  Advice{"Look at it in HappyColis.", retryOrLeave},
		detail: "Its status, or that of a line, is not known to this release; or the original vanished after its release. " +
			"If it vanished for good, leave the row and dispatch the order anew.",
	},
	PolicyLeave: {
		meaning: "the policy leaves it",
	},
	ConfigLeave: {
		meaning: "the configuration leaves it",
		detail:  "`handover.auto_dispatched` is `leave`, and the platform dispatches this one by itself.",
	},
	Recovered: {
		meaning: "the location recovered",
		detail: "The release had not begun. If the integration fails again before the incident is closed, the row is " +
			"reopened after `incident.settle`.",
	},
	StoppedByUs: {
		meaning: "the incident was stopped",
	},
	ByPerson: {
		meaning: "a person left it there",
	},
	Gone: {
		meaning: "it was gone before it was touched",
		detail: "Somebody else cancelled, completed or moved it, or its location rejected it line by line. If it comes " +
			"back while the incident lasts, the row is reopened.",
	},
}
