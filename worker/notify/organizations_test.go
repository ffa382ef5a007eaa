package notify_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

func TestATargetOfSomeOrganizationsIsToldOfNothingElse(t *testing.T) {
	t.Parallel()
	all, own, other := &recordingTarget{}, &recordingTarget{}, &recordingTarget{}
	s := tell(t, 10, world.Options{}, all, own, other)
	s.a = s.process(all, own, other)
	s.a.Targets[1].Organizations, s.a.Targets[2].Organizations = []string{world.Org}, []string{"org_other"}
	s.Redis.FastForward(time.Minute) // the lease of the first process ends
	redisTells("1", "allkeys-lru")(s)
	s.Platform.Break(sandbox.Paris)
	s.pass(4 * time.Minute)
	incident := []string{"paris-warehouse failed: its delivery orders are handed over", "paris-warehouse: 3 delivery orders need a person"}
	s.heard(all, append([]string{"Redis may throw away what the worker knows: its maxmemory-policy is allkeys-lru"}, incident...)...)
	s.heard(own, incident...)
	s.heard(other)
}
