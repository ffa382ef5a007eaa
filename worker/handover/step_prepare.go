package handover

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// prepareReplacement makes the replacement as a DRAFT at the target while the original still stands. Lines and
// before-list are recorded with the intent: after a lost reply the DRAFT is looked for, and adopted or
// made, never made blindly again.
func (x *attempt) prepareReplacement(ctx context.Context) verdict {
	r := x.r
	if r.Replacement != "" {
		return next("")
	}
	view, stop := x.readOriginal(ctx)
	if r.MarkUncertain() && stop == nil {
		view, stop = x.refreshOriginal(ctx, x.org.ForHandover)
	}
	if stop != nil {
		return *stop
	}
	if len(view.Orders) != 1 {
		return jump("")
	}
	if v := x.lockOrder(ctx, view.Orders[0].ID); v != nil {
		return *v
	}
	p, err := x.loadParent(ctx, view)
	if err != nil {
		return broken(err)
	}
	if r.MarkUncertain() {
		if v := x.adoptCreated(ctx, p, view); v != nil {
			return *v
		}
	}
	if v := x.checkMayPrepare(ctx, p, view); v != nil {
		return *v
	}
	return x.createReplacement(ctx, p, view.SentAt)
}

// checkMayPrepare asks everything that must hold before the create, and records the lines. After the release
// the lines stand as they were recorded.
func (x *attempt) checkMayPrepare(ctx context.Context, p *parent, view *happycolis.DeliveryOrder) *verdict {
	give := func(v verdict) *verdict { return &v }
	r := x.r
	if !r.ReleaseBegan() {
		if v := x.screenOriginal(view); v != nil {
			return v
		}
		if view.Status == statusDraft {
			return give(jump(""))
		}
		if v := x.checkIncidentFresh(ctx, view); v != nil {
			return v
		}
		lines, ok := p.replacementLines(view)
		if !ok {
			return give(undo(journal.NeedsPerson, journal.AmbiguousOrderLine))
		}
		r.Lines, r.Units = lines, totalUnits(view)
	} else if reason := checkParentOrder(view); reason != "" {
		return give(needs(reason))
	}
	sum, ok := p.sumCovered(func(s happycolis.DeliveryOrder) bool { return s.ID != r.DeliveryOrder })
	if !ok {
		return give(undo(journal.NeedsPerson, journal.AmbiguousOrderLine))
	}
	for _, l := range r.Lines {
		sum[l.OrderLine] += l.Quantity
	}
	if p.isWithinOrder(sum) {
		return nil
	}
	if v := x.waitForPreviousCancel(ctx, p, view.SentAt); v != nil {
		return v
	}
	r.UnprovenDraftID = p.matchingDraft(r)
	if r.UnprovenDraftID != "" {
		r.Note(x.h.Now(), "DRAFT "+r.UnprovenDraftID+" has these lines already, and no record says who made it")
	}
	return give(undo(journal.NeedsPerson, journal.OverAllocated))
}

// waitForPreviousCancel waits for a former replacement of ours that was cancelled and still counts. nil: there is
// none, or it had its time.
func (x *attempt) waitForPreviousCancel(ctx context.Context, p *parent, read time.Time) *verdict {
	if !slices.ContainsFunc(p.siblings, func(s happycolis.DeliveryOrder) bool { return slices.Contains(x.r.PastReplacements, s.ID) && isLive(s) }) {
		return nil
	}
	late, err := x.deadlineExceeded(ctx, read, x.h.Settings.CancelTimeout)
	if err != nil {
		v := broken(err)
		return &v
	}
	if late {
		return nil
	}
	v := holdUntil(x.scheduleNextPoll(x.h.Settings.CancelTimeout), "")
	return &v
}

