package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
)

// TestProceedIsAskedOnceMoreBeforeItIsSent has an operator proceed in a pause, and the world move on before it ends.
func TestProceedIsAskedOnceMoreBeforeItIsSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then func(*fixture)
		want string
	}{
		"nothing":               {func(*fixture) {}, "reassigned"},
		"it is shipped":         {func(s *fixture) { s.must(s.Platform.WarehouseShip("do_1")) }, "needs_person: already_shipped"},
		"work begins":           {func(s *fixture) { s.must(s.Platform.WarehouseStart("do_1")) }, "needs_person: already_preparing"},
		"the location recovers": {func(s *fixture) { s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationActive, "", false) }, "needs_person: cancel_unconfirmed"},
		"the integration is another": {func(s *fixture) {
			s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationError, "fsi_other", false)
		},
			"needs_person: cancel_unconfirmed"},
		"the cancel is confirmed": {func(s *fixture) { s.must(s.Platform.ConfirmCancel("do_1")) }, "reassigned"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := unconfirmed(t)
			s.pauses(journal.AllLocations)
			s.must(s.Handover.Proceed(s.ctx, s.row("1"), ops))
			s.must(s.Platform.PersonProceeds("do_1"))
			s.pass(time.Minute)
			c.then(s)
			s.pass(time.Minute)
			s.resumes(journal.AllLocations)
			s.rest()
			s.ends("1", c.want)
			r := s.row("1")
			if d, _ := s.Platform.Books().DeliveryOrder(r.Replacement.ID); r.State == journal.NeedsPerson && (d.Status != sandbox.Draft || r.Release.Proceeded || r.Released()) {
				t.Errorf("the replacement is %s, proceeded %v, released %v: want the DRAFT to stay, and the proceed undone", d.Status, r.Release.Proceeded, r.Released())
			}
			s.holds()
		})
	}
}
