package desk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/index"
)

// place is one location of one organization, or everything of it.
type place struct{ organization, id string }

// place resolves a location's slug or id: by what the index heard of, else by asking the platform. A slug may have passed
// to another location, so the platform is asked whether it did; where it does not answer at once the index is believed,
// since a pause must stand in any case.
func (d *Desk) place(ctx context.Context, organization, name string) (place, error) {
	if name == "" {
		return place{}, refused(http.StatusBadRequest, "name a location: its slug or its id")
	}
	organizations, err := d.served(organization)
	if err != nil {
		return place{}, err
	}
	var found []place
	for _, id := range organizations {
		location, err := d.Index.PlaceID(ctx, id, name)
		if err != nil {
			return place{}, err
		}
		if location != "" {
			found = append(found, place{id, location})
		}
	}
	switch {
	case len(found) == 1 && found[0].id == name:
		return found[0], nil
	case len(found) == 1:
		return d.stillCalled(ctx, found[0], name)
	case len(found) > 1:
		return place{}, refused(http.StatusBadRequest, "several organizations have a location %q; name the organization too", name)
	}
	org, err := d.only(organization)
	if err != nil {
		return place{}, refused(http.StatusBadRequest, "location %q was not heard of yet; name its organization too", name)
	}
	return d.askPlace(ctx, org, name)
}

// stillCalledMost bounds the question whether a location still bears its slug: an operator waits for it.
const stillCalledMost = 3 * time.Second

// stillCalled returns the location that bears a slug now, which was known to be that of a place.
func (d *Desk) stillCalled(ctx context.Context, known place, slug string) (place, error) {
	org := d.Organizations[known.organization]
	asking, cancel := context.WithTimeout(ctx, stillCalledMost)
	defer cancel()
	loc, err := org.Calm.Location(asking, known.id)
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
			return place{}, err
		}
	}
	return d.askPlace(ctx, org, slug)
}

// noteLocation lets the index know what a location is called.
func (d *Desk) noteLocation(ctx context.Context, org *worker.Organization, loc *happycolis.Location) error {
	return d.Index.PutPlace(ctx, org.ID, index.Place{ID: loc.ID, Slug: loc.Slug, Date: loc.Date})
}

func (d *Desk) askPlace(ctx context.Context, org *worker.Organization, name string) (place, error) {
	var loc *happycolis.Location
	read := func(ask func(context.Context, string) (*happycolis.Location, error)) error {
		return patiently(ctx, func() (err error) {
			loc, err = ask(ctx, name)
			return err
		})
	}
	err := read(org.Calm.LocationBySlug)
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		err = read(org.Calm.Location)
	}
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		return place{}, refused(http.StatusNotFound, "organization %s has no location with the slug or id %q", org.ID, name)
	}
	if err != nil {
		return place{}, err
	}
	return place{org.ID, loc.ID}, d.noteLocation(ctx, org, loc)
}

// waitMost bounds one wait for the rate limit.
const waitMost = 30 * time.Second

// patiently repeats what the rate limit denied, for as long as the caller waits.
func patiently(ctx context.Context, ask func() error) error {
	for {
		err := ask()
		var e *happycolis.Error
		if !errors.As(err, &e) || e.Kind != happycolis.KindWaiting && e.Kind != happycolis.KindThrottled {
			return err
		}
		timer := time.NewTimer(min(max(e.RetryAfter, time.Millisecond), waitMost))
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
	}
}
