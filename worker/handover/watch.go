package handover

import (
	"context"
	"errors"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// This file holds what others may do while we work, and after: send our DRAFT, bring the original back,
// cancel an original that was left, let the fallback fail too. It is looked at whenever an event about
// one of the delivery orders comes, for as long as the record is kept.

// handleSentEarly looks whether somebody else sent our DRAFT before the release was confirmed. It is cancelled
// while its location has not taken it; else two delivery orders may ship, and an operator must act at once.
func (x *attempt) handleSentEarly(ctx context.Context, view *happycolis.DeliveryOrder) error {
	r := x.r
	if r.Replacement.ID == "" || len(view.Orders) != 1 {
		return nil
	}
	siblings := view.Orders[0].DeliveryOrders
	at := slices.IndexFunc(siblings, func(s happycolis.DeliveryOrder) bool { return s.ID == r.Replacement.ID })
	if at < 0 || siblings[at].Status == orders.StatusDraft && orders.IsLive(siblings[at]) {
		return nil
	}
	if s := siblings[at]; !orders.IsLive(s) && r.Replacement.Cancel == nil {
		return nil // cancelled by somebody else: what becomes of that is judged once the original is released
	}
	d, err := x.readReplacement(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	if d.Status == orders.StatusDraft && orders.IsLive(*d) {
		return nil // the list is older
	}
	if err := x.cancelReplacement(ctx, d, journal.ReplacementSentEarly); err != nil {
		return err
	}
	r.Note(x.h.Now(), "our DRAFT was sent by somebody else; it is withdrawn")
	return nil
}

// handleCancelReverted looks whether the original is alive again although its release was confirmed and the replacement sent. The
// replacement is cancelled while its location has not taken it, and that has to be confirmed; else two delivery orders may
// ship. So they may where a former replacement is alive again.
func (x *attempt) handleCancelReverted(ctx context.Context) error {
	r := x.r
	if err := x.handleFormerRevived(ctx); err != nil {
		return err
	}
	if !r.Released() || r.Release.Proceeded {
		return nil
	}
	e, known, err := x.h.Index.Get(ctx, r.Identity.Organization, r.Identity.DeliveryOrder)
	if err != nil {
		return err
	}
	cancelling := r.Replacement.Cancel != nil && r.Replacement.Cancel.ReasonIfKept == journal.ReleasedThenRejected
	doubted := known && (orders.IsStanding(e) || x.isCancelRejectedSince(e)) || !r.Release.DisputedAt.IsZero() // a stale read hides it from the index
	if !cancelling && !doubted {
		return nil
	}
	view, err := x.refreshOriginal(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	if !orders.IsLive(*view) && doubted {
		if err := x.handleDisputedCancel(e, view.SentAt); err != nil {
			return err
		}
	}
	if !orders.IsLive(*view) && !cancelling {
		return nil
	}
	if other, err := x.findTakeover(ctx); err != nil {
		return err
	} else if other != nil {
		r.Note(x.h.Now(), "the replacement "+r.Replacement.ID+" was handed over itself, by incident "+other.Identity.Incident+", to "+other.Replacement.ID)
		return needsPerson(journal.ReleasedThenRejected)
	}
	d, err := x.readReplacement(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	if r.Replacement.Adopted && orders.IsLive(*d) {
		return needsPerson(journal.ReleasedThenRejected)
	}
	if err := x.cancelReplacement(ctx, d, journal.ReleasedThenRejected); err != nil {
		return err
	}
	if !orders.IsLive(*view) { // the original went again, and what we cancelled for it with it
		return decideAnew()
	}
	r.Release.ConfirmedAt, r.Release.IntendedAt = time.Time{}, time.Time{}
	return compensate{journal.NeedsPerson, journal.CancelRefused}
}

// findTakeover returns the record of another incident that released our replacement in its turn, or is about to: what ships is
// then not ours to cancel. nil: there is none.
func (x *attempt) findTakeover(ctx context.Context) (*journal.Reassignment, error) {
	ids, err := x.h.Journal.Find(ctx, x.r.Identity.Organization, x.r.Replacement.ID)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		other, err := x.h.Journal.Get(ctx, x.r.Identity.Organization, id)
		switch {
		case journal.IsUnreadable(err):
		case err != nil:
			return nil, err
		case other.Identity.DeliveryOrder == x.r.Replacement.ID && other.ReleaseBegan() && other.State != journal.Left:
			return other, nil
		}
	}
	return nil, nil
}

// handleFormerRevived looks whether a replacement that was given up, and another sent in its place, is alive and sent again: its
// cancellation was taken back.
func (x *attempt) handleFormerRevived(ctx context.Context) error {
	r := x.r
	for _, id := range r.Replacement.Past {
		e, known, err := x.h.Index.Get(ctx, r.Identity.Organization, id)
		if err != nil {
			return err
		}
		if !r.Sent() || !known || !orders.IsStanding(e) {
			continue
		}
		if e.Status == orders.StatusDraft {
			withdrawFormer(r, id, x.h.Now())
			return x.resolveLateDrafts(ctx)
		}
		account, err := x.reader.AcquireReadToken(ctx, x.org.ForHandover)
		if err != nil {
			return err
		}
		d, err := account.DeliveryOrder(ctx, id)
		if err != nil {
			return err
		}
		if _, err := x.h.Index.Put(ctx, r.Identity.Organization, orders.IndexEntry(d), ""); err != nil {
			return err
		}
		if orders.IsLive(*d) && d.Status != orders.StatusDraft {
			r.Note(x.h.Now(), "the former replacement "+id+" is alive again")
			return needsPerson(journal.ReleasedThenRejected)
		}
	}
	return nil
}

// withdrawFormer has a former replacement withdrawn that is a DRAFT and alive again, since its cancellation was taken back: nobody
// was asked to ship it, and nobody needs it.
func withdrawFormer(r *journal.Reassignment, id string, now time.Time) {
	r.Replacement.Past = slices.DeleteFunc(r.Replacement.Past, func(other string) bool { return other == id })
	r.Replacement.LateDrafts = append(r.Replacement.LateDrafts, id)
	r.Note(now, "the former replacement "+id+", a DRAFT, is alive again")
}

// delegateToFallbackIncident ends a handover whose fallback failed before it answered: the replacement was sent and stands
// there, and the incident of that location takes it from here, with its own gates.
func (x *attempt) delegateToFallbackIncident(ctx context.Context) error {
	failing, err := x.h.Journal.OpenIncidents(ctx, x.r.Identity.Organization)
	if err != nil {
		return err
	}
	id := failing[x.r.Decision.ToID]
	if id == "" || x.r.Replacement.Adopted {
		return nil
	}
	inc, err := x.h.Journal.Incident(ctx, x.r.Identity.Organization, id)
	if journal.IsUnreadable(err) {
		return nil // it takes nothing over
	}
	if err != nil {
		return err
	}
	if !inc.MayBegin() {
		return nil
	}
	x.r.Note(x.h.Now(), x.r.Decision.To+" failed too: its incident "+id+" takes over")
	return reassigned{}
}

// reopenIfChanged reopens a reassignment that had ended, if the index shows that it has to be looked at again.
func (h *Handover) reopenIfChanged(ctx context.Context, r *journal.Reassignment, deliveryOrder string) error {
	if slices.Contains(r.Replacement.Past, deliveryOrder) {
		return h.reopenForFormer(ctx, r, deliveryOrder)
	}
	if deliveryOrder != r.Identity.DeliveryOrder || r.Release.CancelSentAt.IsZero() {
		return nil
	}
	e, known, err := h.Index.Get(ctx, r.Identity.Organization, deliveryOrder)
	if err != nil || !known {
		return err
	}
	switch {
	case r.State == journal.Reassigned && r.Released() && !r.Release.Proceeded && orders.IsStanding(e):
		h.resetForRetry(r, "the original shows live lines again", "")
	case r.State == journal.Left && !r.Released() && (r.Reason != journal.Gone || e.Canceled.Recorded) && !orders.IsStanding(e) && orders.IndexedCanceledEvents(e.Canceled).Beyond(r.CanceledKnown()):
		r.State, r.Reason, r.Retry.ArchivedVersion = journal.NeedsPerson, journal.CancelledAfterLeave, 0
		r.Note(h.Now(), "the original was cancelled after it had been left")
	default:
		return nil
	}
	if r.State == journal.NeedsPerson {
		return ignoreObsolete(h.enqueue(ctx, r)) // its task tells that it rests
	}
	err = h.reenqueue(ctx, r)
	if errors.Is(err, journal.ErrOwned) { // by whoever moves its replacement on: nobody but an operator sees both
		r.State, r.Reason = journal.NeedsPerson, journal.ReleasedThenRejected
		r.Note(h.Now(), "a later incident moves its replacement on")
		err = h.enqueue(ctx, r)
	}
	return ignoreObsolete(err)
}

// RecheckEnded is for who finds a reassignment that had ended in flight at its location, though no event told of it.
func (h *Handover) RecheckEnded(ctx context.Context, r *journal.Reassignment) error {
	return h.reopenIfChanged(ctx, r, r.Identity.DeliveryOrder)
}

// reopenForOriginal makes a row urgent that is an operator's for another reason, if its original is alive again beside the
// replacement that was sent.
func (h *Handover) reopenForOriginal(ctx context.Context, r *journal.Reassignment) error {
	if !r.Released() || r.Release.Proceeded || r.Reason.IsUrgent() {
		return nil
	}
	for _, id := range []string{r.Identity.DeliveryOrder, r.Replacement.ID} {
		e, known, err := h.Index.Get(ctx, r.Identity.Organization, id)
		if err != nil || !known || !orders.IsStanding(e) {
			return err
		}
	}
	r.Reason, r.Retry.ArchivedVersion = journal.ReleasedThenRejected, 0
	r.Note(h.Now(), "the original shows live lines again, beside the replacement that was sent")
	return ignoreObsolete(h.enqueue(ctx, r)) // its task tells that it rests
}

// reopenForFormer reopens a reassignment at rest if a former replacement of it is alive again: one that was handed over reads
// both; where the original stands, two may be shipped.
func (h *Handover) reopenForFormer(ctx context.Context, r *journal.Reassignment, former string) error {
	e, known, err := h.Index.Get(ctx, r.Identity.Organization, former)
	if err != nil || !known || !orders.IsStanding(e) {
		return err
	}
	if e.Status == orders.StatusDraft {
		parked := r.Retry.ArchivedVersion
		r.Undo = &journal.Undo{Then: r.State, Reason: r.Reason, Late: true}
		r.State, r.Reason, r.Retry.ArchivedVersion = journal.Undoing, "", 0
		withdrawFormer(r, former, h.Now())
		if err := h.reenqueue(ctx, r); err != nil {
			return ignoreObsolete(err)
		}
		return h.deleteArchivedTask(ctx, r, parked)
	}
	if r.State == journal.Reassigned {
		h.resetForRetry(r, "the former replacement "+former+" shows live lines again", "")
		return ignoreObsolete(h.reenqueue(ctx, r))
	}
	original, known, err := h.Index.Get(ctx, r.Identity.Organization, r.Identity.DeliveryOrder)
	if err != nil || !known || !orders.IsStanding(original) || r.Reason == journal.ReleasedThenRejected {
		return err
	}
	r.State, r.Reason, r.Retry.ArchivedVersion = journal.NeedsPerson, journal.ReleasedThenRejected, 0
	r.Note(h.Now(), "the former replacement "+former+" shows live lines again, and so does the original")
	return ignoreObsolete(h.enqueue(ctx, r)) // its task tells that it rests
}
