package handover

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// Proceed goes on although the release is not confirmed: an operator answers for it that the location will not
// ship the original. It applies to cancel_unconfirmed only, and is refused with ErrMovedOn unless a fresh
// read shows the location in ERROR and nothing of the original begun. If the release turns out to be
// confirmed, the handover just goes on.
func (h *Handover) Proceed(ctx context.Context, r *journal.Reassignment, by Actor) error {
	if err := checkVerb(api.VerbProceed, r); err != nil {
		return err
	}
	org := h.Organizations[r.Identity.Organization]
	if org == nil {
		return NewUserError(ErrNotApplicable, "%s belongs to organization %s, which is not configured", r.Identity.DeliveryOrder, r.Identity.Organization)
	}
	x := h.newAttempt(org, r, tasks.Reassign{})
	view, err := x.readOriginalNow(ctx)
	if err != nil {
		return err
	}
	parked := r.Retry.ArchivedVersion
	if !x.isCancelConfirmed(view) {
		reason, err := x.checkMayShip(ctx, view)
		if err != nil {
			return err
		}
		switch reason {
		case "":
		case journal.CancelUnconfirmed:
			return NewUserError(ErrMovedOn, "the location of %s does not read ERROR any more, so it may ship it after all; cancel it in HappyColis and it goes on by itself, or leave it: reassigner orders leave %s --reason \"WHY\"",
				r.Identity.DeliveryOrder, plaintext.ShellWord(r.Identity.DeliveryOrder))
		default:
			return NewUserError(ErrMovedOn, "work on %s began where it is (%s: %s), so it may ship from there; leave it: reassigner orders leave %s --reason \"WHY\"",
				r.Identity.DeliveryOrder, reason, reason.Meaning(), plaintext.ShellWord(r.Identity.DeliveryOrder))
		}
		r.Release.Proceeded, r.Release.ConfirmedAt = true, h.Now().UTC()
	}
	h.resetForRetry(r, "proceed: "+by.Reason, by.User)
	if err := h.reenqueue(ctx, r); err != nil {
		return err
	}
	return h.deleteArchivedTask(ctx, r, parked)
}

// checkMayShip returns why the location of an original may ship it although an operator says that it will not: by a fresh read,
// work on it began, or its location does not read ERROR any more. "" where nothing contradicts the operator.
func (x *attempt) checkMayShip(ctx context.Context, view *happycolis.DeliveryOrder) (journal.Reason, error) {
	if reason, begun := orders.CheckWorkBegun(view); begun {
		return reason, nil
	}
	inc, err := x.readIncident(ctx)
	if err != nil || orders.MayRelease(inc, view.Location.Integration) {
		return "", err
	}
	return journal.CancelUnconfirmed, nil
}

// recheckProceed asks the conditions of proceed once more, of the read on which the replacement would be sent. Where one
// does not hold any more, the operator's word does not either: the row is as it was, and the DRAFT stays. nil: they hold.
func (x *attempt) recheckProceed(ctx context.Context, view *happycolis.DeliveryOrder) error {
	r := x.r
	if x.isCancelConfirmed(view) {
		return nil
	}
	reason, err := x.checkMayShip(ctx, view)
	if err != nil {
		return err
	}
	switch reason {
	case "":
		return nil
	case journal.UnknownState:
		reason = journal.CancelUnconfirmed
	default:
	}
	r.Release.Proceeded, r.Release.ConfirmedAt = false, time.Time{}
	r.Note(x.h.Now(), "proceed does not hold any more: "+reason.Meaning())
	return needsPerson(reason)
}

// readOriginalNow reads the original for an operator who waits; a short wait for the rate limit is waited out.
func (x *attempt) readOriginalNow(ctx context.Context) (*happycolis.DeliveryOrder, error) {
	for {
		view, err := x.refreshOriginal(ctx, x.org.ForHandover)
		err = x.handleRequestError(err)
		result, ok := outcomeOf(err)
		w, waits := result.(wait)
		switch {
		case err == nil && !x.isFresh(view.SentAt):
			return nil, NewUserError(ErrMovedOn, "the platform took longer to show %s than what it shows is good for (%s); repeat it when it is quicker",
				x.r.Identity.DeliveryOrder, decision.Fresh)
		case err == nil:
			return view, nil
		case !ok:
			return nil, err
		case !waits || !w.throttled:
			return nil, NewUserError(ErrMovedOn, "%s does not read as it should (%s); look at it: reassigner orders show %s",
				x.r.Identity.DeliveryOrder, result, plaintext.ShellWord(x.r.Identity.DeliveryOrder))
		}
		if err := x.reader.SleepUntil(ctx, w.until); err != nil {
			return nil, fmt.Errorf("reading %s: %w", x.r.Identity.DeliveryOrder, err)
		}
	}
}
