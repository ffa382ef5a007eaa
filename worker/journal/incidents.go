package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// Open stores inc unless its location has an open incident, and returns the one that is open: inc, or the other one.
// Of two workers that open at once, both get the same. Where an incident that is over has its id, since it was opened in the
// same second, it gets that of a later one. One that moves by approved plans does so from its first moment on.
func (j *Journal) Open(ctx context.Context, inc *Incident) (*Incident, error) {
	inc.SchemaVersion = SchemaVersion
	inc.UpdatedAt = inc.OpenedAt
	k := keys(inc.Organization)
	for named := inc.OpenedAt; ; inc.ID = IncidentID(inc.Organization, inc.LocationID, named) {
		body, err := json.Marshal(inc)
		if err != nil {
			return nil, fmt.Errorf("opening incident: %w", err)
		}
		id, err := openIncident.Run(ctx, j.rdb,
			redisscript.Keys{"incident": k.incident(inc.ID), "failing": k.openIncidents(), "incidents": k.incidents(), "approved": k.approved(inc.ID)},
			redisscript.Args{"id": inc.ID, "location": inc.LocationID, "body": body, "state": inc.State, "opened_ms": inc.OpenedAt.UnixMilli(),
				"by_plan": inc.ByPlan}).Text()
		if err != nil {
			return nil, fmt.Errorf("opening incident: %w", err)
		}
		if id != "" {
			return j.Incident(ctx, inc.Organization, id)
		}
		named = named.Add(time.Second)
	}
}

// Incident returns one incident. The error wraps ErrNotFound, ErrNewer or ErrCorrupt.
func (j *Journal) Incident(ctx context.Context, organization, id string) (*Incident, error) {
	fields, err := j.rdb.HMGet(ctx, keys(organization).incident(id), "version", "body", "observed").Result()
	if err != nil {
		return nil, fmt.Errorf("reading incident %s: %w", id, err)
	}
	inc := &Incident{}
	if inc.Version, err = decodeRecord(fields, inc); err != nil {
		return nil, fmt.Errorf("reading incident %s: %w", id, err)
	}
	if inc.SchemaVersion > SchemaVersion {
		return nil, fmt.Errorf("reading incident %s: shape %d: %w", id, inc.SchemaVersion, ErrNewer)
	}
	observedOf(fields[2]).into(inc)
	return inc, nil
}

// SaveIncident saves an incident by compare-and-set; the error wraps ErrObsolete where somebody else changed it. On
// success inc.Version is the new version.
func (j *Journal) SaveIncident(ctx context.Context, inc *Incident, at time.Time) error {
	k := keys(inc.Organization)
	inc.UpdatedAt = at.UTC().Truncate(time.Millisecond)
	body, err := json.Marshal(inc)
	if err != nil {
		return fmt.Errorf("writing incident %s: %w", inc.ID, err)
	}
	answer, err := saveIncident.Run(ctx, j.rdb,
		redisscript.Keys{"incident": k.incident(inc.ID), "failing": k.openIncidents(), "cooling": k.cooldowns(), "approved": k.approved(inc.ID)},
		redisscript.Args{"id": inc.ID, "expected_version": inc.Version, "body": body, "state": inc.scriptState(), "location": inc.LocationID,
			"open": inc.State.IsOpen(), "by_plan": inc.ByPlan, "cools_from": inc.cooldownStart()}).Int64Slice()
	if err != nil {
		return fmt.Errorf("writing incident %s: %w", inc.ID, err)
	}
	if answer[0] != 1 {
		return fmt.Errorf("writing incident %s: version %d is now %d: %w", inc.ID, inc.Version, answer[1], ErrObsolete)
	}
	inc.Version = answer[1]
	return nil
}

// OpenIncidents returns the open incidents of an organization: location id to incident id.
func (j *Journal) OpenIncidents(ctx context.Context, organization string) (map[string]string, error) {
	open, err := j.rdb.HGetAll(ctx, keys(organization).openIncidents()).Result()
	if err != nil {
		return nil, fmt.Errorf("listing open incidents: %w", err)
	}
	return open, nil
}

// IncidentIDs returns the ids of all incidents of an organization, newest first, whatever their state.
func (j *Journal) IncidentIDs(ctx context.Context, organization string) ([]string, error) {
	return j.NewestIncidentIDs(ctx, organization, 0)
}

// NewestIncidentIDs returns the ids of the newest incidents of an organization, newest first, at most most; 0: all.
func (j *Journal) NewestIncidentIDs(ctx context.Context, organization string, most int64) ([]string, error) {
	ids, err := j.rdb.ZRevRange(ctx, keys(organization).incidents(), 0, most-1).Result()
	if err != nil {
		return nil, fmt.Errorf("listing incidents: %w", err)
	}
	return ids, nil
}

func orEmpty(value string, err error) (string, error) {
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	return value, err
}
