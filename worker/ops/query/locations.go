package query

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/ops/refusal"
)

// Scope is one location of one organization, or all of them.
type Scope struct{ Organization, Location string }

// ResolveLocation resolves a location's slug or id: by the index, or else by asking the platform. A slug may have
// passed to another location, so the platform is asked whether it did; where it does not answer soon the index is
// believed, since a pause must be possible in any case.
func (q *Reader) ResolveLocation(ctx context.Context, organization, name string) (Scope, error) {
	if name == "" {
		return Scope{}, refusal.New(refusal.Invalid, "name a location: its slug or its id")
	}
	organizations, err := q.OrganizationIDs(organization)
	if err != nil {
		return Scope{}, err
	}
	var found []Scope
	for _, id := range organizations {
		location, err := q.Index.LocationID(ctx, id, name)
		if err != nil {
			return Scope{}, err
		}
		if location != "" {
			found = append(found, Scope{id, location})
		}
	}
	switch {
	case len(found) == 1 && found[0].Location == name:
		return found[0], nil
	case len(found) == 1:
		return q.verifySlug(ctx, found[0], name)
	case len(found) > 1:
		return Scope{}, refusal.New(refusal.Invalid, "several organizations have a location %q; name the organization too", name)
	}
	org, err := q.OneOrganization(organization)
	if err != nil {
		return Scope{}, refusal.New(refusal.Invalid, "location %q was not heard of yet; name its organization too", name)
	}
	return q.askLocation(ctx, org, name)
}

// maxSlugCheck bounds the question whether a location still has its slug, since an operator waits for the answer.
const maxSlugCheck = 3 * time.Second

// verifySlug returns the location that has the slug now; known is the one that had it as far as the index knows.
func (q *Reader) verifySlug(ctx context.Context, known Scope, slug string) (Scope, error) {
	org := q.Organizations[known.Organization]
	asking, cancel := context.WithTimeout(ctx, maxSlugCheck)
	defer cancel()
	loc, err := org.ForBackground.Location(asking, known.Location)
	if kind := happycolis.KindOf(err); err != nil && kind != happycolis.KindNotFound {
		q.Log.WarnContext(ctx, "location cannot be read; its slug is taken for what it was", "organization", known.Organization,
			"location", known.Location, "error", err)
		return known, nil
	}
	if err == nil && loc.Slug == slug {
		return known, nil
	}
	if err == nil {
		if err := q.noteLocation(ctx, org, loc); err != nil {
			return Scope{}, err
		}
	}
	return q.askLocation(ctx, org, slug)
}

// noteLocation stores a location's slug in the index.
func (q *Reader) noteLocation(ctx context.Context, org *worker.Organization, loc *happycolis.Location) error {
	return q.Index.PutLocation(ctx, org.ID, index.Location{ID: loc.ID, Slug: loc.Slug, Date: loc.Date})
}

func (q *Reader) askLocation(ctx context.Context, org *worker.Organization, name string) (Scope, error) {
	var loc *happycolis.Location
	read := func(ask func(context.Context, string) (*happycolis.Location, error)) error {
		return retryRateLimited(ctx, func() (err error) {
			loc, err = ask(ctx, name)
			return err
		})
	}
	err := read(org.ForBackground.LocationBySlug)
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		err = read(org.ForBackground.Location)
	}
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		return Scope{}, refusal.New(refusal.NotFound, "organization %s has no location with the slug or id %q", org.ID, name)
	}
	if err != nil {
		return Scope{}, err
	}
	return Scope{org.ID, loc.ID}, q.noteLocation(ctx, org, loc)
}

// maxWait bounds one wait for the rate limit.
const maxWait = 30 * time.Second

// retryRateLimited repeats a request that the rate limit denied, as long as the caller waits.
func retryRateLimited(ctx context.Context, ask func() error) error {
	for {
		err := ask()
		var e *happycolis.Error
		if !errors.As(err, &e) || e.Kind != happycolis.KindWaiting && e.Kind != happycolis.KindThrottled {
			return err
		}
		timer := time.NewTimer(min(max(e.RetryAfter, time.Millisecond), maxWait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
	}
}
