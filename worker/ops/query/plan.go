package query

import (
	"context"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/refusal"
	"happycolis-reassigner/worker/plan"
)

// ForecastRequest names the locations of a forecast.
type ForecastRequest struct {
	Organization string
	Location     string // slug or id
	All          bool   // each location in turn, as if it alone had failed
	Lines        bool   // the rows have their lines
}

// Forecast calls each with what would happen now to the delivery orders in flight at a location, or at each location in
// turn, and returns the counts for each organization. It moves nothing; the counts of a forecast of every location are
// stored as the last ones.
func (q *Reader) Forecast(ctx context.Context, want ForecastRequest, each func(api.PlanRow) error) ([]api.Forecast, error) {
	var organizations []string
	var at []index.Location // nil: all
	var err error
	switch {
	case want.All && want.Location != "":
		return nil, refusal.New(refusal.Invalid, "name a location, or all, not both")
	case want.All:
		organizations, err = q.OrganizationIDs(want.Organization)
	default:
		var p Scope
		p, err = q.ResolveLocation(ctx, want.Organization, want.Location)
		organizations, at = []string{p.Organization}, []index.Location{{ID: p.Location}}
	}
	if err != nil {
		return nil, err
	}
	forecasts := []api.Forecast{}
	for _, organization := range organizations {
		f, err := q.forecastOrganization(ctx, organization, at, func(re *journal.Reassignment) error {
			row := newPlanRow(re)
			row.Stranded = plan.IsStranded(re)
			if want.Lines {
				row.Lines = linesOf(re)
			}
			return each(row)
		})
		if err != nil {
			q.Log.WarnContext(ctx, "plan stream broke off", "organization", organization, "error", err)
			return nil, err
		}
		forecasts = append(forecasts, *f)
	}
	return forecasts, nil
}

func (q *Reader) forecastOrganization(ctx context.Context, organization string, at []index.Location, each func(*journal.Reassignment) error) (*journal.Forecast, error) {
	forecast := q.Incidents.NewForecast(organization, at == nil)
	if forecast == nil {
		return nil, refusal.New(refusal.NotFound, "organization %q is not configured; name one by its id in the configuration", organization)
	}
	places, err := at, error(nil)
	if at == nil {
		places, err = forecast.Locations(ctx)
	}
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		if p.Slug == "" {
			if known, _, err := q.Index.Location(ctx, organization, p.ID); err != nil {
				return nil, err
			} else if known.ID != "" {
				p = known
			}
		}
		for re, err := range forecast.PredictLocation(ctx, p) {
			if err == nil {
				err = each(re)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	if at != nil {
		return forecast.Result(), nil
	}
	return forecast.Result(), q.Journal.SaveForecast(ctx, forecast.Result())
}

// ListForecasts returns the last forecast of all locations, of each organization that has one.
func (q *Reader) ListForecasts(ctx context.Context, organization string) ([]api.Forecast, error) {
	organizations, err := q.OrganizationIDs(organization)
	if err != nil {
		return nil, err
	}
	last := []api.Forecast{}
	for _, organization := range organizations {
		f, err := q.Journal.LastForecast(ctx, organization)
		if err != nil {
			return nil, err
		}
		if f != nil {
			last = append(last, *f)
		}
	}
	return last, nil
}
