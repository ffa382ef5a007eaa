package desk

import (
	"encoding/json"
	"fmt"
	"net/http"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// plan streams what would happen now to what is in flight at a location, or at each location, one after the
// other, as if it alone had failed; with outlook=1, what that comes to behind the rows.
func (d *Desk) plan(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	name, all := q.Get("location"), q.Get("all") == "1"
	var organizations []string
	var at []index.Place // nil: all
	var err error
	switch {
	case all && name != "":
		return refused(http.StatusBadRequest, "name a location, or all, not both")
	case all:
		organizations, err = d.served(q.Get("organization"))
	default:
		var p place
		p, err = d.place(r.Context(), q.Get("organization"), name)
		organizations, at = []string{p.organization}, []index.Place{{ID: p.id}}
	}
	if err != nil {
		return err
	}
	rows := array{w: w}
	if q.Get("outlook") == "1" {
		rows.head = `{"rows":`
	}
	outlooks := []*journal.Outlook{}
	for _, organization := range organizations {
		o, err := d.rehearse(r, organization, at, &rows)
		if err != nil {
			d.Log.WarnContext(r.Context(), "a plan broke off", "organization", organization, "error", err)
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

func (d *Desk) rehearse(r *http.Request, organization string, at []index.Place, rows *array) (*journal.Outlook, error) {
	rehearsal := d.Incidents.Rehearse(organization, at == nil)
	if rehearsal == nil {
		return nil, refused(http.StatusNotFound, "organization %q is not configured; name one by its id in the configuration", organization)
	}
	places, err := at, error(nil)
	if at == nil {
		places, err = rehearsal.Places(r.Context())
	}
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		if p.Slug == "" {
			if known, _, err := d.Index.Place(r.Context(), organization, p.ID); err != nil {
				return nil, err
			} else if known.ID != "" {
				p = known
			}
		}
		for re, err := range rehearsal.Plan(r.Context(), p) {
			if err != nil {
				return nil, err
			}
			if err := rows.add(planOf(re)); err != nil {
				return nil, err
			}
		}
	}
	if at != nil {
		return rehearsal.Outlook(), nil
	}
	return rehearsal.Outlook(), d.Journal.KeepOutlook(r.Context(), rehearsal.Outlook())
}

// lastPlan answers what the last plan of every location came to, for each organization that has one.
func (d *Desk) lastPlan(w http.ResponseWriter, r *http.Request) error {
	organizations, err := d.served(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	outlooks := []*journal.Outlook{}
	for _, organization := range organizations {
		o, err := d.Journal.LastOutlook(r.Context(), organization)
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
