package handover

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// targetAnswer is what became of a replacement that was sent.
type targetAnswer int

const (
	silent targetAnswer = iota
	accepted
	rejectedAll       // by its location
	rejectedPart      // by its location
	cancelledByOthers // nothing of it is live, and its location did not reject it
)

// confirmAcceptance waits until the target took the replacement: acceptance where a warehouse was asked, the status
// elsewhere. The index, fed by webhooks, is asked first; a poll is the net beneath. Only a read of ours shows that the
// replacement was rejected or cancelled, or that a deadline passed.
func (x *attempt) confirmAcceptance(ctx context.Context) error {
	r := x.r
	if r.WaitStartedAt.IsZero() {
		r.WaitStartedAt = x.h.Now()
	}
	if err := x.handleCancelReverted(ctx); err != nil {
		return err
	}
	if r.ReplacementCancel != nil { // its location had rejected it
		d, err := x.readReplacement(ctx, x.org.ForHandover)
		if err != nil {
			return err
		}
		return x.handleRejected(ctx, d)
	}
	entry, known, err := x.h.Index.Get(ctx, r.Organization, r.Replacement)
	if err != nil {
		return err
	}
	said, read := silent, r.SentAt
	if known {
		said = x.classifyAnswer(entry)
	}
	var d *happycolis.DeliveryOrder
	due := !r.PollAt.IsZero() && !x.h.Now().Before(r.PollAt)
	if said != accepted && (said != silent || due) {
		var err error
		if d, err = x.readReplacement(ctx, x.org.ForBackground); err != nil {
			return err
		}
		said, read = x.classifyAnswer(IndexEntry(d)), d.SentAt
	}
	if said != cancelledByOthers {
		r.ReplacementGoneAt = time.Time{}
	}
	switch said {
	case accepted:
		return x.finishAccepted(ctx)
	case rejectedAll:
		return x.handleRejected(ctx, d)
	case rejectedPart:
		return needsPerson(journal.PartlyRejected)
	case cancelledByOthers:
		if err := x.handleReplacementCancelled(ctx); err != nil {
			return err
		}
		return goToStep{name: stepCheck} // it may be the platform's own re-dispatch, or the end of the order
	case silent:
	}
	if err := x.delegateToFallbackIncident(ctx); err != nil {
		return err
	}
	if late, err := x.deadlineExceeded(ctx, read, x.h.Settings.AcceptTimeout); err != nil {
		return err
	} else if late {
		return needsPerson(journal.FallbackSilent)
	}
	return waitUntil(x.scheduleNextPoll(x.h.Settings.AcceptTimeout), "")
}

// classifyAnswer reads the answer out of lines, status and events.
func (x *attempt) classifyAnswer(e index.Entry) targetAnswer {
	var liveLines, rejectedLines, takenLines int
	for _, l := range e.Lines {
		switch l.Status {
		case lineCanceled:
		case lineRejected:
			rejectedLines++
		case lineAccepted, "IN_PROGRESS", "PARTIALLY_FULFILLED", "FULFILLED", "DELIVERED":
			liveLines++
			takenLines++
		default:
			liveLines++
		}
	}
	asksWarehouse := x.r.FulfilmentRequested && (x.r.ToType == typeWarehouse || x.r.ToType == "")
	refused := isRejectedLast(e.Events)
	switch {
	case len(e.Lines) == 0:
		return silent
	case rejectedLines == len(e.Lines):
		return rejectedAll
	case rejectedLines > 0:
		return rejectedPart
	case liveLines == 0 && refused:
		return rejectedAll
	case liveLines == 0:
		return cancelledByOthers
	case refused && takenLines == 0:
		return rejectedAll // its lines do not show it yet, or never will
	case asksWarehouse && (takenLines == liveLines || slices.Contains(e.Events, eventAccepted) || e.Status == statusOpened):
		return accepted
	case !asksWarehouse && (e.Status == statusPending || e.Status == statusOpened || e.Status == statusCompleted):
		return accepted
	}
	return silent
}

// isRejectedLast reports whether the last word of a location in the log is that it rejects: later than the last request, and
// than the last acceptance.
func isRejectedLast(events []string) bool {
	for _, e := range slices.Backward(events) {
		switch e {
		case eventRejected:
			return true
		case eventRequested, eventAccepted:
			return false
		}
	}
	return false
}

// finishAccepted ends the handover. Where the platform dispatches by itself the quantities are summed once more.
func (x *attempt) finishAccepted(ctx context.Context) error {
	if x.r.Dispatch != dispatchAutomatic {
		return reassigned{}
	}
	if err := x.recheckQuantities(ctx); err != nil {
		return err
	}
	return reassigned{}
}

// handleRejected cancels the replacement, as read just now, that its target refused, and goes on to the next candidate. While a
// line of it is live that waits for the confirmation of the cancel. One that we only adopted is the platform's: an operator
// sees to it.
func (x *attempt) handleRejected(ctx context.Context, d *happycolis.DeliveryOrder) error {
	r := x.r
	if r.Adopted {
		return needsPerson(journal.FallbackSilent)
	}
	x.invalidateCache()
	if isLive(*d) || r.ReplacementCancel != nil {
		if err := x.cancelReplacement(ctx, d, journal.FallbackSilent); err != nil {
			return err
		}
		return x.rejectCandidate(journal.FallbacksExhausted)
	}
	if r.Intent == nil {
		became, err := x.mutate(ctx, true, d.SentAt, func(a *happycolis.Account) error { return a.CancelDeliveryOrder(ctx, r.Replacement) })
		if became == unsent {
			return err
		}
	}
	// Refused or lost: nothing of it is live, so it covers nothing whether the cancel was applied or not.
	r.Intent = nil
	r.DetachReplacement()
	return x.rejectCandidate(journal.FallbacksExhausted)
}
