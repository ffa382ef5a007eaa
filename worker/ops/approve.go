package ops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/refusal"
	"happycolis-reassigner/worker/plaintext"
)

// ApproveIncident freezes a plan of an incident (dry run), or approves the one that is frozen, by its hash. Without a hash
// nothing is approved, so that nobody approves a plan that was not shown.
func (a *Actions) ApproveIncident(ctx context.Context, user, id string, want api.ApproveRequest) (detail api.IncidentDetail, err error) {
	if want.Limit < 0 {
		return detail, refusal.New(refusal.Invalid, "limit is a number of delivery orders, from 1")
	}
	if err := checkReason(want.Reason, want.DryRun); err != nil {
		return detail, err
	}
	inc, err := a.Query.FindIncident(ctx, id)
	if err != nil {
		return detail, err
	}
	if err := a.Incidents.CheckApprovable(ctx, inc); err != nil {
		return detail, err
	}
	if want.DryRun {
		if inc, err = a.Incidents.FreezePlan(ctx, inc); err != nil {
			return detail, err
		}
		return a.Query.DescribeIncident(ctx, inc)
	}
	if want.Hash == "" {
		return detail, refusal.New(refusal.Invalid, "the hash of the plan is missing: ask for the plan with dry_run, look at it, then approve its hash")
	}
	by := handover.Actor{User: user, Reason: want.Reason}
	err = a.audited(ctx, inc.Organization, by, "incidents approve", inc.ID, "done: plan "+want.Hash, func() error {
		return a.Approve(ctx, inc, Approval{Hash: want.Hash, Limit: want.Limit, Approved: want.Approved}, by)
	})
	if err != nil {
		return detail, err
	}
	return a.describeNow(ctx, inc)
}

// Approval is what an operator approves: a plan that was shown to the operator, or the first delivery orders of it.
type Approval struct {
	Hash     string // of the frozen plan
	Limit    int    // how many delivery orders may move; 0: all of the plan
	Approved *int   // how many rows were approved when the plan was shown; nil: not said, and not compared
}

// approveTries is how often an approval is tried while somebody else changes the incident at the same moment.
const approveTries = 5

// ErrOtherPlan reports that the plan to be approved is not the one that is frozen now.
var ErrOtherPlan = fmt.Errorf("the plan changed: %w", handover.ErrMovedOn)

// Approve approves the frozen plan of an incident, in whole or in part; only what it names may move, and everything
// else waits for another approval. The error wraps handover.ErrNotApplicable where the incident waits for none,
// ErrOtherPlan, or journal.ErrPlanGone where the plan is too old.
func (a *Actions) Approve(ctx context.Context, inc *journal.Incident, want Approval, by handover.Actor) error {
	if a.Organizations[inc.Organization] == nil {
		return fmt.Errorf("organization %q is not configured", inc.Organization)
	}
	var err error
	for range approveTries {
		var fresh *journal.Incident
		if fresh, err = a.Journal.Incident(ctx, inc.Organization, inc.ID); err != nil {
			return err
		}
		var from int
		from, err = a.recordApproval(ctx, fresh, want, by)
		if err == nil {
			return a.startApproved(ctx, fresh, from, by)
		}
		if errors.Is(err, journal.ErrPlanGone) {
			return planExpired(fresh)
		}
		if !errors.Is(err, journal.ErrObsolete) {
			return err
		}
	}
	return err
}

// planExpired is the error for a plan whose rows have expired.
func planExpired(inc *journal.Incident) error {
	return handover.NewUserError(journal.ErrPlanGone, "plan %s is not kept any more (a plan is kept for %d h, and until the next); %s",
		inc.Plan.Hash, int(journal.PlanKept.Hours()), adviseNewPlan(inc.ID))
}

func adviseNewPlan(incident string) string {
	return "look at the plan anew: reassigner incidents approve " + plaintext.ShellWord(incident) + " --dry-run"
}

// recordApproval stores the approval, and returns the number of the first row that it covers.
func (a *Actions) recordApproval(ctx context.Context, inc *journal.Incident, want Approval, by handover.Actor) (from int, err error) {
	if err := a.Incidents.CheckApprovable(ctx, inc); err != nil {
		return 0, err
	}
	now, p := a.Now().UTC().Truncate(time.Millisecond), inc.Plan
	switch {
	case p == nil || p.Hash != want.Hash:
		return 0, handover.NewUserError(ErrOtherPlan, "plan %s is not the one that is frozen now; %s", want.Hash, adviseNewPlan(inc.ID))
	case now.Sub(p.MadeAt) > journal.PlanKept:
		return 0, planExpired(inc)
	case want.Approved != nil && *want.Approved != p.Approved:
		return 0, handover.NewUserError(ErrOtherPlan, "%s approved %d of these at %s; %s",
			inc.ApprovedBy, p.Approved-*want.Approved, inc.ApprovedAt.Format("15:04:05 MST"), adviseNewPlan(inc.ID))
	case p.Approved == p.Orders && inc.State != journal.AwaitingApproval:
		return 0, handover.NewUserError(handover.ErrNotApplicable, "all of plan %s is approved, and nothing else of incident %s waits for an approval", p.Hash, inc.ID)
	}
	from = p.Approved
	to, moves := p.Orders, 0
	if want.Limit > 0 {
		to = from
	}
	for row, err := range a.Journal.PlanRows(ctx, inc.Organization, inc.ID, p, from) {
		if err != nil {
			return 0, err
		}
		if want.Limit > 0 && moves == want.Limit {
			break
		}
		if row.Action == journal.Reassigned || row.Action == journal.Holding {
			moves++
		}
		if want.Limit > 0 {
			to++
		}
	}
	p.Approved = to
	inc.ApprovedBy, inc.ApprovedAt = by.User, now
	what := fmt.Sprintf("plan %s, %d of %d delivery orders that it moves", p.Hash, moves, p.Moves+p.Holding)
	inc.Note(now, "approved, "+what+": "+by.Reason, by.User)
	return from, a.Journal.Approve(ctx, inc, from, to, now)
}

// startApproved begins to move what was approved.
func (a *Actions) startApproved(ctx context.Context, inc *journal.Incident, from int, by handover.Actor) error {
	if err := a.reapproveExcluded(ctx, inc, from, by); err != nil {
		return err
	}
	return a.Incidents.ContinueApproved(ctx, inc)
}

// reapproveExcluded drives the records that an earlier plan did not move and that are among the rows approved now.
func (a *Actions) reapproveExcluded(ctx context.Context, inc *journal.Incident, from int, by handover.Actor) error {
	out, n, err := a.Journal.PlanDeviations(ctx, inc.Organization, inc.ID, inc.Plan.Orders)
	if err != nil || n == 0 {
		return err
	}
	for row, err := range a.Journal.PlanRows(ctx, inc.Organization, inc.ID, inc.Plan, from) {
		if err != nil {
			return err
		}
		if from++; from > inc.Plan.Approved {
			return nil
		}
		if _, is := out[row.DeliveryOrder]; !is {
			continue
		}
		r, err := a.Journal.Get(ctx, inc.Organization, journal.ReassignmentID(inc.ID, row.DeliveryOrder))
		if err != nil {
			return err
		}
		err = a.Handover.Reapprove(ctx, r, by)
		if err != nil && !errors.Is(err, journal.ErrObsolete) && !errors.Is(err, handover.ErrNotApplicable) {
			return err
		}
	}
	return nil
}
