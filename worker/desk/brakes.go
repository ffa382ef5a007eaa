package desk

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// Braked is what came of a pause or a resume.
type Braked struct {
	Scopes []BrakedScope `json:"scopes"`
}

// BrakedScope is one organization, or one location of it, that is paused or not.
type BrakedScope struct {
	OrganizationID string  `json:"organization_id"`
	Location       *string `json:"location"` // as it was named; null: everything
	Paused         bool    `json:"paused"`   // now
	Changed        bool    `json:"changed"`
}

func (d *Desk) pause(w http.ResponseWriter, r *http.Request) error {
	return d.brake(w, r, "pause", true, d.Incidents.Pause)
}

func (d *Desk) resume(w http.ResponseWriter, r *http.Request) error {
	return d.brake(w, r, "resume", false, d.Incidents.Resume)
}

// brake changes the pause of a scope. That nothing changed is a conflict: whoever pulls a brake must
// know whether it was somebody else's.
func (d *Desk) brake(w http.ResponseWriter, r *http.Request, name string, paused bool,
	change func(context.Context, string, string, handover.By) (bool, error)) error {
	want, err := readBrake(r)
	if err != nil {
		return err
	}
	scopes, err := d.scopes(r.Context(), want)
	if err != nil {
		return err
	}
	unmoved := refused(http.StatusConflict, "%s", unchanged(paused, want.Location))
	result, changed := Braked{Scopes: []BrakedScope{}}, false
	by := handover.By{User: UserOf(r).Name, Reason: want.Reason}
	for _, s := range scopes {
		row := BrakedScope{OrganizationID: s.organization, Location: orNull(want.Location)}
		was, err := d.pausedNow(r.Context(), s)
		if err != nil {
			return err
		}
		row.Changed, row.Paused = was != paused, paused
		if want.DryRun {
			row.Paused = was
		} else if row.Changed {
			err = d.recorded(r.Context(), s.organization, by, name, scopeName(s.id), "done", func() error {
				did, err := change(r.Context(), s.organization, s.id, by)
				if row.Changed = did; err == nil && !did {
					return unmoved
				}
				return err
			})
			if err != nil && !errors.Is(err, unmoved) {
				return &partly{len(result.Scopes), len(scopes), err}
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

func unchanged(paused bool, location string) string {
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
	if scope == journal.Everything {
		return "everything"
	}
	return scope
}

// scopes are what a pause is about: a location of one organization, or everything of those meant.
func (d *Desk) scopes(ctx context.Context, want Brake) ([]place, error) {
	if want.Location != "" {
		p, err := d.place(ctx, want.Organization, want.Location)
		return []place{p}, err
	}
	organizations, err := d.served(want.Organization)
	if err != nil {
		return nil, err
	}
	var all []place
	for _, organization := range organizations {
		all = append(all, place{organization, journal.Everything})
	}
	return all, nil
}

func (d *Desk) pausedNow(ctx context.Context, s place) (bool, error) {
	standing, err := d.Journal.Pauses(ctx, s.organization)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(standing, func(p journal.Pause) bool { return p.Scope == s.id }), nil
}
