package world

import (
	"context"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
)

// Approve has the newest incident planned and approves the plan, or the first orders of it that move (limit
// above 0), as an operator does.
func (w *World) Approve(ctx context.Context, limit int, by handover.Actor) error {
	inc, err := w.Incident(ctx)
	if err != nil {
		return err
	}
	if inc, err = w.Incidents.FreezePlan(ctx, inc); err != nil {
		return err
	}
	return w.Incidents.Approve(ctx, inc, incident.Approval{Hash: inc.Plan.Hash, Limit: limit}, by)
}
