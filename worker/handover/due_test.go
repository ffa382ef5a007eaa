package handover_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// TestADueRecordThatRedisDoesNotGiveIsNotPutOff has the worker die, and Redis fail when its record is due.
func TestADueRecordThatRedisDoesNotGiveIsNotPutOff(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.Crash = &world.Crash{Mutation: "deliveryOrderCancel", Nth: 1, When: world.AfterCall}
	s.pass(125 * time.Second)
	if s.Crashes != 1 {
		t.Fatal("the worker did not die")
	}
	s.Redis.SetTime(s.Now().Add(time.Minute))
	s.Redis.Server().SetPreHook(func(c *server.Peer, command string, _ ...string) bool {
		if command == "HMGET" {
			c.WriteError("LOADING Redis is loading the dataset in memory")
		}
		return command == "HMGET"
	})
	if _, err := s.Handover.RescueStuck(s.ctx, world.Org); err == nil {
		t.Error("it tells of no error")
	}
	s.Redis.Server().SetPreHook(nil)
	if n, err := s.Handover.RescueStuck(s.ctx, world.Org); n != 1 || err != nil {
		t.Errorf("%d are driven on (%v), want 1", n, err)
	}
	s.Redis.SetTime(s.Now())
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}
