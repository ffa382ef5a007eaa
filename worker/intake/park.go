package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
)

// defaultParked is how many parked webhooks of an organization are kept unless Options say otherwise.
const defaultParked = 1000

// Parked is what is kept of a webhook that was signed correctly but not understood: type, size, hash, time and reason,
// and nothing of its content, which may be personal data (P6).
type Parked struct {
	At     time.Time `json:"at"`
	Type   string    `json:"type,omitempty"`
	Size   int       `json:"size"`
	SHA256 string    `json:"sha256"`
	Reason string    `json:"reason"`
}

// maxType is how many bytes of a parked webhook's type are kept, since the sender chooses it.
const maxType = 100

// parkedOf is what may be kept of an event that came at a time.
func parkedOf(at time.Time, body []byte, kind, reason string) *Parked {
	sum := sha256.Sum256(body)
	return &Parked{At: at, Type: strings.ToValidUTF8(kind[:min(len(kind), maxType)], ""), Size: len(body), SHA256: hex.EncodeToString(sum[:]), Reason: reason}
}

// park stores what is kept of an event, for an organization that it may speak for.
func (in *Intake) park(ctx context.Context, a Arrival) error {
	entry, err := json.Marshal(a.Parked)
	if err != nil {
		return fmt.Errorf("parking event: %w", err)
	}
	key := ParkedKey(a.Organization)
	pipe := in.Redis.TxPipeline()
	pipe.LPush(ctx, key, entry)
	pipe.LTrim(ctx, key, 0, int64(in.Options.Parked)-1)
	if a.Road == Webhook && a.Parked.Reason == reasonTooLarge { // an alert tells of it
		pipe.Set(ctx, oversizedKey(a.Organization), entry, oversizedKept)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("parking event: %w", err)
	}
	return nil
}

// ParkedKey is the Redis list of the parked webhooks of an organization, newest first.
func ParkedKey(organization string) string { return rediskey.Of(organization, "parked") }

// ListParked returns the newest parked webhooks of an organization, at most most.
func ListParked(ctx context.Context, rdb redis.UniversalClient, organization string, most int64) ([]Parked, error) {
	entries, err := rdb.LRange(ctx, ParkedKey(organization), 0, most-1).Result()
	if err != nil {
		return nil, fmt.Errorf("listing parked webhooks: %w", err)
	}
	var all []Parked
	for _, entry := range entries {
		var p Parked
		if json.Unmarshal([]byte(entry), &p) == nil { // otherwise it is of another release
			all = append(all, p)
		}
	}
	return all, nil
}
