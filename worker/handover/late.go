package handover

import (
	"context"
	"errors"
	"fmt"
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
		r.Late = slices.DeleteFunc(r.Late, func(other string) bool { return other == id })
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
		return nil
	case err != nil:
		return give(x.stumble(err))
	case !live(*d):
		r.Note(x.h.Now(), "withdrew "+id)
		r.Former = append(r.Former, id)
		return nil
	case d.Status != statusDraft:
		r.Unproven = id
		r.Note(x.h.Now(), "DRAFT "+id+", made by a create that was answered late, was sent by somebody else")
		r.Late = slices.DeleteFunc(r.Late, func(other string) bool { return other == id })
		return give(needs(journal.OverAllocated))
	case r.Replacement == "" && r.Step == stepPrepare && r.Undo == nil && d.Location.ID == r.ToID && sameLines(*d, r.Lines):
		r.Replacement = id
		x.seen()
		r.Note(x.h.Now(), "adopted "+id+", made by a create that was answered late")
		return nil
	}
	of := r.Intent
	became, v := x.mutate(ctx, true, d.Asked, func(a *happycolis.Account) error { return a.Cancel(ctx, id) })
	r.Intent = of
	x.drop()
	switch became {
	case unsent:
		return &v
	case unknown:
		return x.blindly(journal.DraftConflict)
	case refused:
		r.Unproven = id
		r.Note(x.h.Now(), fmt.Sprintf("DRAFT %s, made by a create that was answered late, cannot be withdrawn", id))
		r.Late = slices.DeleteFunc(r.Late, func(other string) bool { return other == id })
		return give(needs(journal.DraftConflict))
	case applied:
	}
	return give(holdUntil(x.h.Now(), "")) // and read whether it is gone
}
