package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/rediskey"
)

// RedisProfile says how long a client of Redis keeps trying.
type RedisProfile int

const (
	// SteadyRedis is for records and reads: the library's own few retries, within the context's deadline.
	SteadyRedis RedisProfile = iota
	// PromptRedis is for callers that must answer within a context's deadline: the receiver, and submitting tasks.
	// Other clients may block for 10 s whatever the context says.
	PromptRedis
	// PatientRedis is for the task servers. With a client that gives up during an outage, asynq runs all tasks in
	// flight twice afterwards.
	PatientRedis
)

const (
	redisPool = 64 // connections of a client; a drain runs 30 tasks, each with one command at a time
	// promptPool is so large because go-redis, after as many refused connections as the pool may hold, refuses by
	// itself and checks only once a second whether Redis is back: too rarely for a caller that may wait 3 s in all. It
	// suffices for 800 webhooks that wait at once, trying 12 times each. It is only a limit: one webhook needs one
	// connection.
	promptPool = 10_000
)

// redisProfileFields are the fields that the options of the three kinds of Redis have in common.
type redisProfileFields struct {
	maxRetries, dialerRetries, poolSize *int
	contextTimeout                      *bool
	notifications                       **maintnotifications.Config // Sentinel has none
}

func (t RedisProfile) apply(to redisProfileFields) {
	*to.contextTimeout, *to.poolSize = true, redisPool
	// Notifications of maintenance are of some managed kinds of Redis alone. Asking for them takes each new connection one
	// request more, and a refusal is written to options that all connections share.
	*to.notifications = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	switch t {
	case PromptRedis:
		*to.maxRetries, *to.dialerRetries, *to.poolSize = -1, 1, promptPool
	case SteadyRedis:
	case PatientRedis:
		*to.maxRetries = -1 // its hook retries instead
	}
}

// DialRedis returns a client for a URL of any scheme; trust is for those with TLS, see config.ParseRedis. It connects at
// the first command.
func DialRedis(address happycolis.Secret, trust *tls.Config, t RedisProfile) (redis.UniversalClient, error) {
	SilenceRedisLibrary()
	drop := newConnectionDropper()
	client, err := newClient(address, trust, t, drop)
	if err != nil {
		return nil, err
	}
	if t == PatientRedis {
		client.AddHook(retryHook{})
	}
	client.AddHook(drop) // within the other: it sees each try
	client.AddHook(memoryUsageHook{})
	return client, nil
}

func newClient(address happycolis.Secret, trust *tls.Config, t RedisProfile, drop *connectionDropper) (redis.UniversalClient, error) {
	server, err := config.ParseRedis(address, trust)
	if err != nil {
		return nil, err
	}
	switch {
	case server.Sentinels != nil:
		o := server.Sentinels
		t.apply(redisProfileFields{&o.MaxRetries, &o.DialerRetries, &o.PoolSize, &o.ContextTimeoutEnabled, new(*maintnotifications.Config)})
		o.Dialer = drop.dialer(o.DialTimeout, o.Dialer)
		return redis.NewFailoverClient(o), nil
	case server.Cluster != nil:
		o := server.Cluster
		t.apply(redisProfileFields{&o.MaxRetries, &o.DialerRetries, &o.PoolSize, &o.ContextTimeoutEnabled, &o.MaintNotificationsConfig})
		o.Dialer = drop.dialer(o.DialTimeout, o.Dialer)
		return redis.NewClusterClient(o), nil
	default:
		o := server.Single
		t.apply(redisProfileFields{&o.MaxRetries, &o.DialerRetries, &o.PoolSize, &o.ContextTimeoutEnabled, &o.MaintNotificationsConfig})
		o.Dialer = drop.dialer(o.DialTimeout, o.Dialer)
		return redis.NewClient(o), nil
	}
}

// SilenceRedisLibrary drops what the Redis library prints to standard error by itself: several lines a second while
// Redis is away. What matters of it is returned as errors, too.
var SilenceRedisLibrary = sync.OnceFunc(func() { redis.SetLogger(nopLogger{}) })

type nopLogger struct{}

func (nopLogger) Printf(context.Context, string, ...any) {}

// EmbeddedRedis is a Redis inside the process, connected to over loopback like any other. Its data is lost when the
// process ends.
type EmbeddedRedis struct {
	Server *miniredis.Miniredis
	stop   context.CancelFunc
	done   chan struct{}
}

// embeddedTick is how often the clock of the embedded Redis is advanced: by itself it lets no key expire.
const embeddedTick = time.Second

// StartEmbeddedRedis starts one on a free port of this machine. The caller closes it.
func StartEmbeddedRedis() (*EmbeddedRedis, error) {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("starting the embedded Redis: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	e := &EmbeddedRedis{Server: server, stop: stop, done: make(chan struct{})}
	go e.tick(ctx)
	return e, nil
}

// URL returns its address.
func (e *EmbeddedRedis) URL() happycolis.Secret {
	return happycolis.Secret("redis://" + e.Server.Addr() + "/0")
}

func (e *EmbeddedRedis) tick(ctx context.Context) {
	defer close(e.done)
	ticker := time.NewTicker(embeddedTick)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			e.Server.FastForward(now.Sub(last))
			last = now
		}
	}
}

// Close stops it; its data is lost.
func (e *EmbeddedRedis) Close() {
	e.stop()
	<-e.done
	e.Server.Close()
}

// PlatformKey holds the GraphQL URL of the platform that the records of a Redis are about. Its name has the layout of the
// keys and records: what another layout stored is not ours to read.
var PlatformKey = rediskey.Alone("platform:1")

// FormerPlatformKey is where builds before the first release noted the platform. Their records have another layout.
var FormerPlatformKey = rediskey.Alone("platform")

// claimPlatform stores in Redis to which platform its records belong, or returns a foreignRedisError if they belong to
// another one, since ids of two platforms must not be mixed, or if a build before the first release wrote them.
func claimPlatform(ctx context.Context, rdb redis.UniversalClient, graphqlURL string) error {
	former, err := rdb.Exists(ctx, FormerPlatformKey).Result()
	if err != nil {
		return fmt.Errorf("asking Redis who wrote its records: %w", err)
	}
	if former > 0 {
		return &foreignRedisError{"Redis has the records of an older build, which this one does not read; finish what is under way with that build, then use another Redis, another database of it, or an emptied one"}
	}
	if err := rdb.SetNX(ctx, PlatformKey, graphqlURL, 0).Err(); err != nil {
		return fmt.Errorf("asking Redis which platform it belongs to: %w", err)
	}
	owner, err := rdb.Get(ctx, PlatformKey).Result()
	if err != nil {
		return fmt.Errorf("asking Redis which platform it belongs to: %w", err)
	}
	if strings.TrimSpace(owner) != graphqlURL {
		return &foreignRedisError{fmt.Sprintf("Redis belongs to another platform: its records are about %s, the configuration says %s; use another Redis, or another database of it", owner, graphqlURL)}
	}
	return nil
}

// foreignRedisError says why Redis holds records that are not ours to read. Waiting does not help.
type foreignRedisError struct{ text string }

func (e *foreignRedisError) Error() string { return e.text }
