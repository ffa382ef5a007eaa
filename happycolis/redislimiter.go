package happycolis

import (
	"context"
	"fmt"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

// Rate is the platform's limit for one organization: 1,000 requests a minute and 100 a second by default (documented).
// A value below 1 counts as 1.
type Rate struct{ PerMinute, PerSecond int }

// RedisLimiter shares the platform's rate limit among all processes that use the same Redis. It grants evenly, with
// small bursts, so that both of the platform's windows hold wherever they begin.
//
// # Derivation
//
// One GCRA with rate r (a second) and burst b admits at most b + r*T requests in any closed window of T seconds. The
// count is whole, so a window of limit L holds if b + r*T < L+1. With margins of 5 % and 3 % for requests that reach
// the platform closer together than they were granted:
//
//	b = max(1, min(PerSecond, PerMinute) / 20)
//	r = min(0.95*(PerSecond+1) - b, (0.97*(PerMinute+1) - b) / 60)
//
// r is above zero for every Rate, since b is at most a twentieth of either limit, or 1.
type RedisLimiter struct {
	buckets  *redis_rate.Limiter
	key      KeyOf
	limits   func(organization string) Rate
	draining func(ctx context.Context, organization string) bool
}

const (
	burstShare      = 20   // b is one of that many parts of a limit
	secondMargin    = 0.95 // of a second's limit is used
	minuteMargin    = 0.97 // of a minute's limit is used
	backgroundShare = 0.3  // of the rate is left to Background while an incident drains
	grain           = 1000 // redis_rate's rates are whole: r is written as 1000 in 1000/r seconds
	shortestWait    = time.Millisecond
	beginName       = "rate:begin"
)

// KeyOf is the key in Redis of what belongs to an organization: who shares a Redis with others says what is whose.
type KeyOf func(organization, name string) string

// NewRedisLimiter returns a limiter over rdb, which counts under keys of key. draining says whether an incident of the organization
// moves delivery orders right now; it is asked for Background requests only.
func NewRedisLimiter(
	rdb redis.UniversalClient,
	key KeyOf,
	limits func(organization string) Rate,
	draining func(ctx context.Context, organization string) bool,
) *RedisLimiter {
	return &RedisLimiter{buckets: redis_rate.NewLimiter(rdb), key: key, limits: limits, draining: draining}
}

// Wait grants one request (0), or returns how long to wait. While the organization drains, a background request also
// needs a token of a second, smaller bucket; a token taken there in vain, because the main bucket denies, slows
// background requests only.
func (l *RedisLimiter) Wait(ctx context.Context, organization string, class Class) (time.Duration, error) {
	limit := l.limits(organization)
	key := l.key(organization, "rate")
	if class == ClassBackground && l.draining(ctx, organization) {
		if wait, err := l.takeOne(ctx, key+":background", limit.bucketOf(backgroundShare)); wait > 0 || err != nil {
			return wait, err
		}
	}
	return l.takeOne(ctx, key, limit.bucketOf(1))
}

// Reserve grants the start of work that will take the given number of requests, or returns how long to wait. Work that
// begins at the rate at which it can be finished does not pile up half done, so its reads stay fresh. Reserve takes
// nothing from what Wait grants.
func (l *RedisLimiter) Reserve(ctx context.Context, organization string, requests int) (time.Duration, error) {
	return l.takeTokens(ctx, l.key(organization, beginName), l.reserveBucket(organization, requests), requests)
}

// Refund returns some of what Reserve granted, so that others may begin. What exceeds the bucket is lost.
func (l *RedisLimiter) Refund(ctx context.Context, organization string, requests int) error {
	_, err := l.takeTokens(ctx, l.key(organization, beginName), l.reserveBucket(organization, requests), -requests)
	return err
}

// reserveBucket holds a second's worth, since the queue's clock is no finer.
func (l *RedisLimiter) reserveBucket(organization string, requests int) redis_rate.Limit {
	bucket := l.limits(organization).bucketOf(1)
	perSecond := int(float64(bucket.Rate) / bucket.Period.Seconds())
	bucket.Burst = max(bucket.Burst, requests, perSecond)
	return bucket
}

func (l *RedisLimiter) takeOne(ctx context.Context, key string, bucket redis_rate.Limit) (time.Duration, error) {
	return l.takeTokens(ctx, key, bucket, 1)
}

func (l *RedisLimiter) takeTokens(ctx context.Context, key string, bucket redis_rate.Limit, n int) (time.Duration, error) {
	got, err := l.buckets.AllowN(ctx, key, bucket, n) // a negative n moves the GCRA's clock back
	switch {
	case err != nil:
		return 0, fmt.Errorf("taking a rate token: %w", err)
	case got.Allowed != 0:
		return 0, nil
	}
	return max(got.RetryAfter, shortestWait), nil
}

// PerSecondSustained returns how many requests a second are granted in the long run.
func (r Rate) PerSecondSustained() float64 {
	b := r.bucketOf(1)
	return float64(b.Rate) / b.Period.Seconds()
}

// bucketOf is the GCRA of the derivation above, with its rate multiplied by share.
func (r Rate) bucketOf(share float64) redis_rate.Limit {
	perSecond, perMinute := max(1, r.PerSecond), max(1, r.PerMinute)
	burst := max(1, min(perSecond, perMinute)/burstShare)
	rate := min(
		secondMargin*float64(perSecond+1)-float64(burst),
		(minuteMargin*float64(perMinute+1)-float64(burst))/60,
	)
	return redis_rate.Limit{
		Rate:   grain,
		Burst:  max(1, int(share*float64(burst))),
		Period: time.Duration(grain / (share * rate) * float64(time.Second)),
	}
}
