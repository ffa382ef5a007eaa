package journal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"happycolis-reassigner/worker/redisscript"
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
	lifted, err := endCooling.Run(ctx, j.rdb, redisscript.Keys{"cooling": keys(organization).cooldowns()},
		redisscript.Args{"location": location, "incident": incident}).Bool()
	if err != nil {
		return false, fmt.Errorf("lifting the cooldown: %w", err)
	}
	return lifted, nil
}

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
