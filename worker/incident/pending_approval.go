package incident

import (
	"context"
	"fmt"
	"strings"

	"happycolis-reassigner/worker/journal"
)

// PendingApproval counts the delivery orders known to be in flight at a location that the incident has not begun with,
// by what they wait for.
type PendingApproval struct {
	Approved int // approved: the walk enrolls them
	Planned  int // in the frozen plan, in the part that was not approved
	Arrived  int // not in the plan: they arrived, moved there, or were reopened after it was made
}

// NeedsApproval reports whether any of them needs another approval.
func (w PendingApproval) NeedsApproval() bool { return w.Planned+w.Arrived > 0 }

// String says for which approvals the incident waits, for people.
func (w PendingApproval) String() string {
	var parts []string
	if w.Planned > 0 {
		parts = append(parts, fmt.Sprintf("%d planned and not approved yet", w.Planned))
	}
	if w.Arrived > 0 {
		parts = append(parts, fmt.Sprintf("%d arrived since the plan was made", w.Arrived))
	}
	if len(parts) == 0 {
		return "everything that is known is approved"
	}
	return strings.Join(parts, ", ")
}

// PendingApproval counts what waits for an incident to begin with it. It reads the index and the journal, page by
// page.
func (s *Incidents) PendingApproval(ctx context.Context, inc *journal.Incident) (w PendingApproval, err error) {
	cursor := ""
	for {
		ids, next, err := s.Index.InFlight(ctx, inc.Organization, inc.LocationID, cursor, pageSize)
		if err != nil {
			return w, err
		}
		standing, err := s.Journal.ApprovalStatuses(ctx, inc.Organization, inc.ID, inc.Plan, ids)
		if err != nil {
			return w, err
		}
		for i, p := range standing {
			waits, err := s.isWaitingHere(ctx, inc, ids[i], p)
			switch {
			case err != nil:
				return w, err
			case !waits:
			case p.Approved:
				w.Approved++
			case p.InPlan:
				w.Planned++
			default:
				w.Arrived++
			}
		}
		if cursor = next; next == "" {
			return w, nil
		}
	}
}

// approvedOnly reports whether an operator approved everything that the incident could move now. Where it moves by
// plans, saw says what waits.
func (s *Incidents) approvedOnly(ctx context.Context, inc *journal.Incident) (yes bool, saw string, err error) {
	if !inc.ByPlan {
		return !inc.ApprovedAt.IsZero(), "", nil
	}
	w, err := s.PendingApproval(ctx, inc)
	if err != nil || w.Approved > 0 || !w.NeedsApproval() {
		return err == nil, w.String(), err
	}
	t, err := s.Journal.Tally(ctx, inc.Organization, inc.ID)
	return t.InProgress() > 0, w.String(), err
}

// stateAfterDrain is the state of an incident whose reassignments are all at rest: watching, or awaiting_approval
// where it moves by plans and there is more to move.
func (s *Incidents) stateAfterDrain(ctx context.Context, inc *journal.Incident) (journal.IncidentState, string, error) {
	if !inc.ByPlan {
		return journal.Watching, "", nil
	}
	w, err := s.PendingApproval(ctx, inc)
	switch {
	case err != nil:
		return inc.State, "", err
	case w.Approved > 0:
		return journal.Draining, "", nil
	case w.NeedsApproval():
		return journal.AwaitingApproval, "waiting for another approval: " + w.String(), nil
	}
	return journal.Watching, "", nil
}

// passName is the Pass of the walk after an approval; "first" where none was needed.
func passName(inc *journal.Incident) string {
	if inc.ApprovedAt.IsZero() {
		return "first"
	}
	return fmt.Sprint("approved-", inc.ApprovedAt.UnixMilli())
}
