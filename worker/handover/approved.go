package handover

import (
	"context"
	"fmt"
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/journal"
)

// This file holds a reassignment to the plan that a person approved. The journal refuses the intent of what
// no approved plan names; what is asked here comes before it, and says what changed.

// planned returns the row of the approved plan that binds this reassignment, nil if none names it. bound is
// false where no plan has to: the incident does not move by plans, a person asked for this one, or the
// release began and it has to be finished wherever it goes.
func (x *run) planned(ctx context.Context) (row *journal.Planned, bound bool, err error) {
	if x.rehearsal != nil || x.r.ByHand || x.r.ReleaseBegan() {
		return nil, false, nil
	}
	return x.h.Journal.Approved(ctx, x.r.Organization, x.r.Incident, x.r.DeliveryOrder)
}

// target returns where the decision takes the delivery order: to the first candidate or, under an approved
// plan, to the one that was approved. The verdict is not nil where it is not as it was planned.
func (x *run) target(ctx context.Context, view *happycolis.DeliveryOrder, d policy.Decision) (policy.Ranked, *verdict) {
	row, bound, err := x.planned(ctx)
	if err != nil {
		v := broken(err)
		return policy.Ranked{}, &v
	}
	if !bound {
		return x.unpaused(ctx, d.Candidates)
	}
	if row == nil {
		return policy.Ranked{}, x.leaveOut(journal.PolicyRule, "no approved plan names it")
	}
	digest := journal.Digest(readLines(view))
	planned := slices.DeleteFunc(slices.Clone(d.Candidates), func(c policy.Ranked) bool { return c.ID != row.ToID && !slices.Contains(row.May, c.ID) })
	switch {
	case row.Action == journal.NeedsPerson:
		return policy.Ranked{}, x.leaveOut(row.Reason, fmt.Sprintf("planned for a person (%s); now it could go to %s", row.Reason, d.Candidates[0]))
	case row.Action == journal.Left:
		return policy.Ranked{}, x.leaveOut(journal.PolicyRule, fmt.Sprintf("planned to be left (%s); now it could go to %s", row.Reason, d.Candidates[0]))
	case row.Status != view.Status:
		return policy.Ranked{}, x.leaveOut(journal.PolicyRule, fmt.Sprintf("it was %s when it was planned and is %s now", row.Status, view.Status))
	case row.Lines != digest:
		return policy.Ranked{}, x.leaveOut(journal.PolicyRule, "its lines changed since it was planned")
	case len(planned) == 0:
		if suspect, err := x.plannedSuspect(ctx, d, row); err != nil || suspect {
			v := broken(err)
			if err == nil {
				v = x.awaitSuspects(ctx, d)
			}
			return policy.Ranked{}, &v
		}
		return policy.Ranked{}, x.leaveOut(x.whyNobody(policy.Decision{Reason: policy.ReasonNoCandidate}),
			fmt.Sprintf("planned to %s, which is not admitted any more; now it could go to %s", going(row), d.Candidates[0]))
	}
	return x.unpaused(ctx, planned)
}

// unpaused returns the first of the candidates to which no pause stops what is sent; where each is paused, the first: it
// is waited for.
func (x *run) unpaused(ctx context.Context, candidates []policy.Ranked) (policy.Ranked, *verdict) {
	pauses, err := x.h.Journal.Pauses(ctx, x.r.Organization)
	if err != nil {
		v := broken(err)
		return policy.Ranked{}, &v
	}
	for _, c := range candidates {
		if !slices.ContainsFunc(pauses, func(p journal.Pause) bool { return p.Scope == c.ID }) {
			return c, nil
		}
	}
	return candidates[0], nil
}

// going says where a plan takes a delivery order that it moves.
func going(row *journal.Planned) string {
	if row.Action == journal.Holding {
		return "wait for capacity"
	}
	return "go to " + row.To
}

// leaveOut leaves what was approved to a person, since it is not as the plan had it.
func (x *run) leaveOut(reason journal.Reason, changed string) *verdict {
	x.r.LeftOut = changed
	x.r.Note(x.h.Now(), "left out of the approved plan: "+changed)
	v := undo(journal.NeedsPerson, reason)
	return &v
}

// missesPlan notes that a reassignment which was approved ends without being moved. That the location
// recovered, or a person said so, is no change of the delivery order.
func (x *run) missesPlan(ctx context.Context, v verdict) error {
	if x.r.LeftOut != "" || slices.Contains([]journal.Reason{journal.Recovered, journal.StoppedByUs, journal.ByPerson}, v.reason) {
		return nil
	}
	row, bound, err := x.planned(ctx)
	if err != nil || !bound || row == nil || row.Action != journal.Reassigned && row.Action != journal.Holding {
		return err
	}
	ends := string(journal.NeedsPerson)
	if v.kind == leave || v.kind == takeBack && v.then == journal.Left {
		ends = string(journal.Left)
	}
	x.r.LeftOut = fmt.Sprintf("planned to %s; now %s: %s", going(row), ends, v.reason)
	return nil
}
