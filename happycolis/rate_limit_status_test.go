package happycolis

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

func TestWhatThePlatformSaysOfItsLimitIsKeptForAMinute(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = rdb.Close() })
	now := time.Date(2026, 5, 17, 14, 0, 0, 0, time.UTC)
	here, elsewhere := NewRateLimitStatuses(rdb, keyOf, func() time.Time { return now }), NewRateLimitStatuses(rdb, keyOf, time.Now)
	told := func(want RateLimitStatus) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			got, err := elsewhere.Last(t.Context(), "org_1")
			if err != nil {
				t.Fatal(err)
			}
			if got == want {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
	}
	told(RateLimitStatus{})
	here.Observe(Call{Organization: "org_1"}) // it said nothing
	here.Observe(Call{Organization: "org_1", Limit: 1000, Remaining: 612})
	here.Observe(Call{Organization: "org_1", Limit: 1000, Remaining: 611}) // too soon after
	here.Observe(Call{Organization: "org_2", Limit: 50, Remaining: 50})
	told(RateLimitStatus{1000, 612, now})
	now = now.Add(statusEvery)
	here.Observe(Call{Organization: "org_1", Limit: 1000, Remaining: 3})
	told(RateLimitStatus{1000, 3, now})
	server.FastForward(statusKept)
	told(RateLimitStatus{})
}
