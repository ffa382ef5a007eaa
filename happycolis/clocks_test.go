package happycolis

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

func TestHowFarOurClockIsAheadByOneAnswer(t *testing.T) {
	t.Parallel()
	asked := time.Date(2026, 5, 18, 6, 0, 0, 500e6, time.UTC)
	for name, c := range map[string]struct {
		call  Call
		ahead time.Duration
		known bool
	}{
		"they agree, within the second":     {Call{Date: asked.Add(-500 * time.Millisecond)}, 0, true},
		"dated at the end of a slow answer": {Call{Date: asked.Add(7 * time.Second), Duration: 8 * time.Second}, 0, true},
		"we are 12 s ahead":                 {Call{Date: asked.Add(-12 * time.Second)}, 11 * time.Second, true},
		"we are 12 s behind":                {Call{Date: asked.Add(12 * time.Second), Duration: time.Second}, -11 * time.Second, true},
		"it has no date":                    {Call{}, 0, false},
		"it was refused, maybe by a proxy":  {Call{Date: asked.Add(time.Hour), Outcome: string(KindServer)}, 0, false},
	} {
		c.call.SentAt = asked
		if c.call.Outcome == "" {
			c.call.Outcome = outcomeOK
		}
		if ahead, known := c.call.Ahead(); ahead != c.ahead || known != c.known {
			t.Errorf("%s: got %s, %t, want %s, %t", name, ahead, known, c.ahead, c.known)
		}
	}
}

func TestTheClockOfEachHostIsKept(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = rdb.Close() })
	theirs := time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)
	const slow, fast = -30 * time.Second, 42 * time.Second
	pass := func(d time.Duration) {
		theirs = theirs.Add(d)
		server.SetTime(theirs.Add(5 * time.Second)) // Redis's clock
	}
	pass(0)
	one := NewClocks(rdb, "clocks", "one", func() time.Time { return theirs.Add(slow) })
	two := NewClocks(rdb, "clocks", "two", func() time.Time { return theirs.Add(fast) })
	answers := func(c *Clocks, ahead time.Duration) {
		c.Observe(Call{Outcome: outcomeOK, SentAt: theirs.Add(ahead), Date: theirs})
		c.writes.Wait()
	}
	told := func(want ...Clock) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			got, err := LastClocks(t.Context(), rdb, "clocks")
			if err != nil {
				t.Fatal(err)
			}
			diff := cmp.Diff(want, got)
			if diff == "" {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("clocks (-want +got):\n%s", diff)
			}
		}
	}
	told()
	answers(one, slow)
	told(Clock{RedisClock, 5 * time.Second}, Clock{"one", slow})
	answers(two, fast)
	told(Clock{RedisClock, 4 * time.Second}, Clock{"one", slow}, Clock{"two", fast - time.Second}) // by whole seconds
	pass(30 * time.Second)
	answers(two, fast+time.Hour) // an answer that waited somewhere
	pass(30 * time.Second)
	answers(two, fast+time.Minute)
	told(Clock{RedisClock, 4 * time.Second}, Clock{"one", slow}, Clock{"two", fast - time.Second})
	pass(time.Minute)
	answers(two, 0) // somebody set it
	told(Clock{RedisClock, 5*time.Second - fast}, Clock{"one", slow}, Clock{"two", 0})
	pass(clockKept)
	answers(two, 0)
	told(Clock{RedisClock, 5*time.Second - fast}, Clock{"two", 0})
	server.FastForward(clockKept)
	told()
}
