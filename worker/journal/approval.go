package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// Approve lets the rows of inc.Plan move that stand from one place to another, and saves inc, which says
// so. From then on the incident moves nothing that no approved plan names. The error wraps ErrObsolete where the incident was
// changed, ErrPlanGone where the rows are not kept any more; then nothing was written.
//
// A plan may have thousands of rows, and no script walks over all of them: first they are read, page by page; then one
// compare-and-set makes the approval valid, whole; then its rows are copied, page by page. What is not copied yet does not
// move yet, and FinishApproval goes on where that was interrupted.
func (j *Journal) Approve(ctx context.Context, inc *Incident, from, to int, at time.Time) error {
	if err := j.FinishApproval(ctx, inc.Organization, inc.ID); err != nil {
		return err
	}
	k := keys(inc.Organization)
	for i := from; i < to; {
		rows, err := j.planPage(ctx, inc.Organization, inc.ID, inc.Plan, i)
		if err != nil {
			return fmt.Errorf("approving incident %s: %w", inc.ID, err)
		}
		i += len(rows)
	}
	inc.UpdatedAt, inc.ByPlan = at.UTC().Truncate(time.Millisecond), true
	body, err := json.Marshal(inc)
	if err != nil {
		return fmt.Errorf("approving incident %s: %w", inc.ID, err)
	}
	begun := approvalCopy{key: inc.Plan.Key, from: from, to: to, madeMillis: inc.Plan.MadeAt.UnixMilli()}
	answer, err := approvePlan.Run(ctx, j.rdb, begun.keys(k, inc.ID),
		redisscript.Args{"expected_version": inc.Version, "body": body, "state": inc.State, "to": to, "approving": begun.String(),
			"kept_ms": PlanKept.Milliseconds()}).Int64Slice()
	if err != nil {
		return fmt.Errorf("approving incident %s: %w", inc.ID, err)
	}
	switch answer[0] {
	case 1:
		inc.Version = answer[1]
		return j.FinishApproval(ctx, inc.Organization, inc.ID)
	case -1:
		return fmt.Errorf("approving incident %s: %w", inc.ID, ErrPlanGone)
	case -2:
		return fmt.Errorf("approving incident %s: another approval is still copied: %w", inc.ID, ErrObsolete)
	default:
		return fmt.Errorf("approving incident %s: version %d is now %d: %w", inc.ID, inc.Version, answer[1], ErrObsolete)
	}
}

// approvalCopy are the rows of a plan that were approved and are still to be copied to the approvals of the incident.
type approvalCopy struct {
	key        string // of the plan
	from, to   int
	madeMillis int64 // when the plan was made
}

// String is how the incident notes it; "" where nothing is left.
func (c approvalCopy) String() string {
	if c.from >= c.to {
		return ""
	}
	return fmt.Sprintf("%s %d %d %d", c.key, c.from, c.to, c.madeMillis)
}

// keys are those of the scripts that approve and copy.
func (c approvalCopy) keys(k keys, incident string) redisscript.Keys {
	return redisscript.Keys{"incident": k.incident(incident), "approved": k.approved(incident), "plan": k.plan(incident, c.key),
		"planned": k.planRows(incident, c.key)}
}

// FinishApproval copies the rows that were approved and are not copied yet, as after a crash in the middle of it.
func (j *Journal) FinishApproval(ctx context.Context, organization, incident string) error {
	k := keys(organization)
	noted, err := orEmpty(j.rdb.HGet(ctx, k.incident(incident), "approving").Result())
	for err == nil && noted != "" {
		var c approvalCopy
		if _, err = fmt.Sscan(noted, &c.key, &c.from, &c.to, &c.madeMillis); err != nil {
			break
		}
		page, rest := min(c.from+listPage, c.to), c
		rest.from = page
		noted, err = copyApproved.Run(ctx, j.rdb, c.keys(k, incident),
			redisscript.Args{"approving": noted, "from": c.from, "to": page, "rest": rest.String(), "made_ms": c.madeMillis,
				"record_prefix": k.record(ReassignmentID(incident, ""))}).Text()
	}
	if err != nil {
		return fmt.Errorf("copying what was approved of incident %s: %w", incident, err)
	}
	return nil
}

// Approved returns what an approved plan says of a delivery order, nil if none names it. byPlan tells
// whether the incident moves by approved plans at all.
func (j *Journal) Approved(ctx context.Context, organization, incident, deliveryOrder string) (row *PlanRow, byPlan bool, err error) {
	found, err := j.rdb.HMGet(ctx, keys(organization).approved(incident), "", deliveryOrder).Result()
	if err != nil {
		return nil, false, fmt.Errorf("reading the approval of %s: %w", deliveryOrder, err)
	}
	text, named := found[1].(string)
	if !named {
		return nil, found[0] != nil, nil
	}
	row = &PlanRow{}
	if json.Unmarshal([]byte(text), row) != nil {
		row = nil // what cannot be read names nothing
	}
	return row, true, nil
}

// PlanDeviations returns delivery orders that were approved and not moved as planned, with what changed, at most
// most, and how many there are.
func (j *Journal) PlanDeviations(ctx context.Context, organization, incident string, most int) (changed map[string]string, n int, err error) {
	k := keys(organization).deviations(incident)
	all, err := j.rdb.HLen(ctx, k).Result()
	if err != nil {
		return nil, 0, fmt.Errorf("listing what was left out of %s: %w", incident, err)
	}
	changed = map[string]string{}
	var cursor uint64
	for all > 0 {
		var pairs []string
		if pairs, cursor, err = j.rdb.HScan(ctx, k, cursor, "", listPage).Result(); err != nil {
			return nil, 0, fmt.Errorf("listing what was left out of %s: %w", incident, err)
		}
		for i := 0; i+1 < len(pairs) && len(changed) < most; i += 2 {
			changed[pairs[i]] = pairs[i+1]
		}
		if cursor == 0 || len(changed) >= most {
			break
		}
	}
	return changed, int(all), nil
}
