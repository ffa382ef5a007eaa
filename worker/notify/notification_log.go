package notify

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/redisscript"
)

// notified is what one target was told of one incident, or of one condition. Of a condition it has Since and RemindedAt,
// and that it is there says that the beginning was told.
type notified struct {
	Stage           stage        `json:"stage,omitempty"`
	Gate            string       `json:"gate,omitempty"`      // that blocks
	IndexIncomplete bool         `json:"short,omitempty"`     // that the index is incomplete
	Noticed         time.Time    `json:"noticed,omitzero"`    // there has been news, not told yet, since then
	RemindedAt      time.Time    `json:"asked,omitzero"`      // an operator was asked for, or reminded
	Since           time.Time    `json:"since,omitzero"`      // of what goes on: when it began
	Urgent          []string     `json:"urgent,omitempty"`    // delivery orders that were told of as urgent
	NeedsPerson     reviewCounts `json:"persons,omitempty"`   // that need an operator
	WaitsSince      time.Time    `json:"waits,omitzero"`      // more of those have been there, not told yet, since then
	Counted         time.Time    `json:"counted_at,omitzero"` // they were told of
	// ToldAt is when the stages were told that an incident may come back to by itself, with the gate that blocks.
	ToldAt map[string]time.Time `json:"told_at,omitempty"`
}

// notifiedKept is how long it is remembered what a target was told, since it was last told something: a target
// that was taken out of the configuration leaves nothing behind.
const notifiedKept = 30 * 24 * time.Hour

// notificationLog keeps what one target was told.
type notificationLog struct {
	rdb      redis.UniversalClient
	position int
}

// key is where it stands; organization is "" for what belongs to none.
func (s notificationLog) key(organization string) string {
	name := "told:" + strconv.Itoa(s.position)
	if organization == "" {
		return rediskey.Shared(name)
	}
	return rediskey.Of(organization, name)
}

// load returns what was told, by what it was about. What cannot be read counts as not told.
func (s notificationLog) load(ctx context.Context, organization string) (map[string]notified, error) {
	fields, err := s.rdb.HGetAll(ctx, s.key(organization)).Result()
	if err != nil {
		return nil, fmt.Errorf("reading what was told: %w", err)
	}
	all := map[string]notified{}
	for about, body := range fields {
		var t notified
		if json.Unmarshal([]byte(body), &t) == nil {
			all[about] = t
		}
	}
	return all, nil
}

// save records what is told now; nil: nothing need be remembered any more.
func (s notificationLog) save(ctx context.Context, organization string, changes map[string]*notified) error {
	if len(changes) == 0 {
		return nil
	}
	k := s.key(organization)
	_, err := s.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		for about, t := range changes {
			if t == nil {
				p.HDel(ctx, k, about)
				continue
			}
			body, err := json.Marshal(t)
			if err != nil {
				return err
			}
			p.HSet(ctx, k, about, body)
		}
		p.Expire(ctx, k, notifiedKept)
		return nil
	})
	if err != nil {
		return fmt.Errorf("recording what was told: %w", err)
	}
	return nil
}

// notifiedIncidents returns the incidents that some target was told of and that are not done with.
func (a *Alerts) notifiedIncidents(ctx context.Context, organization string) (map[string]bool, error) {
	all := map[string]bool{}
	for _, s := range a.notifiers {
		names, err := a.Redis.HKeys(ctx, s.log.key(organization)).Result()
		if err != nil {
			return nil, fmt.Errorf("reading what was told: %w", err)
		}
		for _, name := range names {
			if !isTopic(name) {
				all[name] = true
			}
		}
	}
	return all, nil
}

//go:embed lua/*.lua
var lua embed.FS

var leaderLease = redisscript.New(lua, "take_lease.lua")

// acquireLease reports whether this process is the one that speaks now.
func (a *Alerts) acquireLease(ctx context.Context) (bool, error) {
	got, err := leaderLease.Run(ctx, a.Redis, redisscript.Keys{"lease": rediskey.Shared("speaker")},
		redisscript.Args{"me": a.me, "ms": leaseTime.Milliseconds()}).Int()
	if err != nil {
		return false, fmt.Errorf("asking who speaks: %w", err)
	}
	return got == 1, nil
}

func randomName() string { return strings.ToLower(rand.Text()) }
