package incident

import (
	"context"
	"time"
)

// modeGate holds in the mode approve, and where an incident moves by approved plans, until all is approved.
func (c *gateCheck) modeGate(ctx context.Context, _ time.Time) (judgement, error) {
	if c.Settings.Mode == AutomaticMode && !c.inc.ByPlan {
		return judgement{detail: c.Settings.Mode}, nil
	}
	approved, err := c.approvedAll(ctx)
	if err != nil {
		return judgement{}, err
	}
	detail := c.Settings.Mode
	if c.inc.ByPlan {
		detail = "only what is approved moves"
	}
	return judgement{holds: !approved.all, detail: detail}, nil
}

// approvalStatus is how far an operator approved an incident.
type approvalStatus struct {
	all   bool   // everything that could move now is approved
	waits string // what waits for an approval, where it moves by plans
}

// approvedAll reports whether an operator approved all that the incident could move now.
func (c *gateCheck) approvedAll(ctx context.Context) (approvalStatus, error) {
	if c.approval == nil {
		yes, waits, err := c.approvedOnly(ctx, c.inc)
		if err != nil {
			return approvalStatus{}, err
		}
		c.approval = &approvalStatus{all: yes, waits: waits}
	}
	return *c.approval, nil
}
