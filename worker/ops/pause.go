package ops

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/query"
	"happycolis-reassigner/worker/ops/refusal"
)

// Pause stops every mutation before the next one is sent: of one location, or of everything.
func (a *Actions) Pause(ctx context.Context, user string, want api.PauseRequest) (api.PauseResult, error) {
	return a.changePause(ctx, user, want, "pause", true, a.Incidents.Pause)
}

// Resume lifts a pause.
func (a *Actions) Resume(ctx context.Context, user string, want api.PauseRequest) (api.PauseResult, error) {
	return a.changePause(ctx, user, want, "resume", false, a.Incidents.Resume)
}

// changePause pauses or resumes. If nothing changed it is refused: an operator must know that somebody else did it before.
func (a *Actions) changePause(ctx context.Context, user string, want api.PauseRequest, name string, paused bool,
	change func(context.Context, string, string, handover.Actor) (bool, error)) (api.PauseResult, error) {
	result, changed := api.PauseResult{Scopes: []api.PausedScope{}}, false
	if err := checkReason(want.Reason, want.DryRun); err != nil {
		return result, err
	}
	if a.Query.IsLimited() && want.Organization == "" && want.Location == "" {
		return result, refusal.New(refusal.Forbidden, "you may not %s everything, since you may see some organizations only; name a location, or one of them: organization, or --organization", name)
	}
	scopes, err := a.pauseScopes(ctx, want)
	if err != nil {
		return result, err
	}
	unmoved := refusal.New(refusal.Conflict, "%s", unchangedText(paused, want.Location))
	by := handover.Actor{User: user, Reason: want.Reason}
	for _, s := range scopes {
		was, err := a.isPaused(ctx, s)
		if err != nil {
			return result, err
		}
		row := api.PausedScope{OrganizationID: s.Organization, Paused: paused, Changed: was != paused}
		if want.Location != "" {
			row.Location = cmp.Or(a.Query.LocationSlug(ctx, s), &want.Location)
		}
		if want.DryRun {
			row.Paused = was
		} else if row.Changed {
			err = a.audited(ctx, s.Organization, by, name, scopeName(s.Location), "done", func() error {
				did, err := change(ctx, s.Organization, s.Location, by)
				if row.Changed = did; err == nil && !did {
					return unmoved
				}
				return err
			})
			if err != nil && !errors.Is(err, unmoved) {
				return result, refusal.After(len(result.Scopes), len(scopes), err)
			}
		}
		changed = changed || row.Changed
		result.Scopes = append(result.Scopes, row)
	}
	if !changed {
		return result, unmoved
	}
	return result, nil
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
func (a *Actions) pauseScopes(ctx context.Context, want api.PauseRequest) ([]query.Scope, error) {
	if want.Location != "" {
		p, err := a.Query.ResolveLocation(ctx, want.Organization, want.Location)
		return []query.Scope{p}, err
	}
	organizations, err := a.Query.OrganizationIDs(want.Organization)
	if err != nil {
		return nil, err
	}
	var all []query.Scope
	for _, organization := range organizations {
		all = append(all, query.Scope{Organization: organization, Location: journal.AllLocations})
	}
	return all, nil
}

func (a *Actions) isPaused(ctx context.Context, s query.Scope) (bool, error) {
	standing, err := a.Journal.Pauses(ctx, s.Organization)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(standing, func(p journal.Pause) bool { return p.Scope == s.Location }), nil
}
