package handover

import (
	"context"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// handleMissingOriginal judges that the original was not found: once is not enough to believe it.
// A DRAFT of ours may be all that is left of the order then, so it stands, and is an operator's.
func (x *attempt) handleMissingOriginal(ctx context.Context) error {
	now, r := x.h.Now(), x.r
	if r.Original.GoneSince.IsZero() {
		e, _, err := x.h.Index.Get(ctx, r.Identity.Organization, r.Identity.DeliveryOrder)
		if err != nil {
			return err
		}
		r.Original.GoneSince, r.Original.SeenAt = now, e.Date.Add(time.Millisecond) // what is told of it later is news
	}
	if again := r.Original.GoneSince.Add(x.h.Settings.Request); now.Before(again) {
		return waitUntil(again, "the platform does not know the delivery order; looking again")
	}
	if r.Intent != nil && r.Intent.Step == stepPrepare && r.Replacement.ID == "" {
		if err := x.findLeftoverDraft(ctx); err != nil {
			return err
		}
	}
	switch {
	case r.ReleaseBegan():
		return needsPerson(journal.UnknownState)
	case r.Replacement.ID != "":
		return needsPerson(journal.UnprovenDraft)
	}
	return compensate{journal.Left, journal.Gone}
}

// leaveGone leaves an original that a read, asked at that moment, shows gone. A read may be stale, so two have to show it,
// the second asked one request timeout after the first.
func (x *attempt) leaveGone(asked time.Time) error {
	if err := x.confirmGone(asked); err != nil {
		return err
	}
	return compensate{journal.Left, journal.Gone}
}

// confirmGone judges that a read, asked at that moment, shows the original gone or does not find it: it counts after a second such
// read, asked one request timeout later. nil: it is gone.
func (x *attempt) confirmGone(asked time.Time) error {
	r := x.r
	if r.Original.GoneSince.IsZero() {
		r.Original.GoneSince = asked
	}
	if again := r.Original.GoneSince.Add(x.h.Settings.Request); asked.Before(again) {
		x.invalidateCache()
		return waitUntil(again, "the platform shows the delivery order gone; looking again")
	}
	return nil
}

// findLeftoverDraft looks for the DRAFT of a create in doubt whose original is not found any more, among the delivery
// orders of its order. It is listed, and never touched. nil: it is not there and will not come.
func (x *attempt) findLeftoverDraft(ctx context.Context) error {
	r := x.r
	account, err := x.reader.AcquireReadToken(ctx, x.org.ForHandover)
	if err != nil {
		return err
	}
	read, order := x.h.Now(), r.Identity.Orders[0]
	all, err := account.DeliveryOrders(ctx, order)
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		return needsPerson(journal.UnprovenDraft)
	}
	if err != nil {
		return err
	}
	p, err := x.reader.LoadParent(ctx, &happycolis.DeliveryOrder{ID: r.Identity.DeliveryOrder, Orders: []happycolis.Order{{ID: order, DeliveryOrders: all}}})
	if err != nil {
		return err
	}
	if err := x.excludeKnown(ctx, p); err != nil {
		return err
	}
	if made := p.MatchCreated(x.r); len(made) > 0 {
		r.Replacement.UnprovenDraftID = made[0]
		r.Note(read, "DRAFT "+strings.Join(made, ", ")+" has the lines that were asked for when the reply was lost")
		return needsPerson(journal.UnprovenDraft)
	}
	if err := x.confirmNotApplied(read); err != nil {
		return err
	}
	r.Intent = nil
	return nil
}
