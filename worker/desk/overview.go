package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/incident/alert"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Status is what a look at the whole shows.
type Status struct {
	Version       string               `json:"version"`
	User          string               `json:"user"`
	Role          Role                 `json:"role"`
	Organizations []OrganizationStatus `json:"organizations"`
	Alerts        []alert.TargetState  `json:"alerts"` // none: nobody is told
	Redis         journal.Space        `json:"redis"`
	Unserved      []journal.Unserved   `json:"unserved"` // not configured any more, and not finished
}

// OrganizationStatus is the whole of one organization.
type OrganizationStatus struct {
	ID      string               `json:"id"`
	Index   index.Age            `json:"index"`
	Failing map[string]string    `json:"failing"` // location id > open incident
	Rate    happycolis.Allowance `json:"rate"`    // the platform's own count; limit 0: it said nothing within a minute
	Pauses  []journal.Pause      `json:"pauses"`
	Sweep   journal.Swept        `json:"sweep"` // the last one
}

func (d *Desk) status(w http.ResponseWriter, r *http.Request) error {
	s := Status{Version: d.Version, User: UserOf(r).Name, Role: UserOf(r).Role, Organizations: []OrganizationStatus{}}
	organizations, err := d.served("")
	if err != nil {
		return err
	}
	if s.Alerts, err = alert.States(r.Context(), d.Redis, d.Targets); err != nil {
		return err
	}
	if s.Redis, err = d.Journal.Space(r.Context()); err != nil {
		return err
	}
	if s.Unserved, err = d.Journal.Unserved(r.Context(), organizations, false); err != nil {
		return err
	}
	for _, id := range organizations {
		one := OrganizationStatus{ID: id, Pauses: []journal.Pause{}}
		if one.Index, err = d.Index.Age(r.Context(), id); err != nil {
			return err
		}
		if one.Rate, err = d.Allowances.Last(r.Context(), id); err != nil {
			return err
		}
		if one.Failing, err = d.Journal.Failing(r.Context(), id); err != nil {
			return err
		}
		if one.Sweep, err = d.Journal.LastSwept(r.Context(), id); err != nil {
			return err
		}
		pauses, err := d.Journal.Pauses(r.Context(), id)
		if err != nil {
			return err
		}
		one.Pauses = append(one.Pauses, pauses...)
		s.Organizations = append(s.Organizations, one)
	}
	writeJSON(w, http.StatusOK, s)
	return nil
}

// LocationRow is a location that the index heard of.
type LocationRow struct {
	OrganizationID string  `json:"organization_id"`
	LocationID     string  `json:"location_id"`
	Location       *string `json:"location"`
	InFlight       int     `json:"in_flight"`
	IncidentID     *string `json:"incident_id"`
	Paused         bool    `json:"paused"`
}

func (d *Desk) locations(w http.ResponseWriter, r *http.Request) error {
	organizations, err := d.served(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	rows := []LocationRow{}
	for _, id := range organizations {
		places, err := d.Index.Places(r.Context(), id)
		if err != nil {
			return err
		}
		failing, err := d.Journal.Failing(r.Context(), id)
		if err != nil {
			return err
		}
		slices.SortFunc(places, func(a, b index.Place) int { return strings.Compare(a.Slug+a.ID, b.Slug+b.ID) })
		for _, p := range places {
			row := LocationRow{OrganizationID: id, LocationID: p.ID, Location: orNull(p.Slug), IncidentID: orNull(failing[p.ID])}
			if row.InFlight, err = d.Index.CountInFlight(r.Context(), id, p.ID); err != nil {
				return err
			}
			if row.Paused, err = d.Journal.Paused(r.Context(), id, p.ID); err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	writeJSON(w, http.StatusOK, rows)
	return nil
}

// AuditRow is one action of a person.
type AuditRow struct {
	OrganizationID string `json:"organization_id"`
	journal.Audit
}

// rowsShown is how many rows a list shows unless asked for more, rowsMost the limit.
const (
	rowsShown = 100
	rowsMost  = 10_000
)

// mostOf reads how many rows are asked for.
func mostOf(r *http.Request) (int, error) {
	text := r.URL.Query().Get("most")
	if text == "" {
		return rowsShown, nil
	}
	most, err := strconv.Atoi(text)
	if err != nil || most < 1 || most > rowsMost {
		return 0, refused(http.StatusBadRequest, "most is a number from 1 to %d", rowsMost)
	}
	return most, nil
}

func (d *Desk) audit(w http.ResponseWriter, r *http.Request) error {
	return newest(d, w, r, func(ctx context.Context, id string, most int) ([]AuditRow, error) {
		entries, err := d.Journal.Audited(ctx, id, int64(most))
		rows := make([]AuditRow, 0, len(entries))
		for _, e := range entries {
			rows = append(rows, AuditRow{id, e})
		}
		return rows, err
	}, func(row AuditRow) time.Time { return row.At })
}

// newest answers with the newest rows of the organizations that are asked about, as many as are asked for.
func newest[T any](d *Desk, w http.ResponseWriter, r *http.Request,
	list func(ctx context.Context, organization string, most int) ([]T, error), at func(T) time.Time,
) error {
	organizations, err := d.served(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	most, err := mostOf(r)
	if err != nil {
		return err
	}
	rows := []T{}
	for _, id := range organizations {
		found, err := list(r.Context(), id, most)
		if err != nil {
			return err
		}
		rows = append(rows, found...)
	}
	slices.SortStableFunc(rows, func(a, b T) int { return at(b).Compare(at(a)) })
	writeJSON(w, http.StatusOK, rows[:min(len(rows), most)])
	return nil
}
