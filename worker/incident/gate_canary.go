package incident

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/worker/journal"
)

// canaryGate holds where the first reassignments failed in a row. That no more than the canary's limit begin at once,
// the journal enforces by itself.
func (c *gateCheck) canaryGate(ctx context.Context, _ time.Time) (judgement, error) {
	seen, err := c.Journal.CanaryStatus(ctx, c.inc.Organization, c.inc.ID)
	if err != nil {
		return judgement{}, err
	}
	return judgement{holds: seen.IsExhausted(c.Settings.Canary), detail: c.canaryDetail(seen)}, nil
}

func (c *gateCheck) canaryDetail(seen journal.Canary) string {
	switch {
	case seen.IsExhausted(c.Settings.Canary):
		return fmt.Sprintf("%d delivery orders in a row were refused or not confirmed", seen.Streak)
	case seen.Passed:
		return "a replacement was sent"
	}
	return fmt.Sprintf("no replacement was sent yet; %d of %d places are taken", seen.Slots, c.Settings.Canary)
}

// waiveCanary lifts the canary in the journal, too, which counts its slots.
func (c *gateCheck) waiveCanary(ctx context.Context) error {
	return c.Journal.WaiveCanary(ctx, c.inc.Organization, c.inc.ID)
}
