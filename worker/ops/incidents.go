package ops

import (
	"context"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
)

// StopIncident lets an incident begin nothing more, for good. The answer of a dry run says what is in progress.
func (a *Actions) StopIncident(ctx context.Context, user, id string, want api.PauseRequest) (detail api.IncidentDetail, err error) {
	inc, err := a.readTarget(ctx, id, want)
	if err != nil {
		return detail, err
	}
	if err := incident.CheckStoppable(inc); err != nil {
		return detail, err
	}
	if !want.DryRun {
		by := handover.Actor{User: user, Reason: want.Reason}
		err := a.audited(ctx, inc.Organization, by, "incidents stop", inc.ID, "done", func() error { return a.Incidents.Stop(ctx, inc, by) })
		if err != nil {
			return detail, err
		}
	}
	return a.describeNow(ctx, inc)
}

// UnblockIncident lifts what holds an incident: gates that can be waived, its cooldown, a stop. The answer says what; that of
// a dry run, what it would be.
func (a *Actions) UnblockIncident(ctx context.Context, user, id string, want api.PauseRequest) (result api.UnblockResult, err error) {
	inc, err := a.readTarget(ctx, id, want)
	if err != nil {
		return result, err
	}
	if result.Lifts, err = a.Incidents.DescribeUnblock(ctx, inc); err != nil {
		return result, err
	}
	if !want.DryRun {
		by := handover.Actor{User: user, Reason: want.Reason}
		err := a.audited(ctx, inc.Organization, by, "incidents unblock", inc.ID, "done: "+result.Lifts, func() error { return a.Incidents.Unblock(ctx, inc, by) })
		if err != nil {
			return result, err
		}
	}
	result.IncidentDetail, err = a.describeNow(ctx, inc)
	return result, err
}

// readTarget reads the incident that an action is about.
func (a *Actions) readTarget(ctx context.Context, id string, want api.PauseRequest) (*journal.Incident, error) {
	if err := checkReason(want.Reason, want.DryRun); err != nil {
		return nil, err
	}
	return a.Query.FindIncident(ctx, id)
}

// describeNow returns an incident as it is stored now.
func (a *Actions) describeNow(ctx context.Context, inc *journal.Incident) (api.IncidentDetail, error) {
	now, err := a.Journal.Incident(ctx, inc.Organization, inc.ID)
	if err != nil {
		return api.IncidentDetail{}, err
	}
	return a.Query.DescribeIncident(ctx, now)
}
