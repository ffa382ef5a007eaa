package query

import (
	"context"
	"strings"

	"happycolis-reassigner/worker/journal"
)

// OrderNumber returns the number of a delivery order's order; nil where there is none, or it cannot be read now.
func (q *Reader) OrderNumber(ctx context.Context, organization, deliveryOrder string) *string {
	name, err := q.NameOf(ctx, organization, deliveryOrder)
	if err != nil {
		return nil
	}
	return orNull(name)
}

// LocationSlug returns the slug of a location; nil where it has none, or it cannot be read now.
func (q *Reader) LocationSlug(ctx context.Context, at Scope) *string {
	place, _, err := q.Index.Location(ctx, at.Organization, at.Location)
	if err != nil {
		return nil
	}
	return orNull(place.Slug)
}

// NameOf returns what people call something that an action is about, by its id: a location or an incident by the location's
// slug, a delivery order by its order's number; "" where it has no other name, or none is known.
func (q *Reader) NameOf(ctx context.Context, organization, id string) (string, error) {
	if id == "" || strings.ContainsAny(id, " /") { // a list, a path of the queue's web UI
		return "", nil
	}
	if strings.HasPrefix(id, "inc-") {
		inc, err := q.Journal.Incident(ctx, organization, id)
		if journal.IsUnreadable(err) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return inc.Location, nil
	}
	place, known, err := q.Index.Location(ctx, organization, id)
	if err != nil || known {
		return place.Slug, err
	}
	entry, _, err := q.Index.Get(ctx, organization, id)
	if err != nil || entry.Number != "" {
		return entry.Number, err
	}
	found, err := q.Journal.Find(ctx, organization, id)
	if err != nil || len(found) == 0 {
		return "", err
	}
	r, err := q.Journal.Get(ctx, organization, found[0])
	if journal.IsUnreadable(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return r.Identity.OrderNumber, nil
}
