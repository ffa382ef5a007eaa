package handover

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// This file is about DRAFTs of ours whose create was answered late: whoever sent it stood still, and somebody else had taken
// over the record by then. Whoever has it next adopts the DRAFT, if its own create is in doubt, or withdraws it. One that is
// the record's replacement is never withdrawn for this reason.

// noteLateDraft records the DRAFT that this run made where its record could not be saved. That is done even where the run
// is being ended.
func (x *attempt) noteLateDraft(ctx context.Context) {
	if x.made == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lateNoteMost)
	defer cancel()
	if err := x.h.Journal.NoteLateDraft(ctx, x.r.Identity.Organization, x.r.Identity.ID, x.made); err != nil {
		x.h.Log.ErrorContext(ctx, "a DRAFT of ours could not be recorded; look at its order", "organization", x.r.Identity.Organization,
			"incident", x.r.Identity.Incident, "delivery_order", x.r.Identity.DeliveryOrder, "order_number", x.r.Identity.OrderNumber, "replacement", x.made, "error", err)
	}
	x.made = ""
}

// lateNoteMost bounds how long the note of a late DRAFT may take.
const lateNoteMost = 5 * time.Second

// AssignLateDrafts hands the late DRAFTs of an organization to their records, and drives these on. A record at work is left
// alone until it rests or waits.
func (h *Handover) AssignLateDrafts(ctx context.Context, organization string) error {
	noted, err := h.Journal.LateDrafts(ctx, organization)
	if err != nil {
		return err
	}
	var errs []error
	for draft, id := range noted {
		errs = append(errs, h.assignLateDraft(ctx, organization, id, draft))
	}
	return errors.Join(errs...)
}

func (h *Handover) assignLateDraft(ctx context.Context, organization, id, draft string) error {
	r, err := h.Journal.Get(ctx, organization, id)
	switch {
	case journal.IsUnreadable(err):
		incident, original, _ := strings.Cut(id, "/")
		h.Log.ErrorContext(ctx, "a DRAFT of ours has no record any more; look at it, and remove it if it is one too many",
			"organization", organization, "incident", incident, "delivery_order", original, "order_number", "", "replacement", draft, "error", err, "alert", "urgent")
		return h.Journal.DeleteLateDraft(ctx, organization, draft)
	case err != nil:
		return err
	case r.Replacement.ID == draft || slices.Contains(r.Replacement.LateDrafts, draft) || slices.Contains(r.Replacement.Past, draft):
		return h.Journal.DeleteLateDraft(ctx, organization, draft)
	case r.Leased:
		return nil
	}
	parked := r.Retry.ArchivedVersion
	r.Replacement.LateDrafts = append(r.Replacement.LateDrafts, draft)
	r.Note(h.Now(), "DRAFT "+draft+" was made by a create that was answered late")
	if r.State.IsAtRest() {
		r.Undo = &journal.Undo{Then: r.State, Reason: r.Reason, Late: true}
		r.State, r.Reason, r.Retry.ArchivedVersion = journal.Undoing, "", 0
	}
	if err := h.reenqueue(ctx, r); err != nil {
		return ignoreObsolete(err)
	}
	if err := h.Journal.DeleteLateDraft(ctx, organization, draft); err != nil {
		return err
	}
	return h.deleteArchivedTask(ctx, r, parked)
}

// resolveLateDrafts adopts or withdraws the late DRAFTs of the record. nil: there is none left.
func (x *attempt) resolveLateDrafts(ctx context.Context) error {
	r := x.r
	for len(r.Replacement.LateDrafts) > 0 {
		id := r.Replacement.LateDrafts[0]
		if err := x.resolveLateDraft(ctx, id); err != nil {
			return err
		}
		r.Replacement.LateDrafts, r.Replacement.LateCancel = slices.DeleteFunc(r.Replacement.LateDrafts, func(other string) bool { return other == id }), nil
	}
	return nil
}

