package notify_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/world"
)

func TestAClockThatIsApartFromThePlatformsIsTold(t *testing.T) {
	t.Parallel()
	ops := &recordingTarget{}
	s := tell(t, 1, world.Options{}, ops)
	ahead := 42 * time.Second
	clocks := happycolis.NewClocks(s.rdb, rediskey.Clocks(), "worker-1", func() time.Time { return s.Now().Add(ahead) })
	measures := func() {
		t.Helper()
		asked := s.Now().Add(ahead)
		clocks.Observe(happycolis.Call{Outcome: "ok", SentAt: asked, Date: s.Now().Truncate(time.Second)})
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
			all, err := happycolis.LastClocks(t.Context(), s.rdb, rediskey.Clocks())
			if err != nil {
				t.Fatal(err)
			}
			if len(all) == 2 && (all[1].Ahead-ahead).Abs() <= time.Second {
				return
			}
		}
		t.Fatal("nothing was measured")
	}
	measures()
	s.pass(5 * time.Second)
	s.heard(ops, "The clock of worker-1 is 41s ahead of HappyColis's")
	s.pass(2 * time.Minute)
	ahead = 0
	measures()
	s.pass(5 * time.Second)
	s.heard(ops, "The clocks agree with HappyColis's again")
}
