package journal

// Meaning says in a few words why a delivery order needs a person, or was left; "" for a reason that this
// release does not know.
func (r Reason) Meaning() string { return meanings[r] }

// meanings say in a few words why a delivery order needs a person, or was left.
var meanings = map[Reason]string{
	AlreadyPreparing:     "the location has begun to prepare it",
	AlreadyShipped:       "some of it was shipped",
	OpenedNotEnabled:     "the location accepted it; moving OPENED ones is not enabled",
	StatusNotEnabled:     "moving this status is not enabled",
	AggregatedOrders:     "it serves several orders at once",
	AmbiguousOrderLine:   "its lines cannot be told apart in the order, or a quantity is not known",
	PolicyRule:           "the policy asks for a person",
	FactUnknown:          "the policy asks for something that is not known",
	NoCandidate:          "no fallback passes the fences",
	CreateRefused:        "the platform refused a replacement",
	UpdateRefused:        "the platform refused to move it",
	DraftConflict:        "another draft covers the same lines",
	CancelRefused:        "the platform refused to cancel it",
	CancelUnconfirmed:    "its cancellation was never confirmed",
	CancelledAfterLeave:  "it was cancelled after it was left",
	OverAllocated:        "more units are under way than were ordered, or how many is not known",
	SendRefused:          "the platform refused to send the replacement",
	ReplacementSentEarly: "URGENT: the replacement was sent before the original was cancelled",
	ReplacementCancelled: "somebody else cancelled the replacement",
	ReleasedThenRejected: "URGENT: what was cancelled came back after another was sent",
	PartlyRejected:       "the fallback refused only a part",
	FallbackSilent:       "the fallback has not answered",
	FallbacksExhausted:   "every fallback refused it",
	HopsExhausted:        "it was passed on too often",
	OrderOnHold:          "the order is on hold",
	OrderNotOpen:         "the order is not open",
	Forbidden:            "the platform forbids it: a scope is missing",
	RetriesExhausted:     "the platform failed too often",
	UnprovenDraft:        "a draft is there that nobody can be shown to have made",
	JournalCorrupt:       "its record cannot be read",
	UnknownState:         "its state is not understood",

	PolicyLeave: "the policy leaves it",
	ConfigLeave: "the configuration leaves it",
	Recovered:   "the location recovered",
	StoppedByUs: "the incident was stopped",
	ByPerson:    "a person left it there",
	Gone:        "it was gone before it was touched",
}