// resolveLateDraft is resolveLateDrafts for one of them. nil: it is the replacement, or gone.
func (x *attempt) resolveLateDraft(ctx context.Context, id string) error {
	r := x.r
	if r.Replacement.ID == id {
		return nil
	}
	account, err := x.reader.AcquireReadToken(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	d, err := account.DeliveryOrder(ctx, id)
	switch {
	case happycolis.KindOf(err) == happycolis.KindNotFound:
		return x.handleMissingDraft()
	case err != nil:
		return err
	}
	r.Replacement.MissingSince = time.Time{}
	if _, err := x.h.Index.Put(ctx, r.Identity.Organization, orders.IndexEntry(d), ""); err != nil {
		return err
	}
	switch {
	case !orders.IsLive(*d):
		r.Note(x.h.Now(), "withdrew "+id)
		r.Replacement.Past, r.Replacement.LateCancel = append(r.Replacement.Past, id), nil
		return nil
	case d.Status != orders.StatusDraft:
		return x.parkLateDraft(id, "was sent by somebody else", journal.OverAllocated)
	case r.Replacement.ID == "" && r.Step == stepPrepare && r.Undo == nil && d.Location.ID == r.Decision.ToID && orders.HasExactLines(*d, r.Replacement.Lines):
		r.Replacement.ID = id
		x.clearIntent()
		r.Note(x.h.Now(), "adopted "+id+", made by a create that was answered late")
		return nil
	}
	return x.cancelLateDraft(ctx, d)
}

// parkLateDraft puts a late DRAFT that cannot be withdrawn before the operator.
func (x *attempt) parkLateDraft(id, why string, reason journal.Reason) error {
	r := x.r
	r.Replacement.UnprovenDraftID, r.Replacement.LateCancel = id, nil
	r.Note(x.h.Now(), "DRAFT "+id+", which is one too many, "+why)
	r.Replacement.LateDrafts = slices.DeleteFunc(r.Replacement.LateDrafts, func(other string) bool { return other == id })
	return needsPerson(reason)
}

// cancelLateDraft cancels a late DRAFT, as read just now, and waits until it is gone. What a refusal, or no reply, means
// only a later read tells.
func (x *attempt) cancelLateDraft(ctx context.Context, d *happycolis.DeliveryOrder) error {
	r := x.r
	if c := r.Replacement.LateCancel; c != nil {
		again := c.SentAt.Add(x.h.Settings.Request)
		switch late, err := x.reader.HasElapsed(ctx, c.SentAt, d.SentAt, x.h.Settings.CancelTimeout); {
		case err != nil:
			return err
		case c.RepliesLost > 0 && !d.SentAt.Before(again): // refused, or without a reply
			if c.RepliesLost > maxUndoAttempts {
				return x.parkLateDraft(d.ID, "cannot be withdrawn", journal.DraftConflict)
			}
		case late:
			return x.parkLateDraft(d.ID, "was never withdrawn", journal.DraftConflict)
		default:
			return waitingFor(api.WaitCancel, c.SentAt, x.h.Settings.CancelTimeout, waitUntil(x.h.Now().Add(max(again.Sub(x.h.Now()), x.h.Settings.Poll)), ""))
		}
	}
	if err := x.waitWhilePaused(ctx, d.Location.ID); err != nil {
		return err
	}
	of, before := r.Intent, r.Replacement.LateCancel
	r.Replacement.LateCancel = &journal.Cancellation{SentAt: x.h.Now(), ReasonIfKept: journal.DraftConflict}
	became, err := x.mutate(ctx, true, d.SentAt, func(a *happycolis.Account) error { return a.CancelDeliveryOrder(ctx, d.ID) })
	r.Intent = of
	x.invalidateCache()
	switch became {
	case unsent:
		r.Replacement.LateCancel = before
		return err
	case refused, unknown:
		if r.Replacement.LateCancel.RepliesLost = 1; before != nil {
			r.Replacement.LateCancel.RepliesLost = before.RepliesLost + 1
		}
	case applied:
	}
	return waitUntil(x.h.Now(), "") // and read whether it is gone
}
