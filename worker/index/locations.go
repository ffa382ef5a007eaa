package index

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// Location is what is known of a location.
type Location struct {
	ID          string    `json:"id"`
	Slug        string    `json:"slug,omitempty"`
	AcceptsFrom time.Time `json:"accept,omitzero"` // the location accepts orders from then on; only webhooks contain it

	Date         time.Time `json:"-"` // for Put: of the webhook, or of the answer to our read; zero: none
	AcceptsKnown bool      `json:"-"` // for Put: a zero AcceptsFrom means that it accepts orders now, and not that the message does not say
}

// PutLocation stores what a message or read shows of a location. An empty slug erases nothing. A slug belongs to the
// location that had it last, by date: it is taken from the one that had it before, in the same script.
func (x *Index) PutLocation(ctx context.Context, organization string, p Location) error {
	return x.PutLocationOf(ctx, organization, p, "")
}

// PutLocationOf is PutLocation of what a message says that MarkSeen has to mark afterwards. The error wraps ErrRepeated
// where the message was processed before; then nothing is stored. It takes one round trip to Redis.
func (x *Index) PutLocationOf(ctx context.Context, organization string, p Location, message string) error {
	k := keys(organization)
	accept := ""
	switch {
	case !p.AcceptsFrom.IsZero():
		accept = p.AcceptsFrom.UTC().Format(time.RFC3339Nano)
	case p.AcceptsKnown:
		accept = acceptsAtOnce
	}
	answer, err := putLocation.Run(ctx, x.rdb, redisscript.Keys{"places": k.locations(), "slugs": k.slugs(), "seen": k.seen(message)},
		x.withArrival(redisscript.Args{"message": message, "id": p.ID, "date_ms": dateText(p.Date), "slug": p.Slug, "accept": accept, "at_once": acceptsAtOnce})).Int64()
	if err == nil && answer == putRepeated {
		err = ErrRepeated
	}
	return wrapError("noting location "+p.ID, err)
}

// acceptsAtOnce is the argument of the script for a location that accepts orders without a date.
const acceptsAtOnce = "at once"

// Location returns what is known of a location, by id. What cannot be read counts as not known: the next
// webhook writes it anew.
func (x *Index) Location(ctx context.Context, organization, id string) (Location, bool, error) {
	body, err := orEmpty(x.rdb.HGet(ctx, keys(organization).locations(), id).Result())
	if err != nil || body == "" {
		return Location{}, false, wrapError("reading location "+id, err)
	}
	var p Location
	if json.Unmarshal([]byte(body), &p) != nil {
		return Location{}, false, nil
	}
	return p, true, nil
}

// LocationID returns the id of the location with this slug or id; "" if the index has none.
func (x *Index) LocationID(ctx context.Context, organization, name string) (string, error) {
	id, err := orEmpty(x.rdb.HGet(ctx, keys(organization).slugs(), name).Result())
	if err != nil || id != "" {
		return id, wrapError("resolving location "+name, err)
	}
	known, err := x.rdb.HExists(ctx, keys(organization).locations(), name).Result()
	if err != nil || !known {
		return "", wrapError("resolving location "+name, err)
	}
	return name, nil
}

// Locations returns every location in the index that can be read, in no particular order.
func (x *Index) Locations(ctx context.Context, organization string) ([]Location, error) {
	bodies, err := x.rdb.HVals(ctx, keys(organization).locations()).Result()
	if err != nil {
		return nil, fmt.Errorf("listing locations: %w", err)
	}
	places := make([]Location, 0, len(bodies))
	for _, body := range bodies {
		var p Location
		if json.Unmarshal([]byte(body), &p) == nil {
			places = append(places, p)
		}
	}
	return places, nil
}
