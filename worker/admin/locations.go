package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/index"
)

// locationRef is one location of one organization, or all of them.
type locationRef struct{ organization, id string }

// resolveLocation resolves a location's slug or id: by the index, or else by asking the platform. A slug may have
// passed to another location, so the platform is asked whether it did; where it does not answer soon the index is
// believed, since a pause must be possible in any case.
func (d *Server) resolveLocation(ctx context.Context, organization, name string) (locationRef, error) {
	if name == "" {
		return locationRef{}, newRefusal(http.StatusBadRequest, "name a location: its slug or its id")
	}
	organizations, err := d.organizationIDs(organization)
	if err != nil {
		return locationRef{}, err
	}
	var found []locationRef
	for _, id := range organizations {
		location, err := d.Index.LocationID(ctx, id, name)
		if err != nil {
			return locationRef{}, err
		}
		if location != "" {
			found = append(found, locationRef{id, location})
		}
	}
	switch {
	case len(found) == 1 && found[0].id == name:
		return found[0], nil
	case len(found) == 1:
		return d.verifySlug(ctx, found[0], name)
	case len(found) > 1:
		return locationRef{}, newRefusal(http.StatusBadRequest, "several organizations have a location %q; name the organization too", name)
	}
	org, err := d.oneOrganization(organization)
	if err != nil {
		return locationRef{}, newRefusal(http.StatusBadRequest, "location %q was not heard of yet; name its organization too", name)
	}
	return d.askLocation(ctx, org, name)
}

// maxSlugCheck bounds the question whether a location still has its slug, since an operator waits for the answer.
const maxSlugCheck = 3 * time.Second

// verifySlug returns the location that has the slug now; known is the one that had it as far as the index knows.
func (d *Server) verifySlug(ctx context.Context, known locationRef, slug string) (locationRef, error) {
	org := d.Organizations[known.organization]
	asking, cancel := context.WithTimeout(ctx, maxSlugCheck)
	defer cancel()
	loc, err := org.ForBackground.Location(asking, known.id)
	if kind := happycolis.KindOf(err); err != nil && kind != happycolis.KindNotFound {
		d.Log.WarnContext(ctx, "location cannot be read; its slug is taken for what it was", "organization", known.organization,
			"location", known.id, "error", err)
		return known, nil
	}
	if err == nil && loc.Slug == slug {
		return known, nil
	}
	if err == nil {
		if err := d.noteLocation(ctx, org, loc); err != nil {
			return locationRef{}, err
		}
	}
	return d.askLocation(ctx, org, slug)
}

// noteLocation stores a location's slug in the index.
func (d *Server) noteLocation(ctx context.Context, org *worker.Organization, loc *happycolis.Location) error {
	return d.Index.PutLocation(ctx, org.ID, index.Location{ID: loc.ID, Slug: loc.Slug, Date: loc.Date})
}

func (d *Server) askLocation(ctx context.Context, org *worker.Organization, name string) (locationRef, error) {
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
		return locationRef{}, newRefusal(http.StatusNotFound, "organization %s has no location with the slug or id %q", org.ID, name)
	}
	if err != nil {
		return locationRef{}, err
	}
	return locationRef{org.ID, loc.ID}, d.noteLocation(ctx, org, loc)
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
