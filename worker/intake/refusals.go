package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
)

// How refused requests are told of. Anybody can cause them, so each costs little.
const (
	logRefusalEvery = 10 * time.Second // for each reason
	maxLoggedPath   = 64               // bytes
	storeAfter      = time.Second      // wrong signatures of so long are stored together
	storeMost       = time.Second
	oversizedKept   = 24 * time.Hour
)

// WrongSignatures is how many wrong signatures within WrongSignaturesWithin say that a secret is probably wrong.
const (
	WrongSignatures       = 3
	WrongSignaturesWithin = 10 * time.Minute
)

// refusals tells of the requests that were refused.
type refusals struct {
	redis redis.UniversalClient
	now   func() time.Time
	log   *slog.Logger

	mu       sync.Mutex
	logged   map[string]time.Time // by result: there are few
	unlogged map[string]int
	wrong    int // signatures that are not stored yet
}

func newRefusals(rdb redis.UniversalClient, now func() time.Time, log *slog.Logger) *refusals {
	return &refusals{redis: rdb, now: now, log: log, logged: map[string]time.Time{}, unlogged: map[string]int{}}
}

// note records a refusal: in the log once in a while, and wrong signatures in Redis.
func (n *refusals) note(r *http.Request, why refusal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if why.status == http.StatusUnauthorized {
		if n.wrong++; n.wrong == 1 {
			time.AfterFunc(storeAfter, n.store)
		}
	}
	n.unlogged[why.result]++
	now := n.now()
	if last, before := n.logged[why.result]; before && now.Sub(last) < logRefusalEvery {
		return
	}
	path := r.URL.EscapedPath()
	n.log.Warn("request refused", "method", r.Method[:min(len(r.Method), maxLoggedPath)], "path", path[:min(len(path), maxLoggedPath)],
		"reason", why.result, "count", n.unlogged[why.result])
	n.logged[why.result], n.unlogged[why.result] = now, 0
}

// store records the wrong signatures of the last second. While Redis is away they are not recorded: then other things
// are told.
func (n *refusals) store() {
	n.mu.Lock()
	count := min(n.wrong, WrongSignatures)
	n.wrong = 0
	n.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), storeMost)
	defer cancel()
	if err := NoteWrongSignatures(ctx, n.redis, count, n.now()); err != nil {
		n.log.Warn("recording wrong signatures failed; no alert is sent of them", "error", err)
	}
}

// NoteWrongSignatures records that webhooks were refused at a time because of their signature.
func NoteWrongSignatures(ctx context.Context, rdb redis.UniversalClient, count int, at time.Time) error {
	pipe := rdb.TxPipeline()
	for range count {
		pipe.LPush(ctx, wrongSignaturesKey(), at.UnixMilli())
	}
	pipe.LTrim(ctx, wrongSignaturesKey(), 0, WrongSignatures-1)
	pipe.PExpire(ctx, wrongSignaturesKey(), WrongSignaturesWithin)
	_, err := pipe.Exec(ctx)
	return err
}

func wrongSignaturesKey() string { return rediskey.Shared("wrong_signatures") }

// ListWrongSignatures returns when the last webhooks were refused because of their signature, newest first: at most
// WrongSignatures, none of before WrongSignaturesWithin.
func ListWrongSignatures(ctx context.Context, rdb redis.UniversalClient, now time.Time) ([]time.Time, error) {
	entries, err := rdb.LRange(ctx, wrongSignaturesKey(), 0, WrongSignatures-1).Result()
	if err != nil {
		return nil, fmt.Errorf("reading wrong signatures: %w", err)
	}
	var all []time.Time
	for _, entry := range entries {
		ms, err := strconv.ParseInt(entry, 10, 64)
		if at := time.UnixMilli(ms).UTC(); err == nil && now.Sub(at) < WrongSignaturesWithin {
			all = append(all, at)
		}
	}
	return all, nil
}

func oversizedKey(organization string) string { return rediskey.Of(organization, "oversized") }

// NoteOversized records that a webhook was parked because it was too large.
func NoteOversized(ctx context.Context, rdb redis.UniversalClient, organization string, p Parked) error {
	entry, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return rdb.Set(ctx, oversizedKey(organization), entry, oversizedKept).Err()
}

// LastOversized returns the last webhook of a day that was parked because it was too large, nil if there is none.
func LastOversized(ctx context.Context, rdb redis.UniversalClient, organization string) (*Parked, error) {
	entry, err := rdb.Get(ctx, oversizedKey(organization)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a webhook that was too large: %w", err)
	}
	var p Parked
	if isOurs := json.Unmarshal(entry, &p) == nil; isOurs { // otherwise it is of another release
		return &p, nil
	}
	return nil, nil
}
