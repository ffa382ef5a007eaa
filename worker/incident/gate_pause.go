package incident

import (
	"context"
	"time"
)

// pauseGate holds while the location is paused, by itself or with all locations.
func (c *gateCheck) pauseGate(ctx context.Context, _ time.Time) (judgement, error) {
	paused, err := c.Journal.IsPaused(ctx, c.inc.Organization, c.inc.LocationID)
	if err != nil || !paused {
		return judgement{detail: "not paused"}, err
	}
	return judgement{holds: true, detail: "paused"}, nil
}
