package happycolis

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// limiterFixture is a limiter on a Redis whose clock the test turns.
type limiterFixture struct {
	*RedisLimiter
	server *miniredis.Miniredis
	now    time.Time
}

// keyOf is the key of what belongs to an organization.
func keyOf(organization, name string) string { return "reassigner:{" + organization + "}:" + name }

func newLimiterFixture(t *testing.T, rate Rate, draining bool) *limiterFixture {
	t.Helper()
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = rdb.Close() })
	b := &limiterFixture{server: server, now: noon, RedisLimiter: NewRedisLimiter(rdb, keyOf,
		func(string) Rate { return rate },
		func(context.Context, string) bool { return draining })}
	b.server.SetTime(b.now)
	return b
}

// saturate lets each class ask whenever it may, for span, and returns when each was granted. Within
// one instant a class asks until it is denied, so bursts are as large as they can get.
func (b *limiterFixture) saturate(t *testing.T, span time.Duration, classes ...Class) map[Class][]time.Time {
	t.Helper()
	granted := map[Class][]time.Time{}
	next := map[Class]time.Time{}
	for end := b.now.Add(span); b.now.Before(end); {
		soonest := end
		for _, class := range classes {
			for !next[class].After(b.now) {
				wait, err := b.Wait(t.Context(), "org_1", class)
				if err != nil {
					t.Fatal(err)
				}
				if wait == 0 {
					granted[class] = append(granted[class], b.now)
					continue
				}
				next[class] = b.now.Add(wait)
			}
			if next[class].Before(soonest) {
				soonest = next[class]
			}
		}
		b.now = soonest
		b.server.SetTime(b.now)
	}
	return granted
}

