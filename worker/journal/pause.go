package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// AllLocations is the scope of a pause of every location of an organization.
const AllLocations = "*"

// maxPauses is how many past pauses are kept; deadlines are extended by them.
const maxPauses = 1000

// Pause stops every mutation that concerns one location, as origin or as target, or a whole organization, until an
// operator resumes it. Times are UTC.
type Pause struct {
	Scope  string    `json:"scope"` // AllLocations or a location id
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// Pause stores a pause; false if the scope is paused already, and then nothing changes.
func (j *Journal) Pause(ctx context.Context, organization string, p Pause) (bool, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return false, fmt.Errorf("pausing: %w", err)
	}
	fresh, err := j.rdb.HSetNX(ctx, keys(organization).pauses(), p.Scope, body).Result()
	if err != nil {
		return false, fmt.Errorf("pausing: %w", err)
	}
	return fresh, nil
}

// Resume ends the pause of a scope and keeps it among the past ones, by which deadlines are extended; false if the
// scope was not paused.
func (j *Journal) Resume(ctx context.Context, organization, scope string, at time.Time) (bool, error) {
	k := keys(organization)
	body, err := orEmpty(j.rdb.HGet(ctx, k.pauses(), scope).Result())
	if err != nil || body == "" {
		return false, err
	}
	var p Pause
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		return false, fmt.Errorf("resuming: %w", err)
	}
	p.To = at.UTC()
	over, err := json.Marshal(p)
	if err != nil {
		return false, fmt.Errorf("resuming: %w", err)
	}
	lifted, err := resumeScope.Run(ctx, j.rdb, redisscript.Keys{"pause": k.pauses(), "paused": k.paused()},
		redisscript.Args{"scope": scope, "standing": body, "over": over, "most": maxPauses}).Bool()
	if err != nil {
		return false, fmt.Errorf("resuming: %w", err)
	}
	return lifted, nil
}

// Pauses returns the pauses in force, of an organization.
func (j *Journal) Pauses(ctx context.Context, organization string) ([]Pause, error) {
	bodies, err := j.rdb.HGetAll(ctx, keys(organization).pauses()).Result()
	if err != nil {
		return nil, fmt.Errorf("listing pauses: %w", err)
	}
	var standing []Pause
	for _, body := range bodies {
		var p Pause
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return nil, fmt.Errorf("listing pauses: %w", err)
		}
		standing = append(standing, p)
	}
	return standing, nil
}

// IsPaused reports whether a location is paused, by itself or with all locations.
func (j *Journal) IsPaused(ctx context.Context, organization, location string) (bool, error) {
	found, err := j.rdb.HMGet(ctx, keys(organization).pauses(), AllLocations, location).Result()
	if err != nil {
		return false, fmt.Errorf("asking for pauses: %w", err)
	}
	return found[0] != nil || found[1] != nil, nil
}

// PausedDuration returns for how long, between since and now, the location or one of the others was paused. Deadlines
// do not count that time.
func (j *Journal) PausedDuration(ctx context.Context, organization, location string, since, now time.Time, others ...string) (time.Duration, error) {
	standing, err := j.Pauses(ctx, organization)
	if err != nil {
		return 0, err
	}
	bodies, err := j.rdb.LRange(ctx, keys(organization).paused(), 0, -1).Result()
	if err != nil {
		return 0, fmt.Errorf("asking for pauses: %w", err)
	}
	for _, body := range bodies {
		var p Pause
		if err := json.Unmarshal([]byte(body), &p); err == nil {
			standing = append(standing, p)
		}
	}
	return pausedDuration(standing, location, since, now, others...), nil
}

// pausedDuration is the length of the union of the pauses between since and now. There are few pauses, so the sum
// steps from one covered moment to the next.
func pausedDuration(pauses []Pause, location string, since, now time.Time, others ...string) time.Duration {
	var sum time.Duration
	at := since
	for at.Before(now) {
		end, next := at, now
		for _, p := range pauses {
			if p.Scope != AllLocations && p.Scope != location && !slices.Contains(others, p.Scope) {
				continue
			}
			to := p.To
			if to.IsZero() || to.After(now) {
				to = now
			}
			if !p.From.After(at) && to.After(end) {
				end = to
			}
			if p.From.After(at) && p.From.Before(next) {
				next = p.From
			}
		}
		if end.After(at) {
			sum += end.Sub(at)
			at = end
		} else {
			at = next
		}
	}
	return sum
}
