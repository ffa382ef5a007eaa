package query

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/refusal"
	"happycolis-reassigner/worker/plaintext"
)

// matches reports whether a filter selects a reassignment of an incident that it selects.
func matches(f api.Filter, r *journal.Reassignment) bool {
	return (f.Location == "" || f.Location == r.Identity.From || f.Location == r.Identity.FromID) &&
		(f.ReasonCode == "" || f.ReasonCode == string(r.Reason)) &&
		(!f.NeedsPerson || r.State == journal.NeedsPerson) &&
		(f.State == "" || f.State == r.State) &&
		(!f.Open || !r.State.IsOver()) &&
		!r.UpdatedAt.Before(f.Since)
}

// validate returns an error for an unknown reason or state, which would otherwise match nothing without a word.
func validate(f api.Filter) error {
	if err := validateWord("reason", journal.Reason(f.ReasonCode), slices.Concat(api.PersonReasons(), api.LeftReasons())); err != nil {
		return err
	}
	return validateWord("state", f.State, api.States())
}

// validateWord returns an error for a word that is neither empty nor known.
func validateWord[T ~string](what string, word T, known []T) error {
	if word == "" || slices.Contains(known, word) {
		return nil
	}
	words := make([]string, len(known))
	for i, one := range known {
		words[i] = string(one)
	}
	return refusal.New(refusal.Invalid, "there is no %s %q; there are %s", what, word, strings.Join(words, ", "))
}

// MatchOrders yields the reassignments that a filter selects. First come those that wait for an operator, the most dangerous
// first, of the oldest incident first; among them, before those whose original stands, those that are holding although their
// original is released, since nobody ships them meanwhile. Then come all others, of the newest incident first.
func (q *Reader) MatchOrders(ctx context.Context, f api.Filter) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		if err := validate(f); err != nil {
			yield(nil, err)
			return
		}
		incidents, err := q.matchIncidents(ctx, f)
		if err != nil {
			yield(nil, err)
			return
		}
		before := map[string]bool{}
		for r, err := range q.dangerousRows(ctx, f, incidents) {
			if err == nil && (!matches(f, r) || before[r.Identity.ID]) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
			before[r.Identity.ID] = true
		}
		for _, inc := range incidents {
			for r, err := range q.Journal.Rows(ctx, inc.organization, inc.id) {
				if err != nil {
					yield(nil, err)
					return
				}
				if matches(f, r) && !before[r.Identity.ID] && !yield(r, nil) {
					return
				}
			}
		}
	}
}

// dangerousRows yields the reassignments that wait for an operator, and those that are holding although their original is
// released, in the order of MatchOrders.
func (q *Reader) dangerousRows(ctx context.Context, f api.Filter, incidents []incidentRef) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		for _, severity := range api.Severities() {
			if severity == api.Waits {
				for r, err := range q.unsentRows(ctx, incidents) {
					if !yield(r, err) || err != nil {
						return
					}
				}
			}
			for r, err := range q.ListOpenRows(ctx, f, severity) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// ListOpenRows yields the rows of a severity that wait for an operator, of the organization and the incident of a filter, of
// the oldest incident first.
func (q *Reader) ListOpenRows(ctx context.Context, f api.Filter, severity api.Severity) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		organizations, err := q.OrganizationIDs(f.Organization)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, organization := range organizations {
			for after, more := "", true; more; more = after != "" {
				rows, next, err := q.Journal.SeverityPage(ctx, organization, f.Incident, severity, after, openPage)
				if err != nil {
					yield(nil, err)
					return
				}
				for _, r := range rows {
					if r.Severity() == severity && !yield(r, nil) { // it may have changed since the page was listed
						return
					}
				}
				after = next
			}
		}
	}
}

// openPage is how many of them are read at once.
const openPage = 100

// unsentRows yields the reassignments that are holding although their original is released.
func (q *Reader) unsentRows(ctx context.Context, incidents []incidentRef) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		for _, inc := range incidents {
			for after, more := "", true; more; more = after != "" {
				rows, next, err := q.Journal.Unsent(ctx, inc.organization, inc.id, after, unsentPage)
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

// unsentPage is how many of them are read at once.
const unsentPage = 100

type incidentRef struct{ organization, id string }

func (q *Reader) matchIncidents(ctx context.Context, f api.Filter) ([]incidentRef, error) {
	organizations, err := q.OrganizationIDs(f.Organization)
	if err != nil {
		return nil, err
	}
	var found []incidentRef
	for _, organization := range organizations {
		ids, err := q.Journal.IncidentIDs(ctx, organization)
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
		return nil, refusal.New(refusal.NotFound, "there is no incident %q; list them: reassigner incidents list", f.Incident)
	}
	return found, nil
}

// FindOrders returns the reassignments that a delivery order id, order id or order number names.
func (q *Reader) FindOrders(ctx context.Context, organization, name string) ([]*journal.Reassignment, error) {
	organizations, err := q.OrganizationIDs(organization)
	if err != nil {
		return nil, err
	}
	var found []*journal.Reassignment
	for _, organization := range organizations {
		ids, err := q.Journal.Find(ctx, organization, name)
		if err != nil {
			return nil, err
		}
		slices.Sort(ids)
		for _, id := range ids {
			r, err := q.Journal.GetOrStub(ctx, organization, id)
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
		return nil, refusal.New(refusal.NotFound, "no incident has a delivery order %q; name it by its id, its order's id or its order's number, or search: reassigner orders find %s", name, plaintext.ShellWord(name))
	}
	return found, nil
}

// FindIncident returns the incident with this id, of any organization.
func (q *Reader) FindIncident(ctx context.Context, id string) (*journal.Incident, error) {
	organizations, err := q.OrganizationIDs("")
	if err != nil {
		return nil, err
	}
	for _, organization := range organizations {
		inc, err := q.Journal.Incident(ctx, organization, id)
		if err == nil || !errors.Is(err, journal.ErrNotFound) {
			return inc, err
		}
	}
	return nil, refusal.New(refusal.NotFound, "there is no incident %q; list them: reassigner incidents list", id)
}
