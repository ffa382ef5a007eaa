package handover

import (
	"context"
	"fmt"
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// This file holds a reassignment to the plan that an operator approved. The journal refuses the intent of what
// no approved plan names; what is asked here comes before it, and says what changed.

// loadApprovedRow returns the row of the approved plan that binds this reassignment, nil if none names it. bound is
// false where no plan has to: the incident does not move by plans, an operator asked for this one, or the
// release began and it has to be finished wherever it goes.
func (x *attempt) loadApprovedRow(ctx context.Context) (row *journal.PlanRow, bound bool, err error) {
	if x.r.Plan.ManualRetry || x.r.ReleaseBegan() {
		return nil, false, nil
	}
	return x.h.Journal.Approved(ctx, x.r.Identity.Organization, x.r.Identity.Incident, x.r.Identity.DeliveryOrder)
}

// chooseTarget returns where the decision takes the delivery order: to its target or, under an approved plan, to the one that
// was approved. The error says what becomes of it where it is not as it was planned.
func (x *attempt) chooseTarget(ctx context.Context, view *happycolis.DeliveryOrder, decided decision.Decision) (policy.Ranked, error) {
	row, bound, err := x.loadApprovedRow(ctx)
	if err != nil {
		return policy.Ranked{}, err
	}
	if !bound {
		return decided.Target, nil
	}
	d := *decided.Policy
	if row == nil {
		return policy.Ranked{}, x.excludeFromPlan(journal.PolicyRule, "no approved plan names it")
	}
	digest := journal.Digest(orders.LiveLines(view))
	planned := slices.DeleteFunc(slices.Clone(d.Candidates), func(c policy.Ranked) bool { return c.ID != row.ToID && !slices.Contains(row.May, c.ID) })
	switch {
	case row.Action == journal.NeedsPerson:
		return policy.Ranked{}, x.excludeFromPlan(row.Reason, fmt.Sprintf("planned for a person (%s); now it could go to %s", row.Reason, d.Candidates[0]))
	case row.Action == journal.Left:
		return policy.Ranked{}, x.excludeFromPlan(journal.PolicyRule, fmt.Sprintf("planned to be left (%s); now it could go to %s", row.Reason, d.Candidates[0]))
	case row.Status != view.Status:
		return policy.Ranked{}, x.excludeFromPlan(journal.PolicyRule, fmt.Sprintf("it was %s when it was planned and is %s now", row.Status, view.Status))
	case row.Lines != digest:
		return policy.Ranked{}, x.excludeFromPlan(journal.PolicyRule, "its lines changed since it was planned")
	case len(planned) == 0:
		if suspect, err := x.isPlannedSuspect(ctx, d, row); err != nil || suspect {
			if err == nil {
				err = x.awaitSuspects(ctx, d)
			}
			return policy.Ranked{}, err
		}
		return policy.Ranked{}, x.excludeFromPlan(decision.NoCandidateReason(x.r, policy.Decision{Reason: policy.ReasonNoCandidate}),
			fmt.Sprintf("planned to %s, which is not admitted any more; now it could go to %s", describePlanRow(row), d.Candidates[0]))
	}
	return x.reader.FirstUnpaused(ctx, planned)
}

// describePlanRow says where a plan takes a delivery order that it moves.
func describePlanRow(row *journal.PlanRow) string {
	if row.Action == journal.Holding {
		return "wait for capacity"
	}
	return "go to " + row.To
}

// excludeFromPlan leaves what was approved to an operator, since it is not as the plan had it.
func (x *attempt) excludeFromPlan(reason journal.Reason, changed string) error {
	x.r.Plan.Deviation = changed
	x.r.Note(x.h.Now(), "left out of the approved plan: "+changed)
	return compensate{journal.NeedsPerson, reason}
}

// recordDeviation notes that a reassignment which was approved ends without being moved, if the outcome ends it so. That
// the location recovered, or an operator said so, is no change of the delivery order.
func (x *attempt) recordDeviation(ctx context.Context, result outcome) error {
	ends := journal.NeedsPerson
	var reason journal.Reason
	switch o := result.(type) {
	case left:
		ends, reason = journal.Left, journal.Reason(o)
	case needsPerson:
		reason = journal.Reason(o)
	case compensate:
		if reason = o.reason; o.then == journal.Left {
			ends = journal.Left
		}
	default:
		return nil
	}
	if x.r.Plan.Deviation != "" || slices.Contains([]journal.Reason{journal.Recovered, journal.StoppedByUs, journal.ByPerson}, reason) {
		return nil
	}
	row, bound, err := x.loadApprovedRow(ctx)
	if err != nil || !bound || row == nil || row.Action != journal.Reassigned && row.Action != journal.Holding {
		return err
	}
	x.r.Plan.Deviation = fmt.Sprintf("planned to %s; now %s: %s", describePlanRow(row), ends, reason)
	return nil
}
