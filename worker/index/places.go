package index

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Place is what was heard of a location.
type Place struct {
	ID     string    `json:"id"`
	Slug   string    `json:"slug,omitempty"`
	Accept time.Time `json:"accept,omitzero"` // takes orders from then on; only webhooks tell it
}

// PutPlace stores what was heard of a location. An empty slug erases nothing.
func (x *Index) PutPlace(ctx context.Context, organization string, p Place) error {
	k := keys(organization)
	before, known, err := x.Place(ctx, organization, p.ID)
	if err != nil {
		return err
	}
	if known && p.Slug == "" {
		p.Slug = before.Slug
	}
	if known && p.Accept.IsZero() {
		p.Accept = before.Accept
	}
	if known && p == before {
		return nil
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("noting location %s: %w", p.ID, err)
	}
	pipe := x.rdb.Pipeline()
	pipe.HSet(ctx, k.places(), p.ID, body)
	if p.Slug != "" {
		pipe.HSet(ctx, k.slugs(), p.Slug, p.ID)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("noting location %s: %w", p.ID, err)
	}
	return nil
}

// Place returns what is known of a location, by id. What cannot be read counts as not known: the next
// webhook writes it anew.
func (x *Index) Place(ctx context.Context, organization, id string) (Place, bool, error) {
	body, err := orEmpty(x.rdb.HGet(ctx, keys(organization).places(), id).Result())
	if err != nil || body == "" {
		return Place{}, false, wrap("reading location "+id, err)
	}
	var p Place
	if json.Unmarshal([]byte(body), &p) != nil {
		return Place{}, false, nil
	}
	return p, true, nil
}

// PlaceID resolves a slug or an id that was heard of to the id; "" if it was not.
func (x *Index) PlaceID(ctx context.Context, organization, name string) (string, error) {
	id, err := orEmpty(x.rdb.HGet(ctx, keys(organization).slugs(), name).Result())
	if err != nil || id != "" {
		return id, wrap("resolving location "+name, err)
	}
	known, err := x.rdb.HExists(ctx, keys(organization).places(), name).Result()
	if err != nil || !known {
		return "", wrap("resolving location "+name, err)
	}
	return name, nil
}

// Places returns every location that was heard of and can be read.
func (x *Index) Places(ctx context.Context, organization string) ([]Place, error) {
	bodies, err := x.rdb.HVals(ctx, keys(organization).places()).Result()
	if err != nil {
		return nil, fmt.Errorf("listing locations: %w", err)
	}
	places := make([]Place, 0, len(bodies))
	for _, body := range bodies {
		var p Place
		if json.Unmarshal([]byte(body), &p) == nil {
			places = append(places, p)
		}
	}
	return places, nil
}
