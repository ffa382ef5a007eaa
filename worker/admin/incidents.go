package admin

import (
	"errors"
	"net/http"
	"strings"

	"happycolis-reassigner/worker/journal"
)

// handleIncidents streams the incidents, newest first.
func (d *Server) handleIncidents(w http.ResponseWriter, r *http.Request) error {
	rows := jsonArray{w: w}
	names, err := d.matchIncidents(r.Context(), Filter{Organization: r.URL.Query().Get("organization")})
	if err != nil {
		return err
	}
	for _, name := range names {
		inc, err := d.Journal.Incident(r.Context(), name.organization, name.id)
		if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrCorrupt) {
			continue
		}
		if err != nil {
			return rows.fail(err)
		}
		tally, err := d.Journal.Tally(r.Context(), inc.Organization, inc.ID)
		if err != nil {
			return rows.fail(err)
		}
		if err := rows.add(newIncidentRow(inc, tally.States)); err != nil {
			return err
		}
	}
	return rows.close()
}

// handleIncident answers with one incident, its gates and its history.
func (d *Server) handleIncident(w http.ResponseWriter, r *http.Request) error {
	inc, err := d.findIncident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	detail, err := d.incidentDetail(r, inc)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, detail)
	return nil
}

func (d *Server) incidentDetail(r *http.Request, inc *journal.Incident) (IncidentDetail, error) {
	tally, err := d.Journal.Tally(r.Context(), inc.Organization, inc.ID)
	if err != nil {
		return IncidentDetail{}, err
	}
	flight, err := d.Index.CountInFlight(r.Context(), inc.Organization, inc.LocationID)
	if err != nil {
		return IncidentDetail{}, err
	}
	under, err := d.countInProgress(r.Context(), inc, tally)
	if err != nil {
		return IncidentDetail{}, err
	}
	report, err := d.Incidents.Blocking(r.Context(), inc)
	if err != nil {
		return IncidentDetail{}, err
	}
	record := *inc
	record.Gates = report.Gates // judged now
	detail := IncidentDetail{IncidentRow: newIncidentRow(inc, tally.States), InFlight: flight, UnderWay: under, Record: &record}
	if err := d.addApproval(r.Context(), &detail); err != nil {
		return IncidentDetail{}, err
	}
	return detail, nil
}

// PauseRequest asks for an action on an incident, on a location or on all locations.
type PauseRequest struct {
	Organization string `json:"organization,omitempty"`
	Location     string `json:"location,omitempty"`
	Reason       string `json:"reason,omitempty"`
	DryRun       bool   `json:"dry_run,omitempty"`
}

func readPauseRequest(r *http.Request) (PauseRequest, error) {
	var want PauseRequest
	if err := readBody(r, &want); err != nil {
		return want, err
	}
	if !want.DryRun && strings.TrimSpace(want.Reason) == "" {
		return want, newRefusal(http.StatusBadRequest, "%s", noReason)
	}
	return want, nil
}
