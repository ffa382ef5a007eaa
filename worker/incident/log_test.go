package incident_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// told are the lines about incidents, each as its message.
func told(t *testing.T, log *bytes.Buffer) []string {
	t.Helper()
	var messages []string
	for line := range strings.Lines(log.String()) {
		found := regexp.MustCompile(` msg="incident ([a-z ]+)" `).FindStringSubmatch(line)
		if found == nil {
			continue
		}
		messages = append(messages, found[1])
		for _, key := range []string{"organization=org_world", "incident=inc-", "location=", "state="} {
			if !strings.Contains(line, " "+key) {
				t.Errorf("%s lacks in %s", key, line)
			}
		}
	}
	return messages
}

func TestEachChangeOfAnIncidentIsOneLine(t *testing.T) {
	t.Parallel()
	by := handover.Actor{User: "ops", Reason: "for the test"}
	slow := func(s *story) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 2 * time.Minute})
		s.Platform.Break(sandbox.Paris)
		s.pass(3 * time.Minute)
	}
	for name, c := range map[string]struct {
		settings func(*incident.Settings)
		play     func(*story)
		want     []string
	}{
		"it recovers while it drains": {play: func(s *story) {
			slow(s)
			s.Platform.Recover(sandbox.Paris, true)
			s.pass(8 * time.Minute)
		}, want: []string{"opened", "draining", "watching", "closed"}},
		"it drains and then recovers": {play: func(s *story) {
			s.Platform.Break(sandbox.Paris)
			s.pass(8 * time.Minute)
			s.Platform.Recover(sandbox.Paris, true)
			s.pass(8 * time.Minute)
		}, want: []string{"opened", "draining", "watching", "closed"}},
		"it recovers within the settle window": {play: func(s *story) {
			s.Platform.Break(sandbox.Paris)
			s.pass(time.Minute)
			s.Platform.Recover(sandbox.Paris, true)
			s.pass(5 * time.Minute)
		}, want: []string{"opened", "dismissed"}},
		"a person stops it": {play: func(s *story) {
			slow(s)
			s.must(s.Incidents.Stop(s.t.Context(), s.incident(), by))
			s.pass(8 * time.Minute)
		}, want: []string{"opened", "draining", "stopped"}},
		"it waits for a person": {settings: func(i *incident.Settings) { i.Mode = incident.ApproveMode }, play: func(s *story) {
			s.Platform.Break(sandbox.Paris)
			s.pass(5 * time.Minute)
			s.must(s.Approve(s.t.Context(), 0, by))
			s.pass(8 * time.Minute)
		}, want: []string{"opened", "waits for approval", "approved", "draining", "watching"}},
		"a pause blocks it": {play: func(s *story) {
			_, err := s.Journal.Pause(s.t.Context(), world.Org, journal.Pause{Scope: journal.AllLocations, By: "ops", Reason: "for the test"})
			s.must(err)
			s.Platform.Break(sandbox.Paris)
			s.pass(5 * time.Minute)
		}, want: []string{"opened", "blocked"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			s := tell(t, 12, world.Options{Log: &log, Incident: c.settings})
			c.play(s)
			if diff := cmp.Diff(c.want, told(t, &log)); diff != "" {
				t.Errorf("the lines differ (-want +got):\n%s", diff)
			}
		})
	}
}
