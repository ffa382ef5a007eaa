package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// Approval is what a person lets move: the plan that he saw, or its first orders.
type Approval struct {
	Hash     string // of the frozen plan
	Limit    int    // delivery orders that may move; 0: all of the plan
	Approved *int   // rows of it that were approved when he saw it; nil: he does not say
}

// ErrOtherPlan tells that the plan which is to be approved is not the one that is frozen now.
var ErrOtherPlan = errors.New("the plan changed")

// Approve lets the frozen plan of an incident be executed, and nothing else: what it does not name waits
// for another approval. The error wraps handover.ErrNotApplicable, ErrOtherPlan or journal.ErrPlanGone where
// that cannot be.
func (s *Incidents) Approve(ctx context.Context, inc *journal.Incident, want Approval, by handover.By) error {
	if s.Organizations[inc.Organization] == nil {
		return fmt.Errorf("organization %q is not configured", inc.Organization)
	}
	var err error
	for range triesMost {
		var fresh *journal.Incident
		if fresh, err = s.Journal.Incident(ctx, inc.Organization, inc.ID); err != nil {
			return err
		}
		var from int
		from, err = s.approve(ctx, fresh, want, by)
		if err == nil {
			return s.approvedNow(ctx, fresh, from, by)
		}
		if !errors.Is(err, journal.ErrObsolete) {
			return err
		}
	}
	return err
}

// approve records the approval, and returns the first row that it is about.
func (s *Incidents) approve(ctx context.Context, inc *journal.Incident, want Approval, by handover.By) (from int, err error) {
	if err := approvable(inc); err != nil {
		return 0, err
	}
	now, p := s.Now().UTC().Truncate(time.Millisecond), inc.Plan
	switch {
	case p == nil || p.Hash != want.Hash:
		return 0, fmt.Errorf("approving incident %s: plan %s is not the one that is frozen now; look at the plan again: %w", inc.ID, want.Hash, ErrOtherPlan)
	case now.Sub(p.MadeAt) > journal.PlanKept:
		return 0, fmt.Errorf("approving incident %s: plan %s was made more than %s ago; look at it again: %w", inc.ID, p.Hash, journal.PlanKept, journal.ErrPlanGone)
	case want.Approved != nil && *want.Approved != p.Approved:
		return 0, fmt.Errorf("approving incident %s: %d rows of plan %s are approved by now, not %d; look at it again: %w",
			inc.ID, p.Approved, p.Hash, *want.Approved, ErrOtherPlan)
	case p.Approved == p.Orders && inc.State != journal.AwaitingApproval:
		return 0, fmt.Errorf("incident %s: nothing of it waits for an approval: %w", inc.ID, handover.ErrNotApplicable)
	}
	from = p.Approved
	to, moves := p.Orders, 0
	if want.Limit > 0 {
		to = from
	}
	for row, err := range s.Journal.PlanRows(ctx, inc.Organization, inc.ID, p, from) {
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
	return from, s.Journal.Approve(ctx, inc, from, to, now)
}

// approvedNow sets to work what was approved.
func (s *Incidents) approvedNow(ctx context.Context, inc *journal.Incident, from int, by handover.By) error {
	s.log(ctx, inc, "incident approved")
	if err := s.readmit(ctx, inc, from, by); err != nil {
		return err
	}
	if inc.State.Moving() {
		return s.walk(ctx, inc, passOf(inc))
	}
	return s.Queue.Submit(ctx, s.another(inc), s.Now())
}

// readmit drives on what was left out of an earlier plan and stands in the part of this one that was
// approved now.
func (s *Incidents) readmit(ctx context.Context, inc *journal.Incident, from int, by handover.By) error {
	out, n, err := s.Journal.LeftOut(ctx, inc.Organization, inc.ID, inc.Plan.Orders)
	if err != nil || n == 0 {
		return err
	}
	for row, err := range s.Journal.PlanRows(ctx, inc.Organization, inc.ID, inc.Plan, from) {
		if err != nil {
			return err
		}
		if from++; from > inc.Plan.Approved {
			return nil
		}
		if _, is := out[row.DeliveryOrder]; !is {
			continue
		}
		r, err := s.Journal.Get(ctx, inc.Organization, journal.ReassignmentID(inc.ID, row.DeliveryOrder))
		if err != nil {
			return err
		}
		err = s.Handover.Readmit(ctx, r, by)
		if err != nil && !errors.Is(err, journal.ErrObsolete) && !errors.Is(err, handover.ErrNotApplicable) {
			return err
		}
	}
	return nil
}
