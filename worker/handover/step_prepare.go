package handover

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// prepareReplacement makes the replacement as a DRAFT at the target while the original still stands. Lines and
// before-list are recorded with the intent: after a lost reply the DRAFT is looked for, and adopted or
// made, never made blindly again.
func (x *attempt) prepareReplacement(ctx context.Context) error {
	r := x.r
	if r.Replacement.ID != "" {
		return nil
	}
	view, err := x.readOriginal(ctx)
	if r.MarkUncertain() && err == nil {
		view, err = x.refreshOriginal(ctx, x.org.ForHandover)
	}
	if err != nil {
		return err
	}
	if len(view.Orders) != 1 {
		return decideAnew()
	}
	if err := x.lockOrder(ctx, view.Orders[0].ID); err != nil {
		return err
	}
	p, err := x.reader.LoadParent(ctx, view)
	if err != nil {
		return err
	}
	if r.MarkUncertain() {
		if err := x.adoptCreated(ctx, p, view); err != nil {
			return err
		}
	}
	if err := x.checkMayPrepare(ctx, p, view); err != nil {
		return err
	}
	return x.createReplacement(ctx, p, view.SentAt)
}

// checkMayPrepare asks everything that must hold before the create, and records the lines. After the release
// the lines stand as they were recorded.
func (x *attempt) checkMayPrepare(ctx context.Context, p *orders.Parent, view *happycolis.DeliveryOrder) error {
	r := x.r
	if !r.ReleaseBegan() {
		if err := x.screenOriginal(view); err != nil {
			return err
		}
		if view.Status == orders.StatusDraft {
			return decideAnew()
		}
		if err := x.checkIncidentFresh(ctx, view); err != nil {
			return err
		}
	} else if reason := orders.CheckParentOrder(view); reason != "" {
		return needsPerson(reason)
	}
	lines, reason := p.CheckReplacement(r, view)
	if lines != nil && !r.ReleaseBegan() {
		r.Replacement.Lines, r.Original.Units = lines, orders.TotalUnits(view)
	}
	switch reason {
	case "":
		return nil
	case journal.OverAllocated:
	default:
		return compensate{journal.NeedsPerson, reason}
	}
	if err := x.waitForPreviousCancel(ctx, p, view.SentAt); err != nil {
		return err
	}
	r.Replacement.UnprovenDraftID = p.MatchingDraft(r)
	if r.Replacement.UnprovenDraftID != "" {
		r.Note(x.h.Now(), "DRAFT "+r.Replacement.UnprovenDraftID+" has these lines already, and no record says who made it")
	}
	return compensate{journal.NeedsPerson, journal.OverAllocated}
}

// waitForPreviousCancel waits for a former replacement of ours that was cancelled and still counts. nil: there is
// none, or it had its time.
func (x *attempt) waitForPreviousCancel(ctx context.Context, p *orders.Parent, read time.Time) error {
	if !slices.ContainsFunc(p.Siblings, func(s happycolis.DeliveryOrder) bool {
		return slices.Contains(x.r.Replacement.Past, s.ID) && orders.IsLive(s)
	}) {
		return nil
	}
	late, err := x.deadlineExceeded(ctx, read, x.h.Settings.CancelTimeout)
	if err != nil {
		return err
	}
	if late {
		return nil
	}
	return x.waitForCancel(waitUntil(x.scheduleNextPoll(x.h.Settings.CancelTimeout), ""))
}

