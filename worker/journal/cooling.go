package journal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cooled is the last incident of a location that moved delivery orders, and when it was closed.
type Cooled struct {
	Incident string
	At       time.Time
}

// Cooling returns the incident that a location has its rest from; zero if there was none, or a person
// lifted it.
func (j *Journal) Cooling(ctx context.Context, organization, location string) (Cooled, error) {
	text, err := orEmpty(j.rdb.HGet(ctx, keys(organization).cooling(), location).Result())
	if err != nil {
		return Cooled{}, fmt.Errorf("asking for the cooldown: %w", err)
	}
	at, incident, found := strings.Cut(text, " ")
	if !found {
		return Cooled{}, nil
	}
	return Cooled{Incident: incident, At: millis(at)}, nil
}

// EndCooling lifts the cooldown of a location that an incident began; false if it stands no more, or another
// incident's does.
func (j *Journal) EndCooling(ctx context.Context, organization, location, incident string) (bool, error) {
	lifted, err := endCooling.Run(ctx, j.rdb, []string{keys(organization).cooling()}, location, incident).Bool()
	if err != nil {
		return false, fmt.Errorf("lifting the cooldown: %w", err)
	}
	return lifted, nil
}

// endCooling ends the cooldown of a location if an incident left it: a later one that is closed there leaves its own.
// KEYS cooling; ARGV location incident.
var endCooling = redis.NewScript(`
local last = redis.call('HGET', KEYS[1], ARGV[1])
if not last or string.match(last, '^%S+ (.*)$') ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`)

// coolsFrom is what the end of the incident leaves for Cooling; "" if it does not end, moved nothing, or a
// person ended it.
func (i *Incident) coolsFrom() string {
	if i.State != Closed || i.LiftedBy != "" || i.DrainedAt.IsZero() && !i.Walked {
		return ""
	}
	return fmt.Sprintf("%d %s", i.ClosedAt.UnixMilli(), i.ID)
}

func millis(text string) time.Time {
	var ms int64
	if _, err := fmt.Sscan(text, &ms); err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