func (x *attempt) createReplacement(ctx context.Context, p *parent, read time.Time) verdict {
	r := x.r
	r.SiblingsBefore = r.SiblingsBefore[:0]
	for _, s := range p.siblings {
		r.SiblingsBefore = append(r.SiblingsBefore, s.ID)
	}
	order := happycolis.NewDeliveryOrder{OrderID: p.order.ID, LocationID: r.ToID, Priority: r.Priority}
	for _, l := range r.Lines {
		order.Lines = append(order.Lines, happycolis.NewLine{OrderLineID: l.OrderLine, Quantity: l.Quantity})
	}
	var made *happycolis.DeliveryOrder
	became, v := x.mutate(ctx, r.ReleaseBegan(), read, func(a *happycolis.Account) (err error) {
		made, err = a.CreateDeliveryOrder(ctx, order)
		return err
	})
	switch became {
	case unsent:
		return v
	case refused, unknown:
		// A refusal may have been applied all the same: the DRAFT is looked for like after a lost reply.
		return x.handleRefusedCreate(became)
	}
	r.Replacement, x.made = made.ID, made.ID
	r.Note(x.h.Now(), "prepared "+made.ID+" at "+r.To)
	if made.Location.ID != "" && made.Location.ID != r.ToID || len(made.Lines) > 0 && !hasExactLines(*made, r.Lines) {
		return undo(journal.NeedsPerson, journal.DraftConflict)
	}
	switch made.Status {
	case statusDraft:
	case "":
		x.invalidateCache() // the reply does not tell: the next read must
	default:
		return undo(journal.NeedsPerson, journal.ReplacementSentEarly) // that a new one is a DRAFT is known from a sample
	}
	return next("")
}

func (x *attempt) handleRefusedCreate(became mutationResult) verdict {
	x.invalidateCache()
	if became == unknown {
		return holdUntil(x.h.Now(), "")
	}
	x.r.Intent = nil
	return x.rejectCandidate(journal.CreateRefused)
}

// undoCreate takes the prepared DRAFT back: it is cancelled while it is ours alone.
func (x *attempt) undoCreate(ctx context.Context) verdict {
	r := x.r
	if r.Replacement == "" {
		if r.Intent == nil || r.Intent.Step != stepPrepare {
			return next("")
		}
		if v := x.resolvePendingCreate(ctx); v != nil {
			return *v
		}
		if r.Replacement == "" {
			return next("")
		}
	}
	if r.Sent() || r.Adopted {
		return next("")
	}
	d := x.h.originals.get(x.org.ID, r.Replacement, x.h.Now()) // as read before its cancel had to wait for the rate limit
	if d == nil || !x.isFresh(d.SentAt) {
		account, err := x.acquireToken(ctx, x.org.ForHandover)
		if err != nil {
			return x.handleRequestError(err)
		}
		if d, err = account.DeliveryOrder(ctx, r.Replacement); happycolis.KindOf(err) == happycolis.KindNotFound {
			if v := x.handleMissingDraft(); v != nil {
				return *v
			}
			return x.finishUndoCreate()
		}
		if err != nil {
			return x.handleRequestError(err)
		}
		r.ReplacementMissingSince = time.Time{}
		x.noteLatency(d.SentAt)
	}
	return x.undoCreateOf(ctx, d)
}

func (x *attempt) undoCreateOf(ctx context.Context, d *happycolis.DeliveryOrder) verdict {
	r := x.r
	if !isLive(*d) && r.ReplacementCancel == nil {
		return x.finishUndoCreate()
	}
	if d.Status != statusDraft || r.ReplacementCancel != nil {
		return x.undoSentReplacement(ctx, d)
	}
	if !r.WaitStartedAt.IsZero() { // cancelled by us, and not gone yet
		late, err := x.deadlineExceeded(ctx, d.SentAt, x.h.Settings.CancelTimeout)
		if err != nil {
			return broken(err)
		}
		if !late {
			return holdUntil(x.scheduleNextPoll(x.h.Settings.CancelTimeout), "")
		}
		return x.giveUpUndoCreate()
	}
	if r.Intent != nil && r.Intent.ReplyLost {
		if v := x.confirmNotApplied(d.SentAt); v != nil {
			return *v
		}
		r.Intent = nil
	}
	became, v := x.mutate(ctx, true, d.SentAt, func(a *happycolis.Account) error { return a.CancelDeliveryOrder(ctx, r.Replacement) })
	if became == unsent {
		x.h.originals.put(x.org.ID, d, x.h.Now())
		return v
	}
	x.h.originals.remove(x.org.ID, r.Replacement)
	if became == applied {
		r.WaitStartedAt = x.h.Now()
	}
	if became == refused {
		r.Intent = nil
		if r.Failures++; r.Failures > maxUndoAttempts {
			return x.giveUpUndoCreate()
		}
		return holdUntil(x.h.Now().Add(firstFailureDelay), "")
	}
	return holdUntil(x.h.Now(), "") // and read whether it is gone
}

