package admin

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/notify"
)

// Status is the answer of GET /api/status.
type Status struct {
	Version       string                         `json:"version"`
	User          string                         `json:"user"`
	Role          Role                           `json:"role"`
	Organizations []OrganizationStatus           `json:"organizations"`
	Alerts        []notify.TargetState           `json:"alerts"` // none: no alerts are sent
	Redis         journal.RedisMemory            `json:"redis"`
	Unserved      []journal.UnservedOrganization `json:"unserved"` // not configured any more, with releases that nobody finishes
}

// OrganizationStatus is the state of one organization.
type OrganizationStatus struct {
	ID      string                     `json:"id"`
	Index   index.Coverage             `json:"index"`
	Failing map[string]string          `json:"failing"` // location id to the id of its open incident
	Rate    happycolis.RateLimitStatus `json:"rate"`    // the platform's own count; limit 0: not known in the last minute
	Pauses  []journal.Pause            `json:"pauses"`
	Sweep   journal.SweepStatus        `json:"sweep"` // the last one
}

func (d *Server) handleStatus(w http.ResponseWriter, r *http.Request) error {
	s := Status{Version: d.Version, User: UserOf(r).Name, Role: UserOf(r).Role, Organizations: []OrganizationStatus{}}
	organizations, err := d.organizationIDs("")
	if err != nil {
		return err
	}
	if s.Alerts, err = notify.TargetStates(r.Context(), d.Redis, d.Targets); err != nil {
		return err
	}
	if s.Redis, err = d.Journal.RedisMemory(r.Context()); err != nil {
		return err
	}
	if s.Unserved, err = d.Journal.UnservedOrganizations(r.Context(), organizations, false); err != nil {
		return err
	}
	for _, id := range organizations {
		one := OrganizationStatus{ID: id, Pauses: []journal.Pause{}}
		if one.Index, err = d.Index.Coverage(r.Context(), id); err != nil {
			return err
		}
		if one.Rate, err = d.RateLimitStatuses.Last(r.Context(), id); err != nil {
			return err
		}
		if one.Failing, err = d.Journal.OpenIncidents(r.Context(), id); err != nil {
			return err
		}
		if one.Sweep, err = d.Journal.LastSweepStatus(r.Context(), id); err != nil {
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

// LocationRow is a location in the index.
type LocationRow struct {
	OrganizationID string  `json:"organization_id"`
	LocationID     string  `json:"location_id"`
	Location       *string `json:"location"`
	InFlight       int     `json:"in_flight"`
	IncidentID     *string `json:"incident_id"`
	Paused         bool    `json:"paused"`
}

func (d *Server) handleLocations(w http.ResponseWriter, r *http.Request) error {
	organizations, err := d.organizationIDs(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	rows := []LocationRow{}
	for _, id := range organizations {
		places, err := d.Index.Locations(r.Context(), id)
		if err != nil {
			return err
		}
		failing, err := d.Journal.OpenIncidents(r.Context(), id)
		if err != nil {
			return err
		}
		slices.SortFunc(places, func(a, b index.Location) int { return strings.Compare(a.Slug+a.ID, b.Slug+b.ID) })
		for _, p := range places {
			row := LocationRow{OrganizationID: id, LocationID: p.ID, Location: orNull(p.Slug), IncidentID: orNull(failing[p.ID])}
			if row.InFlight, err = d.Index.CountInFlight(r.Context(), id, p.ID); err != nil {
				return err
			}
			if row.Paused, err = d.Journal.IsPaused(r.Context(), id, p.ID); err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	writeJSON(w, http.StatusOK, rows)
	return nil
}

// AuditRow is one action of an operator.
type AuditRow struct {
	OrganizationID string `json:"organization_id"`
	journal.AuditEntry
}

// defaultRows is how many rows a list shows unless asked for more, maxRows the limit.
const (
	defaultRows = 100
	maxRows     = 10_000
)

// limitParam reads the number of rows that the query asks for.
func limitParam(r *http.Request) (int, error) {
	text := r.URL.Query().Get("most")
	if text == "" {
		return defaultRows, nil
	}
	most, err := strconv.Atoi(text)
	if err != nil || most < 1 || most > maxRows {
		return 0, newRefusal(http.StatusBadRequest, "most is a number from 1 to %d", maxRows)
	}
	return most, nil
}

func (d *Server) handleAudit(w http.ResponseWriter, r *http.Request) error {
	return writeNewest(d, w, r, func(ctx context.Context, id string, most int) ([]AuditRow, error) {
		entries, err := d.Journal.AuditEntries(ctx, id, int64(most))
		rows := make([]AuditRow, 0, len(entries))
		for _, e := range entries {
			rows = append(rows, AuditRow{id, e})
		}
		return rows, err
	}, func(row AuditRow) time.Time { return row.At })
}

// writeNewest answers with the newest rows of the organizations that the query names, as many as it asks for.
func writeNewest[T any](d *Server, w http.ResponseWriter, r *http.Request,
	list func(ctx context.Context, organization string, most int) ([]T, error), at func(T) time.Time,
) error {
	organizations, err := d.organizationIDs(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	most, err := limitParam(r)
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
