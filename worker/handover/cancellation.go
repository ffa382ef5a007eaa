package handover

import (
	"context"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/api"
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
	told, _, err := x.h.Index.Get(ctx, r.Identity.Organization, r.Identity.DeliveryOrder)
	if err != nil {
		return err
	}
	before := r.CanceledKnown().Merge(orders.ReadCanceledEvents(view))
	if r.Release.CancelSentAt.IsZero() || told.Facts.CancelRejected.After(r.Release.RejectedBefore) {
		before = before.Merge(orders.IndexedCanceledEvents(told.Canceled))
		r.Release.RejectedBefore = told.Facts.CancelRejected
	}
	r.Release.CanceledBefore, r.Release.DisputedAt, r.Release.ToldAt = &before, time.Time{}, time.Time{}
	return nil
}

// isCancelRejectedSince reports whether a webhook told of a rejected cancellation that was not known when our cancel was sent.
func (x *attempt) isCancelRejectedSince(told index.Entry) bool {
	return told.Facts.CancelRejected.After(x.r.Release.RejectedBefore)
}

// handleDisputedCancel judges an original that a read shows cancelled although a webhook told, after our cancel was sent, that a
// cancellation was rejected, or that lines of it are live. One of them is old news: the read is, until a second one, one request timeout later, shows
// the same; then the webhook is, which told of somebody else's cancel. nil: that is settled.
func (x *attempt) handleDisputedCancel(told index.Entry, read time.Time) error {
	r := x.r
	if r.Release.DisputedAt.IsZero() {
		r.Release.DisputedAt = read
	}
	if read.Sub(r.Release.DisputedAt) < x.h.Settings.Request {
		return waitUntil(r.Release.DisputedAt.Add(x.h.Settings.Request), "told that it is not cancelled, read that it is; looking again")
	}
	if r.Release.DisputedAt = (time.Time{}); x.isCancelRejectedSince(told) {
		r.Release.RejectedBefore = told.Facts.CancelRejected
	}
	return nil
}

// cancelReplacement cancels a replacement of ours that had been sent, as read just now, and waits until that is confirmed.
// nil: it is gone, and so is the record's claim on it. Where its location took it, the cancel is refused, or it is not
// confirmed in time, the row is the operator's, for the reason given.
func (x *attempt) cancelReplacement(ctx context.Context, d *happycolis.DeliveryOrder, reason journal.Reason) error {
	r := x.r
	c := r.Replacement.Cancel
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
		r.Replacement.Cancel = nil
		r.Note(x.h.Now(), "the cancel of "+r.Replacement.ID+" was never confirmed")
		return needsPerson(reason)
	}
	if c.RepliesLost > 0 && orders.IsLive(*d) {
		return waitUntil(x.h.Now().Add(max(c.SentAt.Add(x.h.Settings.Request).Sub(x.h.Now()), time.Second)), "")
	}
	return waitingFor(api.WaitCancel, c.SentAt, x.h.Settings.CancelTimeout, waitUntil(x.scheduleNextPoll(x.h.Settings.CancelTimeout), ""))
}

// sendCancel sends the cancel of a replacement. A repeated one that is refused proves nothing: the first may be under way.
func (x *attempt) sendCancel(ctx context.Context, d *happycolis.DeliveryOrder, reason journal.Reason) error {
	if err := x.waitWhilePaused(ctx, d.Location.ID); err != nil {
		return err
	}
	r, c, of := x.r, x.r.Replacement.Cancel, x.r.Intent
	r.Replacement.Cancel = &journal.Cancellation{SentAt: x.h.Now(), ReasonIfKept: reason, Before: orders.ReadCanceledEvents(d)}
	if c != nil {
		r.Replacement.Cancel.Before = c.Before.Merge(orders.ReadCanceledEvents(d))
	}
	became, err := x.mutate(ctx, true, d.SentAt, func(a *happycolis.Account) error { return a.CancelDeliveryOrder(ctx, d.ID) })
	r.Intent = of // that of a release is not this one's
	switch became {
	case unsent:
		r.Replacement.Cancel = c
		return err
	case refused:
		if c == nil {
			r.Replacement.Cancel = nil
			return needsPerson(reason)
		}
		r.Replacement.Cancel.SentAt = c.SentAt
	case unknown:
		if c != nil {
			r.Replacement.Cancel.RepliesLost = c.RepliesLost
		}
		if r.Replacement.Cancel.RepliesLost++; r.Replacement.Cancel.RepliesLost > maxUndoAttempts {
			r.Replacement.Cancel = nil
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
	r.Note(x.h.Now(), "the cancellation of "+r.Replacement.ID+" is confirmed")
	r.DetachReplacement()
	r.Retry.Repeats = 0
}

// handleReplacementCancelled waits, where somebody else cancelled our replacement, as long as the platform may take to dispatch
// the order again or to close it. nil: it had its time.
func (x *attempt) handleReplacementCancelled(ctx context.Context) error {
	r, now := x.r, x.h.Now()
	if r.Replacement.GoneAt.IsZero() {
		r.Replacement.GoneAt = now
		r.Note(now, "somebody else cancelled the replacement "+r.Replacement.ID)
	}
	left, err := x.redispatchTimeLeft(ctx, r.Replacement.GoneAt)
	switch {
	case err != nil:
		return err
	case left > 0:
		return waitingFor(api.WaitRedispatch, time.Time{}, 0, waitUntil(now.Add(max(left, time.Second)), ""))
	}
	return nil
}
