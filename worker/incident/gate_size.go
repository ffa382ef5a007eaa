package incident

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// sizeGate holds where more delivery orders would move than incident.approve_above, until an operator approves. It
// does not hold an incident that moves by approved plans: what is not approved waits in any case.
func (c *gateCheck) sizeGate(ctx context.Context, _ time.Time) (judgement, error) {
	n, err := c.countMovable(ctx)
	if err != nil {
		return judgement{}, err
	}
	approved, err := c.approvedAll(ctx)
	if err != nil {
		return judgement{}, err
	}
	detail := fmt.Sprintf("%d delivery orders would move, up to %d go without approval", n, c.Settings.ApproveAbove)
	small := n <= c.Settings.ApproveAbove
	switch {
	case c.inc.ByPlan:
		small, detail = false, approved.waits
	case !small:
		detail = fmt.Sprintf("more than %d delivery orders would move", c.Settings.ApproveAbove)
	}
	return judgement{holds: !small && !approved.all, detail: detail}, nil
}

// countMovable counts, from the index alone, the delivery orders that would move; it stops at the limit plus one.
func (c *gateCheck) countMovable(ctx context.Context) (int, error) {
	if c.inc.ByPlan {
		return 0, nil
	}
	n, cursor := 0, ""
	for {
		ids, next, err := c.Index.InFlight(ctx, c.inc.Organization, c.inc.LocationID, cursor, pageSize)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			e, _, err := c.Index.Get(ctx, c.inc.Organization, id)
			if err != nil {
				return 0, err
			}
			if slices.Contains(c.Settings.Statuses, e.Status) {
				n++
			}
			if n > c.Settings.ApproveAbove {
				return n, nil
			}
		}
		if next == "" {
			return n, nil
		}
		cursor = next
	}
}
