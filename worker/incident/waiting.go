package incident

import (
	"context"
	"fmt"
	"strings"

	"happycolis-reassigner/worker/journal"
)

// Waiting is what an incident has not taken up of the delivery orders that are known to be in flight at
// its location.
type Waiting struct {
	Approved int // the walk takes them up
	Planned  int // they stand in the frozen plan, which was not approved as far as them
	Arrived  int // they came, or moved there, since the plan was made
}

// Waits reports whether something of it needs another approval.
func (w Waiting) Waits() bool { return w.Planned+w.Arrived > 0 }

// String says for which approvals the incident waits.
func (w Waiting) String() string {
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

// Waiting counts what an incident has not taken up. It reads the index and the journal, page by page.
func (s *Incidents) Waiting(ctx context.Context, inc *journal.Incident) (w Waiting, err error) {
	cursor := ""
	for {
		ids, next, err := s.Index.InFlight(ctx, inc.Organization, inc.LocationID, cursor, pageSize)
		if err != nil {
			return w, err
		}
		standing, err := s.Journal.Standings(ctx, inc.Organization, inc.ID, inc.Plan, ids)
		if err != nil {
			return w, err
		}
		for _, p := range standing {
			switch {
			case p.Enrolled:
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

// approved reports whether a person approved all that the incident could move now. Where it moves by
// plans, saw tells what waits.
func (s *Incidents) approved(ctx context.Context, inc *journal.Incident) (yes bool, saw string, err error) {
	if !inc.ByPlan {
		return !inc.ApprovedAt.IsZero(), "", nil
	}
	w, err := s.Waiting(ctx, inc)
	if err != nil || w.Approved > 0 || !w.Waits() {
		return err == nil, w.String(), err
	}
	t, err := s.Journal.Tally(ctx, inc.Organization, inc.ID)
	return t.UnderWay() > 0, w.String(), err
}

// drained is the state of an incident whose reassignments are all at rest: it watches, unless it moves by
// plans and there is more to move.
func (s *Incidents) drained(ctx context.Context, inc *journal.Incident) (journal.IncidentState, string, error) {
	if !inc.ByPlan {
		return journal.Watching, "", nil
	}
	w, err := s.Waiting(ctx, inc)
	switch {
	case err != nil:
		return inc.State, "", err
	case w.Approved > 0:
		return journal.Draining, "", nil
	case w.Waits():
		return journal.AwaitingApproval, "waiting for another approval: " + w.String(), nil
	}
	return journal.Watching, "", nil
}

// admitted returns, of a page of the walk, what may be enrolled: all, unless the incident moves by plans.
func (s *Incidents) admitted(ctx context.Context, inc *journal.Incident, ids []string) ([]string, error) {
	if !inc.ByPlan {
		return ids, nil
	}
	standing, err := s.Journal.Standings(ctx, inc.Organization, inc.ID, nil, ids)
	if err != nil {
		return nil, err
	}
	var admitted []string
	for i, id := range ids {
		if standing[i].Approved && !standing[i].Enrolled {
			admitted = append(admitted, id)
		}
	}
	return admitted, nil
}

// passOf names the walk that follows an approval; "first" where none was needed.
func passOf(inc *journal.Incident) string {
	if inc.ApprovedAt.IsZero() {
		return "first"
	}
	return fmt.Sprint("approved-", inc.ApprovedAt.UnixMilli())
}
