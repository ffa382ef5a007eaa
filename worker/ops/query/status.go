package query

import (
	"context"
	"slices"
	"strings"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/notify"
)

// ReadStatus returns the state of the service and of all its organizations; who asks is left out.
func (q *Reader) ReadStatus(ctx context.Context) (api.Status, error) {
	s := api.Status{Version: q.Version, Organizations: []api.OrganizationStatus{}}
	organizations, err := q.OrganizationIDs("")
	if err != nil {
		return s, err
	}
	targets, err := notify.TargetStates(ctx, q.Redis, q.Targets)
	if err != nil {
		return s, err
	}
	s.Alerts = []api.AlertTarget{}
	for i, t := range targets {
		if q.shows(q.Targets[i]) {
			s.Alerts = append(s.Alerts, api.AlertTarget(t))
		}
	}
	memory, err := q.Journal.RedisMemory(ctx)
	if err != nil {
		return s, err
	}
	s.Redis = api.RedisMemory(memory)
	if !q.limited {
		unserved, err := q.Journal.UnservedOrganizations(ctx, organizations, false)
		if err != nil {
			return s, err
		}
		s.Unserved = convertEach(unserved, func(u journal.UnservedOrganization) api.UnservedOrganization { return api.UnservedOrganization(u) })
	}
	for _, id := range organizations {
		one, err := q.ReadOrganization(ctx, id)
		if err != nil {
			return s, err
		}
		s.Organizations = append(s.Organizations, one.OrganizationStatus)
	}
	return s, nil
}

// Organization is the state of one organization.
type Organization struct {
	api.OrganizationStatus
	IndexIncomplete bool // the index may lack delivery orders
}

// ReadOrganization returns the state of one organization.
func (q *Reader) ReadOrganization(ctx context.Context, id string) (one Organization, err error) {
	one.ID = id
	coverage, err := q.Index.Coverage(ctx, id)
	if err != nil {
		return one, err
	}
	one.Index = api.Coverage{Since: coverage.Since, Last: coverage.Last, Imported: coverage.Imported, Known: coverage.Known,
		BehindSince: coverage.BehindSince, Gaps: convertEach(coverage.Gaps, func(g index.Gap) api.Gap { return api.Gap(g) })}
	one.IndexIncomplete = coverage.IsIncomplete(q.Now())
	rate, err := q.RateLimitStatuses.Last(ctx, id)
	if err != nil {
		return one, err
	}
	one.Rate = api.RateLimit(rate)
	if one.Failing, err = q.Journal.OpenIncidents(ctx, id); err != nil {
		return one, err
	}
	sweep, err := q.Journal.LastSweepStatus(ctx, id)
	if err != nil {
		return one, err
	}
	one.Sweep = api.Sweep(sweep)
	one.Pauses, err = q.ListPauses(ctx, id)
	return one, err
}

// ListPauses returns the pauses of an organization that are in force.
func (q *Reader) ListPauses(ctx context.Context, organization string) ([]api.Pause, error) {
	pauses, err := q.Journal.Pauses(ctx, organization)
	return convertEach(append([]journal.Pause{}, pauses...), func(p journal.Pause) api.Pause { return api.Pause(p) }), err
}

// ListLocations returns the locations in the index, with what is in flight there.
func (q *Reader) ListLocations(ctx context.Context, organization string) ([]api.LocationRow, error) {
	organizations, err := q.OrganizationIDs(organization)
	if err != nil {
		return nil, err
	}
	rows := []api.LocationRow{}
	for _, id := range organizations {
		places, err := q.Index.Locations(ctx, id)
		if err != nil {
			return nil, err
		}
		failing, err := q.Journal.OpenIncidents(ctx, id)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(places, func(a, b index.Location) int { return strings.Compare(a.Slug+a.ID, b.Slug+b.ID) })
		for _, p := range places {
			row := api.LocationRow{OrganizationID: id, LocationID: p.ID, Location: orNull(p.Slug), IncidentID: orNull(failing[p.ID])}
			if row.InFlight, err = q.Index.CountInFlight(ctx, id, p.ID); err != nil {
				return nil, err
			}
			if row.Paused, err = q.Journal.IsPaused(ctx, id, p.ID); err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}
