package incident

import (
	"context"
	"time"
)

// memoryGate holds where Redis lost the journal: what was in progress then is not known.
func (c *gateCheck) memoryGate(ctx context.Context, _ time.Time) (judgement, error) {
	intact, detail, err := c.journalIntact(ctx)
	return judgement{holds: !intact, detail: detail}, err
}

// journalIntact reports whether the journal is known to be complete: it was never lost, or the orders were imported
// since and an operator approved.
func (c *gateCheck) journalIntact(ctx context.Context) (bool, string, error) {
	lost, err := c.Journal.DataLossAt(ctx, c.inc.Organization)
	if err != nil || lost.IsZero() {
		return true, "the journal is whole", err
	}
	age, err := c.Index.Coverage(ctx, c.inc.Organization)
	if err != nil {
		return false, "", err
	}
	if !age.Imported.After(lost) {
		return false, "Redis lost the journal at " + formatTime(lost) + ": import the orders, then approve", nil
	}
	return !c.inc.ApprovedAt.IsZero(), "Redis lost the journal at " + formatTime(lost) + "; the orders were imported since", nil
}
