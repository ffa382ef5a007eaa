package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Approve lets the rows of inc.Plan move that stand from one place to another, and saves inc, which says
// so: both or neither. From then on the incident moves nothing that no approved plan names. The error wraps
// ErrObsolete where the incident was changed, ErrPlanGone where the rows are not kept any more.
func (j *Journal) Approve(ctx context.Context, inc *Incident, from, to int, at time.Time) error {
	k := keys(inc.Organization)
	inc.UpdatedAt, inc.ByPlan = at.UTC().Truncate(time.Millisecond), true
	body, err := json.Marshal(inc)
	if err != nil {
		return fmt.Errorf("approving incident %s: %w", inc.ID, err)
	}
	answer, err := approve.Run(ctx, j.rdb,
		[]string{k.incident(inc.ID), k.approved(inc.ID), k.plan(inc.ID, inc.Plan.Key), k.planned(inc.ID, inc.Plan.Key)},
		inc.Version, body, string(inc.State), from, to, k.record(ReassignmentID(inc.ID, "")), inc.Plan.MadeAt.UnixMilli()).Int64Slice()
	if err != nil {
		return fmt.Errorf("approving incident %s: %w", inc.ID, err)
	}
	switch answer[0] {
	case 1:
		inc.Version = answer[1]
		return nil
	case -1:
		return fmt.Errorf("approving incident %s: %w", inc.ID, ErrPlanGone)
	default:
		return fmt.Errorf("approving incident %s: version %d is now %d: %w", inc.ID, inc.Version, answer[1], ErrObsolete)
	}
}

// Approved returns what an approved plan says of a delivery order, nil if none names it. byPlan tells
// whether the incident moves by approved plans at all.
func (j *Journal) Approved(ctx context.Context, organization, incident, deliveryOrder string) (row *Planned, byPlan bool, err error) {
	found, err := j.rdb.HMGet(ctx, keys(organization).approved(incident), "", deliveryOrder).Result()
	if err != nil {
		return nil, false, fmt.Errorf("reading the approval of %s: %w", deliveryOrder, err)
	}
	text, named := found[1].(string)
	if !named {
		return nil, found[0] != nil, nil
	}
	row = &Planned{}
	if json.Unmarshal([]byte(text), row) != nil {
		row = nil // what cannot be read names nothing
	}
	return row, true, nil
}

// LeftOut returns delivery orders that were approved and not moved as planned, with what changed, at most
// most, and how many there are.
func (j *Journal) LeftOut(ctx context.Context, organization, incident string, most int) (changed map[string]string, n int, err error) {
	k := keys(organization).leftOut(incident)
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
