package handover

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// This file is about DRAFTs of ours whose create was answered late: whoever sent it stood still, and somebody else had taken
// over the record by then. Whoever has it next adopts the DRAFT, if its own create is in doubt, or withdraws it. One that is
// the record's replacement is never withdrawn for this reason.

// noteLateDraft records the DRAFT that this run made where its record could not be saved. That is done even where the run
// is being ended.
func (x *run) noteLateDraft(ctx context.Context) {
	if x.made == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lateNoteMost)
	defer cancel()
	if err := x.h.Journal.NoteLateDraft(ctx, x.r.Organization, x.r.ID, x.made); err != nil {
		x.h.Log.ErrorContext(ctx, "a DRAFT of ours could not be recorded; look at its order", "organization", x.r.Organization,
			"incident", x.r.Incident, "delivery_order", x.r.DeliveryOrder, "replacement", x.made, "error", err)
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
	case unreadable(err):
		incident, original, _ := strings.Cut(id, "/")
		h.Log.ErrorContext(ctx, "a DRAFT of ours has no record any more; look at it, and remove it if it is one too many",
			"organization", organization, "incident", incident, "delivery_order", original, "replacement", draft, "error", err, "alert", "urgent")
		return h.Journal.ForgetLateDraft(ctx, organization, draft)
	case err != nil:
		return err
	case r.Replacement == draft || slices.Contains(r.Late, draft) || slices.Contains(r.Former, draft):
		return h.Journal.ForgetLateDraft(ctx, organization, draft)
	case r.Working:
		return nil
	}
	parked := r.Parked
	r.Late = append(r.Late, draft)
	r.Note(h.Now(), "DRAFT "+draft+" was made by a create that was answered late")
	if r.State.AtRest() {
		r.Undo = &journal.Undo{Then: r.State, Reason: r.Reason, Late: true}
		r.State, r.Reason, r.Parked = journal.Undoing, "", 0
	}
	if err := h.setGoing(ctx, r); err != nil {
		return unlessObsolete(err)
	}
	if err := h.Journal.ForgetLateDraft(ctx, organization, draft); err != nil {
		return err
	}
	return h.forget(ctx, r, parked)
}

// settleLateDrafts adopts or withdraws the late DRAFTs of the record. nil: there is none left.
func (x *run) settleLateDrafts(ctx context.Context) *verdict {
	r := x.r
	for len(r.Late) > 0 {
		id := r.Late[0]
		if v := x.settleLateDraft(ctx, id); v != nil {
			return v
		}
		r.Late, r.LateCancel = slices.DeleteFunc(r.Late, func(other string) bool { return other == id }), nil
	}
	return nil
}

// settleLateDraft is settleLateDrafts for one of them. nil: it is the replacement, or gone.
func (x *run) settleLateDraft(ctx context.Context, id string) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	if r.Replacement == id {
		return nil
	}
	account, denied := x.asked(ctx, x.org.Urgent)
	if denied != nil {
		return denied
	}
	d, err := account.DeliveryOrder(ctx, id)
	switch {
	case happycolis.KindOf(err) == happycolis.KindNotFound:
		return x.missingDraft()
	case err != nil:
		return give(x.stumble(err))
	}
	r.ReplacementMissing = time.Time{}
	switch {
	case !live(*d):
		r.Note(x.h.Now(), "withdrew "+id)
		r.Former, r.LateCancel = append(r.Former, id), nil
		return nil
	case d.Status != statusDraft:
		return give(x.tellOfLateDraft(id, "was sent by somebody else", journal.OverAllocated))
	case r.Replacement == "" && r.Step == stepPrepare && r.Undo == nil && d.Location.ID == r.ToID && sameLines(*d, r.Lines):
		r.Replacement = id
		x.seen()
		r.Note(x.h.Now(), "adopted "+id+", made by a create that was answered late")
		return nil
	}
	return x.withdrawLateDraft(ctx, d)
}

// tellOfLateDraft puts a late DRAFT that cannot be withdrawn before the operator.
func (x *run) tellOfLateDraft(id, why string, reason journal.Reason) verdict {
	r := x.r
	r.Unproven, r.LateCancel = id, nil
	r.Note(x.h.Now(), "DRAFT "+id+", made by a create that was answered late, "+why)
	r.Late = slices.DeleteFunc(r.Late, func(other string) bool { return other == id })
	return needs(reason)
}

// withdrawLateDraft cancels a late DRAFT, as read just now, and waits until it is gone. What a refusal, or no reply, means
// only a later read tells.
func (x *run) withdrawLateDraft(ctx context.Context, d *happycolis.DeliveryOrder) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	if c := r.LateCancel; c != nil {
		again := c.SentAt.Add(x.h.Settings.Request)
		switch late, err := x.past(ctx, c.SentAt, d.Asked, x.h.Settings.CancelTimeout); {
		case err != nil:
			return give(broken(err))
		case c.Lost > 0 && !d.Asked.Before(again): // refused, or without a reply
			if c.Lost > withdrawalsMost {
				return give(x.tellOfLateDraft(d.ID, "cannot be withdrawn", journal.DraftConflict))
			}
		case late:
			return give(x.tellOfLateDraft(d.ID, "was never withdrawn", journal.DraftConflict))
		default:
			return give(holdUntil(x.h.Now().Add(max(again.Sub(x.h.Now()), x.h.Settings.Poll)), ""))
		}
	}
	of, before := r.Intent, r.LateCancel
	r.LateCancel = &journal.Cancellation{SentAt: x.h.Now(), Else: journal.DraftConflict}
	became, v := x.mutate(ctx, true, d.Asked, func(a *happycolis.Account) error { return a.Cancel(ctx, d.ID) })
	r.Intent = of
	x.drop()
	switch became {
	case unsent:
		r.LateCancel = before
		return &v
	case refused, unknown:
		if r.LateCancel.Lost = 1; before != nil {
			r.LateCancel.Lost = before.Lost + 1
		}
	case applied:
	}
	return give(holdUntil(x.h.Now(), "")) // and read whether it is gone
}
