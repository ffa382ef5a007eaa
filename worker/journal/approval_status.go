package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// ApprovalStatus says how a delivery order stands to an incident: whether it has a record, and whether it is approved.
type ApprovalStatus struct {
	Enrolled       bool   // the incident has a record of the delivery order
	State          State  // of that record
	Reason         Reason // of that record, where its state has one
	OwnedElsewhere bool   // an open record of another incident has its lineage
	Approved       bool   // an approved plan names it, and it was not moved since
	Deviated       bool   // it was not moved, since no approved plan names the target that it would get now
	InPlan         bool   // the plan given names it, and was made after its record ended, if that did
}

// ApprovalStatuses returns the status of each delivery order, in their order. They are one page: the caller bounds
// them. p may be nil: then InPlan is false for each.
func (j *Journal) ApprovalStatuses(ctx context.Context, organization, incident string, p *Plan, deliveryOrders []string) ([]ApprovalStatus, error) {
	if len(deliveryOrders) == 0 {
		return nil, nil
	}
	k := keys(organization)
	key := ""
	if p != nil {
		key = p.Key
	}
	enrolled := make([]*redis.FloatCmd, len(deliveryOrders))
	records := make([]*redis.SliceCmd, len(deliveryOrders))
	var roots, approved, leftOut, frozen *redis.SliceCmd
	_, err := j.rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, deliveryOrder := range deliveryOrders {
			id := ReassignmentID(incident, deliveryOrder)
			enrolled[i] = pipe.ZScore(ctx, k.rows(incident), id)
			records[i] = pipe.HMGet(ctx, k.record(id), "state", "reason", "ended")
		}
		roots = pipe.HMGet(ctx, k.lineage(), deliveryOrders...)
		approved = pipe.HMGet(ctx, k.approved(incident), deliveryOrders...)
		leftOut = pipe.HMGet(ctx, k.deviations(incident), deliveryOrders...)
		frozen = pipe.HMGet(ctx, k.plan(incident, key), deliveryOrders...)
		return nil
	})
	if _, err = orEmpty("", err); err == nil { // a member that is missing (nil) is an answer; any other error is a failure
		err = errors.Join(roots.Err(), approved.Err(), leftOut.Err(), frozen.Err())
	}
	for _, record := range records {
		err = errors.Join(err, record.Err())
	}
	if err != nil {
		return nil, fmt.Errorf("reading how delivery orders stand with %s: %w", incident, err)
	}
	owners, err := j.openByLineages(ctx, organization, roots.Val())
	if err != nil {
		return nil, err
	}
	standing := make([]ApprovalStatus, len(deliveryOrders))
	for i, deliveryOrder := range deliveryOrders {
		s := &standing[i]
		s.Enrolled = enrolled[i].Err() == nil
		s.OwnedElsewhere = owners[i] != "" && owners[i] != ReassignmentID(incident, deliveryOrder)
		s.Approved, s.Deviated, s.InPlan = approved.Val()[i] != nil, leftOut.Val()[i] != nil, frozen.Val()[i] != nil
		if !s.Enrolled {
			continue
		}
		fields := records[i].Val()
		state, _ := fields[0].(string)
		reason, _ := fields[1].(string)
		_, reason, _ = strings.Cut(reason, ":")
		s.State, s.Reason = State(state), Reason(reason)
		if ended, over := fields[2].(string); over && p != nil && !p.MadeAt.After(timeOfMillis(ended)) {
			s.InPlan = false
		}
	}
	return standing, nil
}

// openByLineages returns the open record of each lineage, by its root; "" where there is none.
func (j *Journal) openByLineages(ctx context.Context, organization string, roots []any) ([]string, error) {
	names := make([]string, len(roots))
	for i, root := range roots {
		names[i], _ = root.(string)
	}
	found, err := j.rdb.HMGet(ctx, keys(organization).open(), names...).Result()
	if err != nil {
		return nil, fmt.Errorf("listing who has lineages: %w", err)
	}
	owners := make([]string, len(roots))
	for i, owner := range found {
		owners[i], _ = owner.(string)
	}
	return owners, nil
}
