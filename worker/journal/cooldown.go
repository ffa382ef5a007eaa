package journal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// CooldownRecord names the incident that began the cooldown of a location, and when that incident was closed (UTC).
type CooldownRecord struct {
	Incident string
	At       time.Time
}

// Cooldown returns the incident that began the cooldown of a location; zero if none did, or an operator cleared it.
// How long a cooldown lasts is the caller's business.
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

// ClearCooldown ends the cooldown of a location if the incident given began it. False: there is none, or another
// incident began it.
func (j *Journal) ClearCooldown(ctx context.Context, organization, location, incident string) (bool, error) {
	lifted, err := endCooling.Run(ctx, j.rdb, redisscript.Keys{"cooling": keys(organization).cooldowns()},
		redisscript.Args{"location": location, "incident": incident}).Bool()
	if err != nil {
		return false, fmt.Errorf("lifting the cooldown: %w", err)
	}
	return lifted, nil
}

// cooldownStart is what the end of the incident stores for Cooldown; "" if it does not end, moved nothing, or
// an operator ended it.
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
