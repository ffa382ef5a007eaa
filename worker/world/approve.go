package world

import (
	"context"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/ops"
)

// Approve makes a plan of the newest incident and approves it, or with limit above 0 the first orders of it that move,
// as an operator does.
func (w *World) Approve(ctx context.Context, limit int, by handover.Actor) error {
	inc, err := w.Incident(ctx)
	if err != nil {
		return err
	}
	if inc, err = w.Incidents.FreezePlan(ctx, inc); err != nil {
		return err
	}
	return w.Actions.Approve(ctx, inc, ops.Approval{Hash: inc.Plan.Hash, Limit: limit}, by)
}