// most returns the largest number of grants in any closed window.
func most(granted []time.Time, window time.Duration) int {
	most, from := 0, 0
	for i, at := range granted {
		for at.Sub(granted[from]) > window {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func TestNoWindowIsOverfilledAndLittleIsWasted(t *testing.T) {
	t.Parallel()
	const span = 2 * time.Minute
	for _, rate := range []Rate{{1000, 100}, {60, 10}, {30, 1}, {6000, 20}, {100000, 50}, {60, 1}, {7, 100}} {
		t.Run(fmt.Sprintf("%d a minute and %d a second", rate.PerMinute, rate.PerSecond), func(t *testing.T) {
			t.Parallel()
			granted := newLimiterFixture(t, rate, false).saturate(t, span, ClassUrgent)[ClassUrgent]
			if got := most(granted, time.Second); got > rate.PerSecond {
				t.Errorf("got %d in one second, want at most %d", got, rate.PerSecond)
			}
			if got := most(granted, time.Minute); got > rate.PerMinute {
				t.Errorf("got %d in one minute, want at most %d", got, rate.PerMinute)
			}
			possible := min(float64(rate.PerMinute)/60, float64(rate.PerSecond)) * span.Seconds()
			if used := float64(len(granted)) / possible; used < 0.85 {
				t.Errorf("got %.0f %% of what the platform allows, want 85 %%", 100*used)
			}
		})
	}
}

func TestBackgroundIsHeldBackOnlyWhileTheOrganizationDrains(t *testing.T) {
	t.Parallel()
	rate := Rate{PerMinute: 1000, PerSecond: 100}
	for _, tt := range []struct {
		draining bool
		min, max float64 // share of a minute's limit
	}{{true, 0.25, 0.31}, {false, 0.85, 1}} {
		t.Run(fmt.Sprintf("draining %v", tt.draining), func(t *testing.T) {
			t.Parallel()
			b := newLimiterFixture(t, rate, tt.draining)
			alone := b.saturate(t, time.Minute, ClassBackground)[ClassBackground]
			if share := float64(len(alone)) / float64(rate.PerMinute); share < tt.min || share > tt.max {
				t.Errorf("alone, Background got %.2f of the limit, want %.2f to %.2f", share, tt.min, tt.max)
			}
			b.now = b.now.Add(time.Minute)
			both := b.saturate(t, time.Minute, ClassBackground, ClassUrgent)
			if got := len(both[ClassBackground]) + len(both[ClassUrgent]); got > rate.PerMinute {
				t.Errorf("both together got %d in a minute, want at most %d", got, rate.PerMinute)
			}
			if tt.draining && len(both[ClassUrgent]) < 2*len(both[ClassBackground]) {
				t.Errorf("Handover got %d beside %d of Background, want it first", len(both[ClassUrgent]), len(both[ClassBackground]))
			}
		})
	}
}

func TestOrganizationsHaveTheirOwnAllowance(t *testing.T) {
	t.Parallel()
	b := newLimiterFixture(t, Rate{PerMinute: 60, PerSecond: 1}, false)
	for _, organization := range []string{"org_1", "org_2"} {
		if wait, err := b.Wait(t.Context(), organization, ClassUrgent); wait != 0 || err != nil {
			t.Errorf("%s: got %s, %v; want its first request granted", organization, wait, err)
		}
	}
	if wait, err := b.Wait(t.Context(), "org_1", ClassUrgent); wait <= 0 || err != nil {
		t.Errorf("got %s, %v; want the second of org_1 denied", wait, err)
	}
}

func TestLimiterFailsWithoutRedis(t *testing.T) {
	t.Parallel()
	for _, draining := range []bool{false, true} {
		b := newLimiterFixture(t, Rate{PerMinute: 60, PerSecond: 1}, draining)
		b.server.Close()
		for what, ask := range map[string]func() (time.Duration, error){
			"Take for a handover":    func() (time.Duration, error) { return b.Wait(t.Context(), "org_1", ClassUrgent) },
			"Take in the background": func() (time.Duration, error) { return b.Wait(t.Context(), "org_1", ClassBackground) },
			"Begin":                  func() (time.Duration, error) { return b.Reserve(t.Context(), "org_1", 3) },
			"GiveBack":               func() (time.Duration, error) { return 0, b.Refund(t.Context(), "org_1", 3) },
		} {
			if wait, err := ask(); err == nil || wait != 0 {
				t.Errorf("%s, draining %t: got %s, %v; want an error and no wait: nothing may be sent unmetered", what, draining, wait, err)
			}
		}
	}
}

// The background's bucket fails though the other one works: a key of another type makes Redis refuse.
func TestTheBackgroundDoesNotTakeFromARateThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	b := newLimiterFixture(t, Rate{PerMinute: 60, PerSecond: 1}, true)
	if _, err := b.server.Lpush("rate:reassigner:{org_1}:rate:background", "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Wait(t.Context(), "org_1", ClassBackground); err == nil {
		t.Error("got no error, want that of the background's own bucket")
	}
	if wait, err := b.Wait(t.Context(), "org_1", ClassUrgent); wait != 0 || err != nil {
		t.Errorf("got %s, %v; want the handover's request granted: nothing was taken before", wait, err)
	}
}

// The derivation beside RedisLimiter, computed by hand.
func TestTheBucketIsTheOneThatWasDerived(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate      Rate
		share     float64
		burst     int
		perSecond float64
	}{
		{Rate{PerMinute: 1000, PerSecond: 100}, 1, 5, 965.97 / 60},         // the minute binds: 0.97*1001 - 5
		{Rate{PerMinute: 1000, PerSecond: 100}, 0.3, 1, 0.3 * 965.97 / 60}, // 1.5 is 1
		{Rate{PerMinute: 6000, PerSecond: 200}, 0.3, 3, 0.3 * 5810.97 / 60},
		{Rate{PerMinute: 60000, PerSecond: 40}, 1, 2, 36.95}, // the second binds: 0.95*41 - 2
		{Rate{PerMinute: 10, PerSecond: 100}, 1, 1, 9.67 / 60},
		{Rate{}, 1, 1, 0.94 / 60},
		{Rate{PerMinute: 60}, 1, 1, 0.9}, // 0.95*2 - 1
		{Rate{PerSecond: 60}, 1, 1, 0.94 / 60},
	} {
		got := c.rate.bucketOf(c.share)
		if perSecond := float64(got.Rate) / got.Period.Seconds(); got.Burst != c.burst || math.Abs(perSecond-c.perSecond) > 1e-6 {
			t.Errorf("%+v times %g: got %g a second and bursts of %d, want %g and %d", c.rate, c.share, perSecond, got.Burst, c.perSecond, c.burst)
		}
		if sustained := c.rate.PerSecondSustained(); c.share == 1 && math.Abs(sustained-c.perSecond) > 1e-6 {
			t.Errorf("%+v: sustained %g, want %g", c.rate, sustained, c.perSecond)
		}
	}
}

func TestWorkBeginsForEachOrganizationASecondsWorthAtATime(t *testing.T) {
	t.Parallel()
	b := newLimiterFixture(t, Rate{PerMinute: 1000, PerSecond: 100}, false)
	for _, organization := range []string{"org_1", "org_2"} {
		granted := 0
		for ; granted < 100; granted++ {
			wait, err := b.Reserve(t.Context(), organization, 1)
			if err != nil {
				t.Fatal(err)
			}
			if wait > 0 {
				break
			}
		}
		if granted != 16 { // of 16.1 a second
			t.Errorf("%s: got %d requests' worth begun at once, want 16", organization, granted)
		}
	}
	if wait, err := b.Reserve(t.Context(), "org_3", 40); wait != 0 || err != nil {
		t.Errorf("got %s, %v; want work that takes more than a second begun all the same", wait, err)
	}
}

func TestWhatWasBegunForMoreThanItTakesIsGivenBack(t *testing.T) {
	t.Parallel()
	const begins, asked, takes, other = 600, 5, 1, "org_2"
	b := newLimiterFixture(t, Rate{PerMinute: 1000, PerSecond: 100}, false)
	start := b.now
	for n := 0; n < begins; {
		wait, err := b.Reserve(t.Context(), "org_1", asked)
		if err != nil {
			t.Fatal(err)
		}
		if wait > 0 {
			b.now = b.now.Add(wait)
			b.server.SetTime(b.now)
			continue
		}
		if err := b.Refund(t.Context(), "org_1", asked-takes); err != nil {
			t.Fatal(err)
		}
		n++
	}
	rate := float64(begins*takes) / b.now.Sub(start).Seconds()
	if rate < 14 || rate > 17 { // the limit is 16.7, and one burst comes on top
		t.Errorf("got %.1f requests a second begun, want the rate", rate)
	}
	if err := b.Refund(t.Context(), other, 100); err != nil {
		t.Fatal(err)
	}
	granted := 0
	for wait := time.Duration(0); wait == 0; granted++ {
		var err error
		if wait, err = b.Reserve(t.Context(), other, 1); err != nil {
			t.Fatal(err)
		}
	}
	if granted > 17 {
		t.Errorf("got %d granted at once after too much was given back, want no more than a second's worth", granted)
	}
}

func TestNobodyIsToldToComeBackAtOnce(t *testing.T) {
	t.Parallel()
	b := newLimiterFixture(t, Rate{PerMinute: 6_000_000, PerSecond: 100_000}, false) // a token every 10 microseconds
	wait, err := time.Duration(0), error(nil)
	for n := 0; wait == 0 && err == nil && n < 10_000; n++ {
		wait, err = b.Wait(t.Context(), "org_1", ClassUrgent)
	}
	if wait != time.Millisecond || err != nil {
		t.Errorf("got %s, %v; want a millisecond", wait, err)
	}
}
