package incident

import (
	"context"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plan"
)

// NewForecast begins a forecast; see plan.Planner.
func (s *Incidents) NewForecast(organization string, all bool) *plan.Forecast {
	return s.Planner.NewForecast(organization, all)
}

// FreezePlan decides for every delivery order of an incident that an approval could let move, and freezes the result
// as the incident's plan: Approve covers exactly these rows. It replaces the former plan, and moves nothing. The error
// wraps handover.ErrNotApplicable where the incident waits for no approval.
func (s *Incidents) FreezePlan(ctx context.Context, inc *journal.Incident) (*journal.Incident, error) {
	if err := s.CheckApprovable(ctx, inc); err != nil {
		return nil, err
	}
	open := func(ids []string) ([]string, error) { return s.selectUnapproved(ctx, inc, ids) }
	frozen, err := s.Planner.Freeze(ctx, inc, open)
	if err != nil {
		return nil, err
	}
	if frozen.Orders == 0 && inc.State != journal.AwaitingApproval {
		return nil, handover.NewUserError(handover.ErrNotApplicable, "incident %s is %s; nothing of it waits for an approval", inc.ID, inc.State)
	}
	var former *journal.Plan
	fresh, err := s.updateIncident(ctx, inc.Organization, inc.ID, func(i *journal.Incident) error {
		former, i.Plan = i.Plan, frozen
		return checkApprovable(i)
	})
	if err != nil || former == nil {
		return fresh, err
	}
	return fresh, s.Journal.DeletePlan(ctx, inc.Organization, inc.ID, former)
}

// IsApprovable reports whether an incident can be approved: it waits for an approval, or it moves by approved plans
// and there may be more to approve.
func IsApprovable(inc *journal.Incident) bool {
	return inc.State.IsApprovable(inc.ByPlan) && !inc.IsClosing()
}

// CheckApprovable returns an error for an incident that cannot be approved; where a gate blocks it, the error names
// each such gate and what lifts it.
func (s *Incidents) CheckApprovable(ctx context.Context, inc *journal.Incident) error {
	if IsApprovable(inc) || inc.State != journal.Blocked {
		return checkApprovable(inc)
	}
	report, err := s.Blocking(ctx, inc)
	if err != nil {
		return err
	}
	why := explainAll("; it is blocked by ", report.Blocking)
	if len(blockingHolds(report.Blocking)) == 0 {
		why = "; no gate blocks it any more, and it goes on by itself at the next sweep"
	}
	return handover.NewUserError(handover.ErrNotApplicable, "incident %s is %s; it does not wait for an approval%s", inc.ID, inc.State, why)
}

func checkApprovable(inc *journal.Incident) error {
	if IsApprovable(inc) {
		return nil
	}
	return handover.NewUserError(handover.ErrNotApplicable, "incident %s is %s; it does not wait for an approval", inc.ID, inc.State)
}

// selectUnapproved returns, of a page of the walk, the delivery orders that an approval would cover: those that are
// not enrolled, those whose record is over and will be reopened, those enrolled before the incident moved by plans and
// not begun, and those that differed from an earlier plan.
func (s *Incidents) selectUnapproved(ctx context.Context, inc *journal.Incident, ids []string) ([]string, error) {
	standing, err := s.Journal.ApprovalStatuses(ctx, inc.Organization, inc.ID, nil, ids)
	if err != nil {
		return nil, err
	}
	var open []string
	for i, id := range ids {
		p := standing[i]
		waits, err := s.isWaitingHere(ctx, inc, id, p)
		if err != nil {
			return nil, err
		}
		if !waits && p.Enrolled && !p.State.IsOver() {
			r, err := s.Journal.Get(ctx, inc.Organization, journal.ReassignmentID(inc.ID, id))
			// An approval does not cover what is in progress, at rest, or cannot be read.
			waits = err == nil && !r.ReleaseBegan() && (!p.Approved && r.State != journal.NeedsPerson || r.Plan.Deviation != "")
		}
		if waits {
			open = append(open, id)
		}
	}
	return open, nil
}
