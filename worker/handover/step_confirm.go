package handover

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// answer is what the target said to the replacement.
type answer int

const (
	silent answer = iota
	accepted
	rejectedAll
	rejectedPart
)

// confirm waits until the target took the replacement: acceptance where a warehouse was asked, the status
// elsewhere. The index, fed by webhooks, is asked first; a poll is the net beneath.
func (x *run) confirm(ctx context.Context) verdict {
	r := x.r
	if r.Since.IsZero() {
		r.Since = x.h.Now()
	}
	if v := x.cameBack(ctx); v != nil {
		return *v
	}
	entry, known, err := x.h.Index.Get(ctx, r.Organization, r.Replacement)
	if err != nil {
		return broken(err)
	}
	said, read := silent, r.SentAt
	if known {
		said, read = x.judge(entry), entry.Date
	}
	due := !r.PollAt.IsZero() && !x.h.Now().Before(r.PollAt)
	if said != accepted && (said != silent || due) {
		d, stop := x.readReplacement(ctx, x.org.Calm)
		if stop != nil {
			return *stop
		}
		said, read = x.judge(EntryOf(d)), d.Asked
	}
	switch said {
	case accepted:
		return x.accepted(ctx)
	case rejectedAll:
		return x.rejected(ctx)
	case rejectedPart:
		return needs(journal.PartlyRejected)
	}
	if v := x.handedOn(ctx); v != nil {
		return *v
	}
	if late, err := x.overdue(ctx, read, x.h.Settings.AcceptTimeout); err != nil {
		return broken(err)
	} else if late {
		return needs(journal.FallbackSilent)
	}
	return holdUntil(x.nextPoll(x.h.Settings.AcceptTimeout), "")
}

// judge reads the answer out of lines, status and events.
func (x *run) judge(e index.Entry) answer {
	var liveLines, rejectedLines, takenLines int
	for _, l := range e.Lines {
		switch l.Status {
		case lineCanceled:
		case lineRejected:
			rejectedLines++
		case lineAccepted, "IN_PROGRESS", "PARTIALLY_FULFILLED", "FULFILLED", "DELIVERED":
			liveLines++
			takenLines++
		default:
			liveLines++
		}
	}
	asksWarehouse := x.r.Asked && (x.r.ToType == typeWarehouse || x.r.ToType == "")
	switch {
	case rejectedLines > 0 && liveLines > 0:
		return rejectedPart
	case rejectedLines > 0 || len(e.Lines) > 0 && liveLines == 0:
		return rejectedAll
	case asksWarehouse && (liveLines > 0 && takenLines == liveLines || slices.Contains(e.Events, eventAccepted) || e.Status == statusOpened):
		return accepted
	case !asksWarehouse && (e.Status == statusPending || e.Status == statusOpened || e.Status == statusCompleted):
		return accepted
	}
	return silent
}

// accepted ends the handover. Where the platform dispatches by itself the quantities are summed once more.
func (x *run) accepted(ctx context.Context) verdict {
	if x.r.Dispatch != dispatchAutomatic {
		return done()
	}
	view, stop := x.lookAgain(ctx, x.org.Urgent)
	if stop != nil {
		return *stop
	}
	if len(view.Orders) != 1 {
		return needs(journal.UnknownState)
	}
	p, err := x.parent(ctx, view)
	if err != nil {
		return broken(err)
	}
	if !x.addsUp(p) {
		return needs(journal.OverAllocated)
	}
	return done()
}

// rejected cancels the replacement that its target refused, and goes on to the next candidate. One that we
// only adopted is the platform's: a person sees to it.
func (x *run) rejected(ctx context.Context) verdict {
	r := x.r
	if r.Adopted {
		return needs(journal.FallbackSilent)
	}
	x.drop()
	if r.Intent == nil {
		became, v := x.mutate(ctx, true, time.Time{}, func(a *happycolis.Account) error { return a.Cancel(ctx, r.Replacement) })
		if became == unsent {
			return v
		}
	}
	// Refused or lost: its lines are rejected, so it covers nothing whether the cancel was applied or not.
	r.Intent = nil
	r.Former = append(r.Former, r.Replacement)
	r.Replacement, r.SentAt = "", time.Time{}
	return x.spend(journal.FallbacksExhausted)
}
