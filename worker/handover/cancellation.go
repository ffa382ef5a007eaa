package handover

import (
	"context"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// This file holds what proves that a cancellation was carried out: of the original, and of a replacement that had been
// sent. A read shows it, with no live line left and a CANCELED event beyond those that were known when the cancel was
// sent. A webhook only causes the read.

// isCancelConfirmed reports whether a read of the original confirms our cancel of it.
func (x *attempt) isCancelConfirmed(view *happycolis.DeliveryOrder) bool {
	return orders.ConfirmsCancel(view, x.r.CanceledKnown())
}

// recordKnownEvents notes, before a cancel of the original is sent, what is known of its log. What this very read shows beside
// live lines confirms nothing that comes later. What other reads and webhooks showed is taken in with the first cancel, and
// with the first after a rejection; later it might be the confirmation of the former cancel that this read is too old to show.
func (x *attempt) recordKnownEvents(ctx context.Context, view *happycolis.DeliveryOrder) error {
	r := x.r
	told, _, err := x.h.Index.Get(ctx, r.Organization, r.DeliveryOrder)
	if err != nil {
		return err
	}
	before := r.CanceledKnown().Merge(orders.ReadCanceledEvents(view))
	if r.CancelSentAt.IsZero() || told.Facts.CancelRejected.After(r.RejectedBefore) {
		before = before.Merge(orders.IndexedCanceledEvents(told.Canceled))
		r.RejectedBefore = told.Facts.CancelRejected
	}
	r.CanceledBefore, r.DisputedAt, r.ReleaseToldAt = &before, time.Time{}, time.Time{}
	return nil
}

// isCancelRejectedSince reports whether a webhook told of a rejected cancellation that was not known when our cancel was sent.
func (x *attempt) isCancelRejectedSince(told index.Entry) bool {
	return told.Facts.CancelRejected.After(x.r.RejectedBefore)
}

// handleDisputedCancel judges an original that a read shows cancelled although a webhook told, after our cancel was sent, that a
// cancellation was rejected, or that lines of it are live. One of them is old news: the read is, until a second one, one request timeout later, shows
// the same; then the webhook is, which told of somebody else's cancel. nil: that is settled.
func (x *attempt) handleDisputedCancel(told index.Entry, read time.Time) error {
	r := x.r
	if r.DisputedAt.IsZero() {
		r.DisputedAt = read
	}
	if read.Sub(r.DisputedAt) < x.h.Settings.Request {
		return waitUntil(r.DisputedAt.Add(x.h.Settings.Request), "told that it is not cancelled, read that it is; looking again")
	}
	if r.DisputedAt = (time.Time{}); x.isCancelRejectedSince(told) {
		r.RejectedBefore = told.Facts.CancelRejected
	}
	return nil
}

// cancelReplacement cancels a replacement of ours that had been sent, as read just now, and waits until that is confirmed.
// nil: it is gone, and so is the record's claim on it. Where its location took it, the cancel is refused, or it is not
// confirmed in time, the row is the operator's, for the reason given.
func (x *attempt) cancelReplacement(ctx context.Context, d *happycolis.DeliveryOrder, reason journal.Reason) error {
	r := x.r
	c := r.ReplacementCancel
	if c != nil {
		reason = c.ReasonIfKept
	}
	if c != nil && r.Intent != nil && !r.Intent.At.Before(c.SentAt) { // whoever sent it died: its reply is lost
		c.RepliesLost, r.Intent = max(1, c.RepliesLost), nil
	}
	switch {
	case c == nil && orders.ConfirmsCancel(d, journal.CanceledEvents{}), c != nil && orders.ConfirmsCancel(d, c.Before):
		x.giveUpReplacement()
		return nil
	case c == nil || c.RepliesLost > 0 && orders.IsLive(*d) && d.SentAt.Sub(c.SentAt) >= x.h.Settings.Request:
		if _, begun := orders.CheckWorkBegun(d); orders.IsLive(*d) && (begun || orders.EffectiveStatus(d) == orders.StatusOpened) {
			return needsPerson(reason)
		}
		return x.sendCancel(ctx, d, reason)
	}
	if late, err := x.reader.HasElapsed(ctx, c.SentAt, d.SentAt, x.h.Settings.CancelTimeout); err != nil {
		return err
	} else if late {
		r.ReplacementCancel = nil
		r.Note(x.h.Now(), "the cancel of "+r.Replacement+" was never confirmed")
		return needsPerson(reason)
	}
	if c.RepliesLost > 0 && orders.IsLive(*d) {
		return waitUntil(x.h.Now().Add(max(c.SentAt.Add(x.h.Settings.Request).Sub(x.h.Now()), time.Second)), "")
	}
	return waitUntil(x.scheduleNextPoll(x.h.Settings.CancelTimeout), "")
}

// sendCancel sends the cancel of a replacement. A repeated one that is refused proves nothing: the first may be under way.
func (x *attempt) sendCancel(ctx context.Context, d *happycolis.DeliveryOrder, reason journal.Reason) error {
	if err := x.waitWhilePaused(ctx, d.Location.ID); err != nil {
		return err
	}
	r, c, of := x.r, x.r.ReplacementCancel, x.r.Intent
	r.ReplacementCancel = &journal.Cancellation{SentAt: x.h.Now(), ReasonIfKept: reason, Before: orders.ReadCanceledEvents(d)}
	if c != nil {
		r.ReplacementCancel.Before = c.Before.Merge(orders.ReadCanceledEvents(d))
	}
	became, err := x.mutate(ctx, true, d.SentAt, func(a *happycolis.Account) error { return a.CancelDeliveryOrder(ctx, d.ID) })
	r.Intent = of // that of a release is not this one's
	switch became {
	case unsent:
		r.ReplacementCancel = c
		return err
	case refused:
		if c == nil {
			r.ReplacementCancel = nil
			return needsPerson(reason)
		}
		r.ReplacementCancel.SentAt = c.SentAt
	case unknown:
		if c != nil {
			r.ReplacementCancel.RepliesLost = c.RepliesLost
		}
		if r.ReplacementCancel.RepliesLost++; r.ReplacementCancel.RepliesLost > maxUndoAttempts {
			r.ReplacementCancel = nil
			return needsPerson(reason)
		}
	case applied:
	}
	x.invalidateCache()
	return waitUntil(x.h.Now(), "cancelled "+d.ID+"; waiting for the confirmation")
}

// giveUpReplacement ends the record's claim on its replacement, which is cancelled. It is watched as a former one.
func (x *attempt) giveUpReplacement() {
	r := x.r
	r.Note(x.h.Now(), "the cancellation of "+r.Replacement+" is confirmed")
	r.DetachReplacement()
	r.Repeats = 0
}

// handleReplacementCancelled waits, where somebody else cancelled our replacement, as long as the platform may take to dispatch
// the order again or to close it. nil: it had its time.
func (x *attempt) handleReplacementCancelled(ctx context.Context) error {
	r, now := x.r, x.h.Now()
	if r.ReplacementGoneAt.IsZero() {
		r.ReplacementGoneAt = now
		r.Note(now, "somebody else cancelled the replacement "+r.Replacement)
	}
	left, err := x.redispatchTimeLeft(ctx, r.ReplacementGoneAt)
	switch {
	case err != nil:
		return err
	case left > 0:
		return waitUntil(now.Add(max(left, time.Second)), "")
	}
	return nil
}
