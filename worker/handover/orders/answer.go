package orders

import (
	"slices"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Answer is what became of a replacement that was sent.
type Answer int

// The answers.
const (
	Silent            Answer = iota // its location did not say anything yet
	Accepted                        // its location took it
	RejectedAll                     // by its location
	RejectedPart                    // by its location
	CancelledByOthers               // nothing of it is live, and its location did not reject it
)

// ClassifyAnswer reads the answer to the replacement of a record out of its lines, status and events.
func ClassifyAnswer(r *journal.Reassignment, e index.Entry) Answer {
	var liveLines, rejectedLines, takenLines int
	for _, l := range e.Lines {
		switch l.Status {
		case LineCanceled:
		case lineRejected:
			rejectedLines++
		case lineAccepted, "IN_PROGRESS", "PARTIALLY_FULFILLED", "FULFILLED", "DELIVERED":
			liveLines++
			takenLines++
		default:
			liveLines++
		}
	}
	asksWarehouse := r.Original.FulfilmentRequested && (r.Decision.ToType == typeWarehouse || r.Decision.ToType == "")
	refused := isRejectedLast(e.Events)
	switch {
	case len(e.Lines) == 0:
		return Silent
	case rejectedLines == len(e.Lines):
		return RejectedAll
	case rejectedLines > 0:
		return RejectedPart
	case liveLines == 0 && refused:
		return RejectedAll
	case liveLines == 0:
		return CancelledByOthers
	case refused && takenLines == 0:
		return RejectedAll // its lines do not show it yet, or never will
	case asksWarehouse && (takenLines == liveLines || slices.Contains(e.Events, eventAccepted) || e.Status == StatusOpened):
		return Accepted
	case !asksWarehouse && (e.Status == StatusPending || e.Status == StatusOpened || e.Status == StatusCompleted):
		return Accepted
	}
	return Silent
}

// isRejectedLast reports whether the last word of a location in the log is that it rejects: later than the last request, and
// than the last acceptance.
func isRejectedLast(events []string) bool {
	for _, e := range slices.Backward(events) {
		switch e {
		case eventRejected:
			return true
		case EventRequested, eventAccepted:
			return false
		}
	}
	return false
}
