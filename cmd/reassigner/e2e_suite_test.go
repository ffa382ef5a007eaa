package main

import "testing"

// TestEndToEnd runs every scenario on every deployment.
func TestEndToEnd(t *testing.T) {
	t.Parallel()
	for _, scenario := range []struct {
		name string
		play func(*testing.T, store)
	}{
		{"an errored event drains its location", playDrain},
		{"in approve mode nothing moves before the approval, and then as planned", playApproval},
		{"a pause stops a drain before the next mutation", playPause},
		{"what needs a person is retried by verb and by web UI, or left", playRetry},
		{"a receiver that is restarted answers what it has taken", playRestart},
		{"webhooks sit out a Redis that is away", playOutage},
		{"an event whose ids are no UUIDs drains its location", playStrangeIDs},
		{"one organization's wrong credentials are not another's trouble", playTwoOrganizations},
		{"nothing secret or personal is kept or told", playLeaks},
	} {
		for _, s := range deployments {
			t.Run(scenario.name+", on "+s.name, func(t *testing.T) {
				t.Parallel()
				scenario.play(t, s.open(t))
			})
		}
	}
}
