package journal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// CooldownRecord is the last incident of a location that moved delivery orders, and when it was closed.
type CooldownRecord struct {
	Incident string
	At       time.Time
}

// Cooldown returns the incident that a location has its rest from; zero if there was none, or an operator
// lifted it.
func (j *Journal) Cooldown(ctx context.Context, organization, location string) (CooldownRecord, error) {
	text, err := orEmpty(j.rdb.HGet(ctx, keys(organization).cooldowns(), location).Result())
	if err != nil {
		return CooldownRecord{}, fmt.Errorf("asking for the cooldown: %w", err)
	}
	at, incident, found := strings.Cut(text, " ")
	if !found {
		return CooldownRecord{}, nil
	}
	return CooldownRecord{Incident: incident, At: timeOfMillis(at)}, nil
}

// ClearCooldown lifts the cooldown of a location that an incident began; false if it stands no more, or another
// incident's does.
func (j *Journal) ClearCooldown(ctx context.Context, organization, location, incident string) (bool, error) {
	lifted, err := endCooling.Run(ctx, j.rdb, []string{keys(organization).cooldowns()}, location, incident).Bool()
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

// cooldownStart is what the end of the incident leaves for Cooling; "" if it does not end, moved nothing, or a
// person ended it.
func (i *Incident) cooldownStart() string {
	if i.State != Closed || i.LiftedBy != "" || i.DrainedAt.IsZero() && !i.FirstWalkDone {
		return ""
	}
	return fmt.Sprintf("%d %s", i.ClosedAt.UnixMilli(), i.ID)
}

func timeOfMillis(text string) time.Time {
	var ms int64
	if _, err := fmt.Sscan(text, &ms); err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