func (x *attempt) createReplacement(ctx context.Context, p *orders.Parent, read time.Time) error {
	r := x.r
	r.Replacement.SiblingsBefore = r.Replacement.SiblingsBefore[:0]
	for _, s := range p.Siblings {
		r.Replacement.SiblingsBefore = append(r.Replacement.SiblingsBefore, s.ID)
	}
	order := happycolis.NewDeliveryOrder{OrderID: p.Order.ID, LocationID: r.Decision.ToID, Priority: r.Original.Priority}
	for _, l := range r.Replacement.Lines {
		order.Lines = append(order.Lines, happycolis.NewLine{OrderLineID: l.OrderLine, Quantity: l.Quantity})
	}
	var made *happycolis.DeliveryOrder
	became, err := x.mutate(ctx, r.ReleaseBegan(), read, func(a *happycolis.Account) (err error) {
		made, err = a.CreateDeliveryOrder(ctx, order)
		return err
	})
	switch became {
	case unsent:
		return err
	case refused, unknown:
		// A refusal may have been applied all the same: the DRAFT is looked for like after a lost reply.
		return x.handleRefusedCreate(became)
	}
	r.Replacement.ID, x.made = made.ID, made.ID
	r.Note(x.h.Now(), "prepared "+made.ID+" at "+r.Decision.To)
	if made.Location.ID != "" && made.Location.ID != r.Decision.ToID || len(made.Lines) > 0 && !orders.HasExactLines(*made, r.Replacement.Lines) {
		return compensate{journal.NeedsPerson, journal.DraftConflict}
	}
	switch made.Status {
	case orders.StatusDraft:
	case "":
		x.invalidateCache() // the reply does not tell: the next read must
	default:
		return compensate{journal.NeedsPerson, journal.ReplacementSentEarly} // that a new one is a DRAFT is known from a sample
	}
	return nil
}

func (x *attempt) handleRefusedCreate(became mutationResult) error {
	x.invalidateCache()
	if became == unknown {
		return waitUntil(x.h.Now(), "")
	}
	x.r.Intent = nil
	return x.rejectCandidate(journal.CreateRefused)
}

// undoCreate takes the prepared DRAFT back: it is cancelled while it is ours alone.
func (x *attempt) undoCreate(ctx context.Context) error {
	r := x.r
	if r.Replacement.ID == "" {
		if r.Intent == nil || r.Intent.Step != stepPrepare {
			return nil
		}
		if err := x.resolvePendingCreate(ctx); err != nil {
			return err
		}
		if r.Replacement.ID == "" {
			return nil
		}
	}
	if r.Sent() || r.Replacement.Adopted {
		return nil
	}
	d := x.h.originals.get(x.org.ID, r.Replacement.ID, x.h.Now()) // as read before its cancel had to wait for the rate limit
	if d == nil || !x.isFresh(d.SentAt) {
		account, err := x.reader.AcquireToken(ctx, x.org.ForHandover)
		if err != nil {
			return err
		}
		if d, err = account.DeliveryOrder(ctx, r.Replacement.ID); happycolis.KindOf(err) == happycolis.KindNotFound {
			if err := x.handleMissingDraft(); err != nil {
				return err
			}
			return x.finishUndoCreate()
		}
		if err != nil {
			return err
		}
		r.Replacement.MissingSince = time.Time{}
		x.reader.NoteLatency(d.SentAt)
	}
	return x.undoCreateOf(ctx, d)
}

func (x *attempt) undoCreateOf(ctx context.Context, d *happycolis.DeliveryOrder) error {
	r := x.r
	if !orders.IsLive(*d) && r.Replacement.Cancel == nil {
		return x.finishUndoCreate()
	}
	if d.Status != orders.StatusDraft || r.Replacement.Cancel != nil {
		return x.undoSentReplacement(ctx, d)
	}
	if !r.Wait.StartedAt.IsZero() { // cancelled by us, and not gone yet
		late, err := x.deadlineExceeded(ctx, d.SentAt, x.h.Settings.CancelTimeout)
		if err != nil {
			return err
		}
		if !late {
			return x.waitForCancel(waitUntil(x.scheduleNextPoll(x.h.Settings.CancelTimeout), ""))
		}
		return x.giveUpUndoCreate()
	}
	if err := x.waitWhilePaused(ctx, d.Location.ID); err != nil {
		return err
	}
	if r.Intent != nil && r.Intent.ReplyLost {
		if err := x.confirmNotApplied(d.SentAt); err != nil {
			return err
		}
		r.Intent = nil
	}
	became, err := x.mutate(ctx, true, d.SentAt, func(a *happycolis.Account) error { return a.CancelDeliveryOrder(ctx, r.Replacement.ID) })
	if became == unsent {
		x.h.originals.put(x.org.ID, d, x.h.Now())
		return err
	}
	x.h.originals.remove(x.org.ID, r.Replacement.ID)
	if became == applied {
		r.Wait.StartedAt = x.h.Now()
	}
	if became == refused {
		r.Intent = nil
		if r.Retry.Failures++; r.Retry.Failures > maxUndoAttempts {
			return x.giveUpUndoCreate()
		}
		return waitUntil(x.h.Now().Add(firstFailureDelay), "")
	}
	return waitUntil(x.h.Now(), "") // and read whether it is gone
}

