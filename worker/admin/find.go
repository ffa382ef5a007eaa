package admin

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// Filter selects reassignments; an empty field selects all.
type Filter struct {
	Organization string `json:"organization,omitempty"`
	Incident     string `json:"incident,omitempty"`
	Location     string `json:"location,omitempty"` // slug or id of the location they come from
	ReasonCode   string `json:"reason_code,omitempty"`
	NeedsPerson  bool   `json:"-"`
}

func (f Filter) matches(r *journal.Reassignment) bool {
	return (f.Location == "" || f.Location == r.From || f.Location == r.FromID) &&
		(f.ReasonCode == "" || f.ReasonCode == string(r.Reason)) &&
		(!f.NeedsPerson || r.State == journal.NeedsPerson)
}

// validate returns an error for an unknown reason, which would otherwise match nothing without a word.
func (f Filter) validate() error {
	known := slices.Concat(api.PersonReasons(), api.LeftReasons())
	if f.ReasonCode == "" || slices.Contains(known, journal.Reason(f.ReasonCode)) {
		return nil
	}
	words := make([]string, len(known))
	for i, reason := range known {
		words[i] = string(reason)
	}
	return newRefusal(http.StatusBadRequest, "there is no reason %q; there are %s", f.ReasonCode, strings.Join(words, ", "))
}

// matchRows yields the reassignments that a filter selects, of the newest incident first. Before all others come those
// that are holding although their original is released, since nobody ships them meanwhile.
func (d *Server) matchRows(ctx context.Context, f Filter) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		if err := f.validate(); err != nil {
			yield(nil, err)
			return
		}
		incidents, err := d.matchIncidents(ctx, f)
		if err != nil {
			yield(nil, err)
			return
		}
		unsent := map[string]bool{}
		for r, err := range d.unsentRows(ctx, incidents) {
			if err == nil && !f.matches(r) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
			unsent[r.ID] = true
		}
		for _, inc := range incidents {
			for r, err := range d.Journal.Rows(ctx, inc.organization, inc.id) {
				if err != nil {
					yield(nil, err)
					return
				}
				if f.matches(r) && !unsent[r.ID] && !yield(r, nil) {
					return
				}
			}
		}
	}
}

// unsentRows yields the reassignments that are holding although their original is released.
func (d *Server) unsentRows(ctx context.Context, incidents []incidentRef) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		for _, inc := range incidents {
			for after, more := "", true; more; more = after != "" {
				rows, next, err := d.Journal.Unsent(ctx, inc.organization, inc.id, after, defaultRows)
				if err != nil {
					yield(nil, err)
					return
				}
				for _, r := range rows {
					if !yield(r, nil) {
						return
					}
				}
				after = next
			}
		}
	}
}

type incidentRef struct{ organization, id string }

func (d *Server) matchIncidents(ctx context.Context, f Filter) ([]incidentRef, error) {
	organizations, err := d.organizationIDs(f.Organization)
	if err != nil {
		return nil, err
	}
	var found []incidentRef
	for _, organization := range organizations {
		ids, err := d.Journal.IncidentIDs(ctx, organization)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if f.Incident == "" || f.Incident == id {
				found = append(found, incidentRef{organization, id})
			}
		}
	}
	if f.Incident != "" && len(found) == 0 {
		return nil, newRefusal(http.StatusNotFound, "there is no incident %q; list them: reassigner incidents list", f.Incident)
	}
	return found, nil
}

// findRows returns the reassignments that a delivery order id, order id or order number names.
func (d *Server) findRows(ctx context.Context, organization, name string) ([]*journal.Reassignment, error) {
	organizations, err := d.organizationIDs(organization)
	if err != nil {
		return nil, err
	}
	var found []*journal.Reassignment
	for _, organization := range organizations {
		ids, err := d.Journal.Find(ctx, organization, name)
		if err != nil {
			return nil, err
		}
		slices.Sort(ids)
		for _, id := range ids {
			r, err := d.Journal.GetOrStub(ctx, organization, id)
			if errors.Is(err, journal.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return nil, newRefusal(http.StatusNotFound, "no incident has a delivery order %q; name it by its id, its order's id or its order's number", name)
	}
	return found, nil
}

// findIncident returns the incident with this id, of any organization.
func (d *Server) findIncident(ctx context.Context, id string) (*journal.Incident, error) {
	organizations, err := d.organizationIDs("")
	if err != nil {
		return nil, err
	}
	for _, organization := range organizations {
		inc, err := d.Journal.Incident(ctx, organization, id)
		if err == nil || !errors.Is(err, journal.ErrNotFound) {
			return inc, err
		}
	}
	return nil, newRefusal(http.StatusNotFound, "there is no incident %q; list them: reassigner incidents list", id)
}
