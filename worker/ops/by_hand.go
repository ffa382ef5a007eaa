package ops

import (
	"context"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
)

// OpenIncident opens an incident by hand, of a location that works or not; nothing moves before its plan is approved. The answer
// of a dry run says what it would be about.
func (a *Actions) OpenIncident(ctx context.Context, user string, want api.PauseRequest) (result api.OpenResult, err error) {
	if err := checkReason(want.Reason, want.DryRun); err != nil {
		return result, err
	}
	at, err := a.Query.ResolveLocation(ctx, want.Organization, want.Location)
	if err != nil {
		return result, err
	}
	if result, err = a.Query.DescribeOpening(ctx, at); err != nil || want.DryRun {
		if err == nil {
			err = a.Incidents.CheckOpenable(ctx, at.Organization, at.Location)
		}
		return result, err
	}
	by, inc := handover.Actor{User: user, Reason: want.Reason}, (*journal.Incident)(nil)
	err = a.audited(ctx, at.Organization, by, "incidents open", at.Location, "done", func() (err error) {
		inc, err = a.Incidents.OpenByHand(ctx, at.Organization, at.Location, by)
		return err
	})
	if err != nil {
		return result, err
	}
	detail, err := a.describeNow(ctx, inc)
	result.Incident = &detail
	return result, err
}

// CloseIncident ends the cause by hand of an incident. The answer of a dry run says what is in progress.
func (a *Actions) CloseIncident(ctx context.Context, user, id string, want api.PauseRequest) (detail api.IncidentDetail, err error) {
	inc, err := a.readTarget(ctx, id, want)
	if err != nil {
		return detail, err
	}
	if want.DryRun {
		if err := incident.CheckClosable(inc); err != nil {
			return detail, err
		}
		return a.describeNow(ctx, inc)
	}
	by := handover.Actor{User: user, Reason: want.Reason}
	err = a.audited(ctx, inc.Organization, by, "incidents close", inc.ID, "done", func() error { return a.Incidents.CloseByHand(ctx, inc, by) })
	if err != nil {
		return detail, err
	}
	return a.describeNow(ctx, inc)
}
