// Package registry keeps which webhooks were registered with the platform: in Redis, since the platform documents no list.
// Package cli has the verbs.
package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/rediskey"
)

// Registration is one webhook that was registered, or may have been.
type Registration = journal.Registration

// ErrUnreachable is wrapped where Redis does not answer.
var ErrUnreachable = errors.New("what was registered is kept in Redis, which does not answer")

// Registry is what is kept in the Redis of a configuration, and the platform where it is registered.
type Registry struct {
	kept   *journal.Journal
	redis  redis.UniversalClient
	client *happycolis.Client

	Deployment string // the id of the service on this Redis; "": none was started yet
}

// Open connects to the Redis of a configuration. The error wraps ErrUnreachable, or the configuration is wrong: it
// names an embedded Redis, no URL, or one whose records are about another platform.
func Open(ctx context.Context, cfg *config.Config) (*Registry, error) {
	if cfg.Redis.Reveal() == config.EmbeddedRedis {
		return nil, errors.New("redis: embedded is in the service and ends with it, so what was registered cannot be kept; use a Redis of your own")
	}
	rdb, err := app.DialRedis(cfg.Redis, cfg.RedisTLS, app.PromptRedis)
	if err != nil {
		return nil, err
	}
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close() // nothing was written
		return nil, fmt.Errorf("%w: %s", ErrUnreachable, app.ConnectionFailure(err))
	}
	owner, _ := rdb.Get(ctx, app.PlatformKey).Result() // nobody's is ours to begin with
	if owner = strings.TrimSpace(owner); owner != "" && owner != cfg.Platform.GraphQLURL {
		_ = rdb.Close() // nothing was written
		return nil, fmt.Errorf("this Redis belongs to another platform: its records are about %s, the configuration says %s", owner, cfg.Platform.GraphQLURL)
	}
	id, _ := rdb.Get(ctx, app.DeploymentKey).Result() // "" says what is missing
	rates := map[string]happycolis.Rate{}
	for _, o := range cfg.Organizations {
		rates[o.Credentials.Organization] = o.Rate
	}
	kept := journal.New(rdb, cfg.Platform.Timeout, cfg.Incident.Canary)
	return &Registry{
		kept: kept, redis: rdb, Deployment: id,
		client: happycolis.New(happycolis.Options{
			GraphQLURL: cfg.Platform.GraphQLURL, TokenURL: cfg.Platform.TokenURL, Timeout: cfg.Platform.Timeout, Proxy: cfg.Platform.Proxy,
			Limiter: happycolis.NewRedisLimiter(rdb, rediskey.Of, func(id string) happycolis.Rate { return rates[id] }, app.NewDrainCache(kept).IsDraining),
		}),
	}, nil
}

// Close closes the connections to Redis.
func (r *Registry) Close() { _ = r.redis.Close() } // nothing is unwritten

// Account returns an account of an organization, with the lower priority in the rate limit.
func (r *Registry) Account(o config.Organization) *happycolis.Account {
	return r.client.Account(o.Credentials, happycolis.ClassBackground)
}

// List returns what is kept of an organization, sorted by type.
func (r *Registry) List(ctx context.Context, organization string) ([]Registration, error) {
	return r.kept.Registrations(ctx, organization)
}

// Intend records that one is about to be registered; false: one of its type is kept already.
func (r *Registry) Intend(ctx context.Context, organization string, g Registration) (bool, error) {
	return r.kept.IntendRegistration(ctx, organization, g)
}

// Keep records what was registered.
func (r *Registry) Keep(ctx context.Context, organization string, g Registration) error {
	return r.kept.KeepRegistration(ctx, organization, g)
}

// Forget deletes what is kept of a type.
func (r *Registry) Forget(ctx context.Context, organization, kind string) error {
	return r.kept.ForgetRegistration(ctx, organization, kind)
}
