package query

import (
	"context"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// DescribeOpening says what an incident by hand would be about: what is in flight at its location, and which handovers of other
// incidents are on their way there.
func (q *Reader) DescribeOpening(ctx context.Context, at Scope) (api.OpenResult, error) {
	result := api.OpenResult{OrganizationID: at.Organization, LocationID: at.Location}
	place, _, err := q.Index.Location(ctx, at.Organization, at.Location)
	if err != nil {
		return result, err
	}
	result.Location = orNull(place.Slug)
	if result.InFlight, err = q.Index.CountInFlight(ctx, at.Organization, at.Location); err != nil {
		return result, err
	}
	result.Towards, err = q.countTowards(ctx, at)
	return result, err
}

// countTowards counts the handovers of open incidents that are on their way to a location.
func (q *Reader) countTowards(ctx context.Context, at Scope) (towards api.Towards, err error) {
	open, err := q.Journal.OpenIncidents(ctx, at.Organization)
	if err != nil {
		return towards, err
	}
	for _, id := range open {
		for r, err := range q.Journal.Rows(ctx, at.Organization, id) {
			switch {
			case err != nil:
				return towards, err
			case r.State.IsOver() || r.Decision.ToID != at.Location || r.State == journal.NeedsPerson && !r.Sent() && r.Replacement.ID == "":
			case r.Sent():
				towards.Sent++
			default:
				towards.NotSent++
			}
		}
	}
	return towards, nil
}
