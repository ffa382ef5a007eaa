package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// Approve marks the rows from..to of inc.Plan as approved and saves inc, with its other changes, by compare-and-set.
// From then on the incident moves only delivery orders that an approved plan names. The error wraps ErrObsolete where
// somebody else changed the incident, and ErrPlanGone where the rows have expired; in both cases nothing was written.
//
// A plan may have thousands of rows, and no script walks over all of them. First they are read, page by page; then one
// compare-and-set makes the approval valid as a whole; then its rows are copied, page by page. A row that is not
// copied yet does not move yet, and FinishApproval continues a copy that was interrupted.
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
		redisscript.Args{"expected_version": inc.Version, "body": body, "state": inc.scriptState(), "to": to, "approving": begun.String(),
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

// approvalCopy is the part of an approved plan whose rows are still to be copied to the approvals of the incident.
type approvalCopy struct {
	key        string // of the plan, as Plan.Key
	from, to   int
	madeMillis int64 // when the plan was made
}

// String is the form in which the incident stores it; "" where nothing is left to copy.
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

// FinishApproval copies the approved rows that are not copied yet, as after a crash in the middle of Approve. It may
// be called at any time, and by two at once.
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

// Approved returns the row of an approved plan for a delivery order, nil if no approved plan names it. byPlan reports
// whether the incident moves only what approved plans name.
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
		row = nil // a row that cannot be read approves nothing
	}
	return row, true, nil
}

// PlanDeviations returns delivery orders that were approved but not moved, because something changed since the plan
// was made, each with what changed: at most most of them, and how many there are in all.
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
