package notify_test

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/world"
)

// TestHowManyAreStuckIsToldBeforeAnApproval reads them where they stand before anything is enrolled.
func TestHowManyAreStuckIsToldBeforeAnApproval(t *testing.T) {
	t.Parallel()
	ops := &recordingTarget{}
	s := tell(t, 40, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }}, ops)
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	ops.mu.Lock()
	heard := ops.heard
	ops.mu.Unlock()
	if len(heard) != 1 || !strings.Contains(heard[0].Text, "\n27 delivery orders are stuck there.\n") {
		t.Errorf("heard %+v", heard)
	}
}
