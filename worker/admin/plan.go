package admin

import (
	"encoding/json"
	"fmt"
	"net/http"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// handlePlan streams what would happen now to the delivery orders in flight at a location, or at each location in turn as if
// it alone had failed; with outlook=1 it adds the counts after the rows.
func (d *Server) handlePlan(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	name, all := q.Get("location"), q.Get("all") == "1"
	var organizations []string
	var at []index.Location // nil: all
	var err error
	switch {
	case all && name != "":
		return newRefusal(http.StatusBadRequest, "name a location, or all, not both")
	case all:
		organizations, err = d.organizationIDs(q.Get("organization"))
	default:
		var p locationRef
		p, err = d.resolveLocation(r.Context(), q.Get("organization"), name)
		organizations, at = []string{p.organization}, []index.Location{{ID: p.id}}
	}
	if err != nil {
		return err
	}
	rows := jsonArray{w: w}
	if q.Get("outlook") == "1" {
		rows.head = `{"rows":`
	}
	outlooks := []*journal.Forecast{}
	for _, organization := range organizations {
		o, err := d.runForecast(r, organization, at, &rows)
		if err != nil {
			d.Log.WarnContext(r.Context(), "plan stream broke off", "organization", organization, "error", err)
			return rows.breakOff(err)
		}
		outlooks = append(outlooks, o)
	}
	if rows.head == "" {
		return rows.close()
	}
	body, err := json.Marshal(outlooks)
	if err != nil {
		return rows.fail(fmt.Errorf("encoding the outlook: %w", err))
	}
	return rows.closeWith(`,"outlook":` + string(body) + "}")
}

func (d *Server) runForecast(r *http.Request, organization string, at []index.Location, rows *jsonArray) (*journal.Forecast, error) {
	rehearsal := d.Incidents.NewForecast(organization, at == nil)
	if rehearsal == nil {
		return nil, newRefusal(http.StatusNotFound, "organization %q is not configured; name one by its id in the configuration", organization)
	}
	places, err := at, error(nil)
	if at == nil {
		places, err = rehearsal.Locations(r.Context())
	}
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		if p.Slug == "" {
			if known, _, err := d.Index.Location(r.Context(), organization, p.ID); err != nil {
				return nil, err
			} else if known.ID != "" {
				p = known
			}
		}
		for re, err := range rehearsal.PredictLocation(r.Context(), p) {
			if err != nil {
				return nil, err
			}
			if err := rows.add(newPlanRow(re)); err != nil {
				return nil, err
			}
		}
	}
	if at != nil {
		return rehearsal.Result(), nil
	}
	return rehearsal.Result(), d.Journal.SaveForecast(r.Context(), rehearsal.Result())
}

// lastForecasts answers with the last forecast of all locations, of each organization that has one.
func (d *Server) lastForecasts(w http.ResponseWriter, r *http.Request) error {
	organizations, err := d.organizationIDs(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	outlooks := []*journal.Forecast{}
	for _, organization := range organizations {
		o, err := d.Journal.LastForecast(r.Context(), organization)
		if err != nil {
			return err
		}
		if o != nil {
			outlooks = append(outlooks, o)
		}
	}
	writeJSON(w, http.StatusOK, outlooks)
	return nil
}
