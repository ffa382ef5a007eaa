package doctor

import (
	"testing"

	"happycolis-reassigner/cmd/internal/config"
)

func TestTheJournalOfDoctorHasTheConfiguredCanary(t *testing.T) {
	t.Parallel()
	d := &Doctor{cfg: &config.Config{Incident: config.Incident{Canary: 7}}}
	if got := d.journal().CanarySize(); got != 7 {
		t.Errorf("the journal of doctor has a canary of %d, want 7", got)
	}
}