// undoSentReplacement takes back a replacement that somebody else sent, as read just now.
func (x *attempt) undoSentReplacement(ctx context.Context, d *happycolis.DeliveryOrder) error {
	if x.r.Replacement.Cancel == nil {
		if err := x.handleSentBeforeUndo(ctx, d); err != nil {
			return err
		}
	}
	err := x.cancelReplacement(ctx, d, journal.ReplacementSentEarly)
	if isOutcome[needsPerson](err) && x.r.Undo.Explained {
		return x.giveUpUndoCreate()
	}
	return err
}

// handleSentBeforeUndo judges a replacement that somebody else sent before it was to be withdrawn. Where the original is not
// live any more it is all that is left of the order, and stands. nil: it is cancelled while its location has not
// taken it.
func (x *attempt) handleSentBeforeUndo(ctx context.Context, d *happycolis.DeliveryOrder) error {
	if x.r.Wait.StartedAt.IsZero() { // we did not cancel it yet
		account, err := x.reader.AcquireToken(ctx, x.org.ForHandover)
		if err != nil {
			return err
		}
		asked := x.h.Now()
		original, err := account.DeliveryOrder(ctx, x.r.Identity.DeliveryOrder)
		gone := happycolis.KindOf(err) == happycolis.KindNotFound
		switch {
		case err != nil && !gone:
			return err
		case gone || !orders.IsLive(*original):
			if err := x.confirmGone(asked); err != nil {
				return err
			}
			x.r.Note(x.h.Now(), "somebody else sent "+d.ID+", which is all that is left of the order: it stands")
			x.clearIntent()
			return nextStep("")
		}
		x.r.Original.GoneSince = time.Time{}
	}
	if _, begun := orders.CheckWorkBegun(d); begun || orders.EffectiveStatus(d) == orders.StatusOpened {
		if x.r.Undo.Explained {
			return x.giveUpUndoCreate()
		}
		return needsPerson(journal.ReplacementSentEarly)
	}
	return nil
}

// maxUndoAttempts bounds how often the cancel of a DRAFT that is refused is sent again.
const maxUndoAttempts = 5

// giveUpUndoCreate gives up: the replacement stays, and an operator is told why the handover was to be taken back, or,
// where nobody needed to know, that a DRAFT stands in the way; unless the operator was told and leaves it.
func (x *attempt) giveUpUndoCreate() error {
	x.r.Intent = nil
	x.r.Note(x.h.Now(), "our replacement "+x.r.Replacement.ID+" could not be withdrawn")
	if x.r.Undo.Explained {
		return nextStep("")
	}
	if x.r.Undo.Then == journal.NeedsPerson {
		return needsPerson(x.r.Undo.Reason)
	}
	return needsPerson(journal.DraftConflict)
}

// handleMissingDraft judges that a DRAFT of ours was not found: it counts as gone after a second such read, one request timeout
// later. nil: it is gone.
func (x *attempt) handleMissingDraft() error {
	r, now := x.r, x.h.Now()
	if r.Replacement.MissingSince.IsZero() {
		r.Replacement.MissingSince = now
	}
	if again := r.Replacement.MissingSince.Add(x.h.Settings.Request); now.Before(again) {
		return waitUntil(again, "the platform does not know the DRAFT; looking again")
	}
	r.Replacement.MissingSince = time.Time{}
	return nil
}

func (x *attempt) finishUndoCreate() error {
	r := x.r
	r.Note(x.h.Now(), "withdrew "+r.Replacement.ID)
	r.DetachReplacement()
	x.clearIntent()
	return nil
}
