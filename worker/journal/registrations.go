package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/worker/rediskey"
)

// Registration is a webhook that was registered with the platform, which documents no list of them.
type Registration struct {
	Type   string    `json:"type"`
	URL    string    `json:"url"`
	ID     string    `json:"id,omitempty"` // "": its reply is not known, so it may exist
	Health string    `json:"health,omitempty"`
	At     time.Time `json:"at"`
}

// IsCertain reports whether the platform said that it made it.
func (r Registration) IsCertain() bool { return r.ID != "" }

func registrationsKey(organization string) string { return rediskey.Of(organization, "webhooks") }

// Registrations returns what was registered for an organization, by type.
func (j *Journal) Registrations(ctx context.Context, organization string) ([]Registration, error) {
	kept, err := j.rdb.HGetAll(ctx, registrationsKey(organization)).Result()
	if err != nil {
		return nil, fmt.Errorf("reading the registered webhooks: %w", err)
	}
	var all []Registration
	for _, text := range kept {
		var r Registration
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, fmt.Errorf("reading a registered webhook: %w", err)
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Registration) int { return strings.Compare(a.Type, b.Type) })
	return all, nil
}

// IntendRegistration records that one is about to be made; false if one of its type is kept already, by whomever.
func (j *Journal) IntendRegistration(ctx context.Context, organization string, r Registration) (bool, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return false, err
	}
	won, err := j.rdb.HSetNX(ctx, registrationsKey(organization), r.Type, text).Result()
	if err != nil {
		return false, fmt.Errorf("recording that a webhook is registered: %w", err)
	}
	return won, nil
}

// KeepRegistration records what the platform made.
func (j *Journal) KeepRegistration(ctx context.Context, organization string, r Registration) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := j.rdb.HSet(ctx, registrationsKey(organization), r.Type, text).Err(); err != nil {
		return fmt.Errorf("recording a registered webhook: %w", err)
	}
	return nil
}

// ForgetRegistration forgets one that does not exist.
func (j *Journal) ForgetRegistration(ctx context.Context, organization, kind string) error {
	if err := j.rdb.HDel(ctx, registrationsKey(organization), kind).Err(); err != nil {
		return fmt.Errorf("forgetting a webhook: %w", err)
	}
	return nil
}
