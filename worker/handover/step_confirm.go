package handover

import (
	"context"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// confirmAcceptance waits until the target took the replacement: acceptance where a warehouse was asked, the status
// elsewhere. The index, fed by webhooks, is asked first; a poll is the net beneath. Only a read of ours shows that the
// replacement was rejected or cancelled, or that a deadline passed.
func (x *attempt) confirmAcceptance(ctx context.Context) error {
	r := x.r
	if r.Wait.StartedAt.IsZero() {
		r.Wait.StartedAt = x.h.Now()
	}
	if err := x.handleCancelReverted(ctx); err != nil {
		return err
	}
	if r.Replacement.Cancel != nil { // its location had rejected it
		d, err := x.readReplacement(ctx, x.org.ForHandover)
		if err != nil {
			return err
		}
		return x.handleRejected(ctx, d)
	}
	entry, known, err := x.h.Index.Get(ctx, r.Identity.Organization, r.Replacement.ID)
	if err != nil {
		return err
	}
	said, read := orders.Silent, r.Replacement.SentAt
	if known {
		said = orders.ClassifyAnswer(x.r, entry)
	}
	var d *happycolis.DeliveryOrder
	due := !r.Wait.PollAt.IsZero() && !x.h.Now().Before(r.Wait.PollAt)
	if said != orders.Accepted && (said != orders.Silent || due) {
		var err error
		if d, err = x.readReplacement(ctx, x.org.ForBackground); err != nil {
			return err
		}
		said, read = orders.ClassifyAnswer(x.r, orders.IndexEntry(d)), d.SentAt
	}
	if said != orders.CancelledByOthers {
		r.Replacement.GoneAt = time.Time{}
	}
	switch said {
	case orders.Accepted:
		return x.finishAccepted(ctx)
	case orders.RejectedAll:
		return x.handleRejected(ctx, d)
	case orders.RejectedPart:
		return needsPerson(journal.PartlyRejected)
	case orders.CancelledByOthers:
		if err := x.handleReplacementCancelled(ctx); err != nil {
			return err
		}
		return goToStep{name: stepCheck} // it may be the platform's own re-dispatch, or the end of the order
	case orders.Silent:
	}
	if err := x.delegateToFallbackIncident(ctx); err != nil {
		return err
	}
	if late, err := x.deadlineExceeded(ctx, read, x.h.Settings.AcceptTimeout); err != nil {
		return err
	} else if late {
		return needsPerson(journal.FallbackSilent)
	}
	return waitingFor(api.WaitAcceptance, r.Wait.StartedAt, x.h.Settings.AcceptTimeout, waitUntil(x.scheduleNextPoll(x.h.Settings.AcceptTimeout), ""))
}

// finishAccepted ends the handover. Where the platform dispatches by itself the quantities are summed once more.
func (x *attempt) finishAccepted(ctx context.Context) error {
	if x.r.Original.Dispatch != orders.DispatchAutomatic {
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
	if r.Replacement.Adopted {
		return needsPerson(journal.FallbackSilent)
	}
	x.invalidateCache()
	if orders.IsLive(*d) || r.Replacement.Cancel != nil {
		if err := x.cancelReplacement(ctx, d, journal.FallbackSilent); err != nil {
			return err
		}
		return x.rejectCandidate(journal.FallbacksExhausted)
	}
	if r.Intent == nil {
		became, err := x.mutate(ctx, true, d.SentAt, func(a *happycolis.Account) error { return a.CancelDeliveryOrder(ctx, r.Replacement.ID) })
		if became == unsent {
			return err
		}
	}
	// Refused or lost: nothing of it is live, so it covers nothing whether the cancel was applied or not.
	r.Intent = nil
	r.DetachReplacement()
	return x.rejectCandidate(journal.FallbacksExhausted)
}
