package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// PauseResult is the answer to a pause or a resume.
type PauseResult struct {
	Scopes []PausedScope `json:"scopes"`
}

// PausedScope is one organization, or one location of it, that is paused or not.
type PausedScope struct {
	OrganizationID string  `json:"organization_id"`
	Location       *string `json:"location"` // as the request named it; null: all locations
	Paused         bool    `json:"paused"`   // after the request
	Changed        bool    `json:"changed"`
}

func (d *Server) handlePause(w http.ResponseWriter, r *http.Request) error {
	return d.changePause(w, r, "pause", true, d.Incidents.Pause)
}

func (d *Server) handleResume(w http.ResponseWriter, r *http.Request) error {
	return d.changePause(w, r, "resume", false, d.Incidents.Resume)
}

// changePause pauses or resumes. If nothing changed it answers 409: an operator must know that somebody else did it
// before.
func (d *Server) changePause(w http.ResponseWriter, r *http.Request, name string, paused bool,
	change func(context.Context, string, string, handover.Actor) (bool, error)) error {
	want, err := readPauseRequest(r)
	if err != nil {
		return err
	}
	scopes, err := d.pauseScopes(r.Context(), want)
	if err != nil {
		return err
	}
	unmoved := newRefusal(http.StatusConflict, "%s", unchangedText(paused, want.Location))
	result, changed := PauseResult{Scopes: []PausedScope{}}, false
	by := handover.Actor{User: UserOf(r).Name, Reason: want.Reason}
	for _, s := range scopes {
		row := PausedScope{OrganizationID: s.organization, Location: orNull(want.Location)}
		was, err := d.isPaused(r.Context(), s)
		if err != nil {
			return err
		}
		row.Changed, row.Paused = was != paused, paused
		if want.DryRun {
			row.Paused = was
		} else if row.Changed {
			err = d.audited(r.Context(), s.organization, by, name, scopeName(s.id), "done", func() error {
				did, err := change(r.Context(), s.organization, s.id, by)
				if row.Changed = did; err == nil && !did {
					return unmoved
				}
				return err
			})
			if err != nil && !errors.Is(err, unmoved) {
				return &partialError{len(result.Scopes), len(scopes), err}
			}
		}
		changed = changed || row.Changed
		result.Scopes = append(result.Scopes, row)
	}
	if !changed {
		return unmoved
	}
	writeJSON(w, http.StatusOK, result)
	return nil
}

func unchangedText(paused bool, location string) string {
	const look = "; who paused what, and why: reassigner incidents list"
	switch {
	case paused && location == "":
		return "everything is paused already" + look
	case paused:
		return location + " is paused already" + look
	case location == "":
		return "there is no pause of everything to lift" + look
	}
	return location + " is not paused by itself" + look
}

func scopeName(scope string) string {
	if scope == journal.AllLocations {
		return "everything"
	}
	return scope
}

// pauseScopes returns the scopes that a request is about: a location of one organization, or all locations of those
// meant.
func (d *Server) pauseScopes(ctx context.Context, want PauseRequest) ([]locationRef, error) {
	if want.Location != "" {
		p, err := d.resolveLocation(ctx, want.Organization, want.Location)
		return []locationRef{p}, err
	}
	organizations, err := d.organizationIDs(want.Organization)
	if err != nil {
		return nil, err
	}
	var all []locationRef
	for _, organization := range organizations {
		all = append(all, locationRef{organization, journal.AllLocations})
	}
	return all, nil
}

func (d *Server) isPaused(ctx context.Context, s locationRef) (bool, error) {
	standing, err := d.Journal.Pauses(ctx, s.organization)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(standing, func(p journal.Pause) bool { return p.Scope == s.id }), nil
}
