package handover

import (
	"context"
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/journal"
)

// decide reads the original again, asks whether it may be moved at all, asks the policy where to, and
// enters the first step. It comes back here for the next candidate whenever one is spent.
func (x *run) decide(ctx context.Context) verdict {
	r := x.r
	if r.State == journal.Holding {
		if v := x.stillHeld(ctx); v != nil {
			return *v
		}
		r.State = journal.Pending
	}
	if !r.Begun && x.rehearsal == nil {
		if v := x.place(ctx); v != nil {
			return *v
		}
		if v := x.begin(ctx); v != nil {
			return *v
		}
	}
	v := x.choose(ctx)
	x.settle(ctx, v)
	return v
}

func (x *run) choose(ctx context.Context) verdict {
	r := x.r
	view, stop := x.look(ctx)
	if stop != nil {
		return *stop
	}
	if x.tookEffect(view) {
		r.ReleasedBy, r.ReleasedAt = r.CancelSent, x.h.Now().UTC()
		r.Note(x.h.Now(), "the original is cancelled after all")
	}
	if x.stillMoved(view.Location.ID) {
		return done()
	}
	x.learn(view)
	r.Unproven = ""
	if !r.ReleaseBegan() {
		if v := x.orphan(ctx, view); v != nil {
			return *v
		}
		if v := x.screen(view); v != nil {
			return *v
		}
		if v := x.justified(ctx, view); v != nil {
			return *v
		}
	}
	if r.Hops >= x.h.Settings.MaxHops {
		return undo(journal.NeedsPerson, journal.HopsExhausted)
	}
	x.unread = nil
	facts, stop := x.facts(ctx, view)
	if stop != nil {
		return *stop
	}
	x.rehearsal.promised(&facts)
	d := x.org.Policy().Decide(facts)
	r.Decision = &d
	if d.Reason == policy.ReasonNoCandidate && x.unread != nil {
		return x.stumble(x.unread)
	}
	switch d.Outcome {
	case policy.Leave:
		if r.ReleaseBegan() { // there is nothing left to leave where it is
			return undo(journal.NeedsPerson, journal.PolicyRule)
		}
		return undo(journal.Left, journal.PolicyLeave)
	case policy.NeedsPerson:
		waits := append(d.Suspected(), d.Full()...)
		switch {
		case x.rehearsal != nil && (d.Suspects || d.Wait): // it would go there, later
			x.aim(facts.Candidates[waits[0]].ID, facts)
			return x.onTheWay(view)
		case d.Suspects:
			return x.awaitSuspects(ctx, d)
		case d.Wait:
			return x.holdForRoom(ctx, d)
		}
		return undo(journal.NeedsPerson, x.whyNobody(d))
	case policy.Reassign:
	}
	to, stop := x.target(ctx, view, d)
	if stop != nil {
		return *stop
	}
	x.aim(to.ID, facts)
	if v := x.promise(ctx, d, facts); v != nil {
		return *v
	}
	r.Note(x.h.Now(), "decided by rule \""+d.Rule+"\": to "+to.String())
	if r.Replacement != "" && (view.Status != statusDraft || r.ReleaseBegan()) {
		return x.repoint(ctx)
	}
	return x.onTheWay(view)
}

// onTheWay enters the first step towards the target.
func (x *run) onTheWay(view *happycolis.DeliveryOrder) verdict {
	if view.Status == statusDraft && !x.r.ReleaseBegan() {
		return jump(stepMove)
	}
	return jump(stepPrepare)
}

// whyNobody is the reason where the policy names no candidate: what happened to those before counts.
func (x *run) whyNobody(d policy.Decision) journal.Reason {
	switch {
	case d.Reason != policy.ReasonNoCandidate:
		return journal.Reason(d.Reason)
	case x.r.Hops > 0:
		return journal.FallbacksExhausted
	case x.r.Refused != "":
		return x.r.Refused
	}
	return journal.NoCandidate
}

// learn records what the read tells of the original. After its release it shows a cancelled one, of
// which only what was recorded before is of use.
func (x *run) learn(d *happycolis.DeliveryOrder) {
	r := x.r
	if r.ReleaseBegan() {
		return
	}
	r.OrderNumber, r.Status, r.Priority, r.Country = d.OrderNumber, d.Status, d.Priority, d.Country
	if d.Location.ID == r.FromID && d.Location.Slug != "" {
		r.From = d.Location.Slug
	}
	r.Asked = hasEvent(d, eventRequested) || d.Status == statusOpened
	r.Orders = r.Orders[:0]
	for _, o := range d.Orders {
		r.Orders = append(r.Orders, o.ID)
		r.Dispatch = o.DispatchingType
	}
}

// justified is the promise that the event is a rumour: the read on whose strength something is begun
// must be fresh and show the failed integration in ERROR. A single reading of ACTIVE may be stale, so it
// is read once more before the row is left.
func (x *run) justified(ctx context.Context, d *happycolis.DeliveryOrder) *verdict {
	if x.rehearsal != nil {
		return nil
	}
	give := func(v verdict) *verdict { return &v }
	reads := IntegrationReads(d.Location.Integration, x.r.Integration)
	if reads == Recovered {
		loc, err := x.location(ctx, x.r.FromID, true)
		if err != nil {
			return give(x.stumble(err))
		}
		reads = IntegrationReads(loc.Integration, x.r.Integration)
		if reads == Erring {
			return give(x.contradicted("two reads of the integration disagree; looking again", undo(journal.NeedsPerson, journal.RetriesExhausted)))
		}
	}
	switch reads {
	case Recovered:
		return give(undo(journal.Left, journal.Recovered))
	case Different:
		return give(holdUntil(x.h.Now().Add(heldWait), ""))
	}
	if !x.fresh(d.Asked) {
		return give(x.stale())
	}
	return nil
}

// aim sets the target.
func (x *run) aim(id string, f policy.Facts) {
	x.r.ToID = id
	for _, c := range f.Candidates {
		if c.ID == id {
			x.r.To, x.r.ToType = c.Slug, c.Type.Value
		}
	}
}

// unfit decides anew because a fence refuses the present target now; the DRAFT is then pointed elsewhere. The
// target is not marked as tried: it had nothing and refused nothing, and may be fit again before a retry.
func (x *run) unfit() verdict {
	x.r.To, x.r.ToID, x.r.ToType = "", "", ""
	return jump("")
}

// spend marks the present target as tried, for the reason given, and goes back to decide.
func (x *run) spend(why journal.Reason) verdict {
	r := x.r
	if !slices.Contains(r.Tried, r.ToID) {
		r.Tried = append(r.Tried, r.ToID)
	}
	r.Refused = why
	r.Note(x.h.Now(), r.To+" is spent: "+string(why))
	r.To, r.ToID, r.ToType = "", "", ""
	return jump("")
}