// undoSentReplacement takes back a replacement that somebody else sent, as read just now.
func (x *attempt) undoSentReplacement(ctx context.Context, d *happycolis.DeliveryOrder) verdict {
	if x.r.ReplacementCancel == nil {
		if v := x.handleSentBeforeUndo(ctx, d); v != nil {
			return *v
		}
	}
	v := x.cancelReplacement(ctx, d, journal.ReplacementSentEarly)
	switch {
	case v == nil:
		return next("")
	case v.kind == person && x.r.Undo.Explained:
		return x.giveUpUndoCreate()
	}
	return *v
}

// handleSentBeforeUndo judges a replacement that somebody else sent before it was to be withdrawn. Where the original is not
// live any more it is all that is left of the order, and stands. nil: it is cancelled while its location has not
// taken it.
func (x *attempt) handleSentBeforeUndo(ctx context.Context, d *happycolis.DeliveryOrder) *verdict {
	give := func(v verdict) *verdict { return &v }
	if x.r.WaitStartedAt.IsZero() { // we did not cancel it yet
		account, err := x.acquireToken(ctx, x.org.ForHandover)
		if err != nil {
			return give(x.handleRequestError(err))
		}
		original, err := account.DeliveryOrder(ctx, x.r.DeliveryOrder)
		gone := happycolis.KindOf(err) == happycolis.KindNotFound
		switch {
		case err != nil && !gone:
			return give(x.handleRequestError(err))
		case gone || !isLive(*original):
			x.r.Note(x.h.Now(), "somebody else sent "+d.ID+", which is all that is left of the order: it stands")
			x.clearIntent()
			return give(next(""))
		}
	}
	if _, begun := checkWorkBegun(d); begun || effectiveStatus(d) == statusOpened {
		if x.r.Undo.Explained {
			return give(x.giveUpUndoCreate())
		}
		return give(needs(journal.ReplacementSentEarly))
	}
	return nil
}

// maxUndoAttempts bounds how often the cancel of a DRAFT that is refused is sent again.
const maxUndoAttempts = 5

// giveUpUndoCreate gives up: the replacement stays, and an operator is told why the handover was to be taken back, or,
// where nobody needed to know, that a DRAFT stands in the way; unless the operator was told and leaves it.
func (x *attempt) giveUpUndoCreate() verdict {
	x.r.Intent = nil
	x.r.Note(x.h.Now(), "our replacement "+x.r.Replacement+" could not be withdrawn")
	if x.r.Undo.Explained {
		return next("")
	}
	if x.r.Undo.Then == journal.NeedsPerson {
		return needs(x.r.Undo.Reason)
	}
	return needs(journal.DraftConflict)
}

// handleMissingDraft judges that a DRAFT of ours was not found: it counts as gone after a second such read, one request timeout
// later. nil: it is gone.
func (x *attempt) handleMissingDraft() *verdict {
	r, now := x.r, x.h.Now()
	if r.ReplacementMissingSince.IsZero() {
		r.ReplacementMissingSince = now
	}
	if again := r.ReplacementMissingSince.Add(x.h.Settings.Request); now.Before(again) {
		v := holdUntil(again, "the platform does not know the DRAFT; looking again")
		return &v
	}
	r.ReplacementMissingSince = time.Time{}
	return nil
}

func (x *attempt) finishUndoCreate() verdict {
	r := x.r
	r.Note(x.h.Now(), "withdrew "+r.Replacement)
	r.DetachReplacement()
	x.clearIntent()
	return next("")
}
