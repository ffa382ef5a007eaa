package main

import "happycolis-reassigner/worker/journal"

// meanings say in a few words why a delivery order needs a person, or was left.
var meanings = map[journal.Reason]string{
	journal.AlreadyPreparing:     "the location has begun to prepare it",
	journal.AlreadyShipped:       "some of it was shipped",
	journal.OpenedNotEnabled:     "the location accepted it; moving OPENED ones is not enabled",
	journal.StatusNotEnabled:     "moving this status is not enabled",
	journal.AggregatedOrders:     "it serves several orders at once",
	journal.AmbiguousOrderLine:   "its lines cannot be told apart in the order",
	journal.PolicyRule:           "the policy asks for a person",
	journal.FactUnknown:          "the policy asks for something that is not known",
	journal.NoCandidate:          "no fallback passes the fences",
	journal.CreateRefused:        "the platform refused a replacement",
	journal.UpdateRefused:        "the platform refused to move it",
	journal.DraftConflict:        "another draft covers the same lines",
	journal.CancelRefused:        "the platform refused to cancel it",
	journal.CancelUnconfirmed:    "its cancellation was never confirmed",
	journal.CancelledAfterLeave:  "it was cancelled after it was left",
	journal.OverAllocated:        "more units are under way than were ordered",
	journal.SendRefused:          "the platform refused to send the replacement",
	journal.ReplacementSentEarly: "URGENT: the replacement was sent before the original was cancelled",
	journal.ReleasedThenRejected: "URGENT: the original came back after the replacement was sent",
	journal.PartlyRejected:       "the fallback took only a part",
	journal.FallbackSilent:       "the fallback has not answered",
	journal.FallbacksExhausted:   "every fallback refused it",
	journal.HopsExhausted:        "it was passed on too often",
	journal.OrderOnHold:          "the order is on hold",
	journal.OrderNotOpen:         "the order is not open",
	journal.Forbidden:            "the platform forbids it: a scope is missing",
	journal.RetriesExhausted:     "the platform failed too often",
	journal.UnprovenDraft:        "a draft is there that nobody can be shown to have made",
	journal.JournalCorrupt:       "its record cannot be read",
	journal.UnknownState:         "its state is not understood",

	journal.PolicyLeave: "the policy leaves it",
	journal.ConfigLeave: "the configuration leaves it",
	journal.Recovered:   "the location recovered",
	journal.StoppedByUs: "the incident was stopped",
	journal.ByPerson:    "a person left it there",
	journal.Gone:        "it was gone before it was touched",
}

func meaning(reason *string) string {
	if reason == nil {
		return ""
	}
	return meanings[journal.Reason(*reason)]
}
