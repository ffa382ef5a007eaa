package incident_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

func (s *story) imported() {
	s.t.Helper()
	if err := s.Index.FinishImport(s.t.Context(), world.Org, s.Now()); err != nil {
		s.t.Fatal(err)
	}
}

func TestAReceiverThatWasDownLeavesAGapThatAnImportMakesUpFor(t *testing.T) {
	t.Parallel()
	s := tell(t, 40, world.Options{})
	s.imported()
	down := false
	s.Platform.SubscribeFunc(world.Org, func(body []byte, h http.Header) int {
		if down {
			return http.StatusServiceUnavailable
		}
		return s.PostWebhook(body, h.Get(webhook.SignatureHeader)).Code
	})
	s.Platform.Break(sandbox.Paris)
	s.pass(10 * time.Minute)
	if inc := s.incident(); inc.IndexIncomplete || len(inc.Index.Gaps) != 0 || inc.Index.Known < 40 || inc.Index.Last.IsZero() {
		t.Fatalf("the index is %+v, incomplete %t, want it whole", inc.Index, inc.IndexIncomplete)
	}
	down = true
	began := s.Now()
	s.add("one", "do_one") // its webhook is refused, and with that all that come after it wait
	s.pass(time.Minute)
	s.add("more", "do_more")
	s.pass(59 * time.Minute)
	down = false
	s.Platform.Unblock(world.Org, false) // that one is lost
	s.add("two", "do_two")
	s.pass(5 * time.Minute)
	inc := s.incident()
	if !inc.IndexIncomplete || len(inc.Index.Gaps) != 1 {
		t.Fatalf("the index is %+v, incomplete %t, want one gap", inc.Index, inc.IndexIncomplete)
	}
	if from, to := inc.Index.Gaps[0].From.Sub(began), inc.Index.Gaps[0].To.Sub(began); from < time.Minute || from > 2*time.Minute || to < time.Hour || to > time.Hour+6*time.Minute {
		t.Errorf("the gap is from %s to %s after the receiver went down, want from the first that waited until one came in time", from, to)
	}
	s.imported()
	s.pass(2 * time.Minute)
	if inc := s.incident(); inc.IndexIncomplete || len(inc.Index.Gaps) != 0 {
		t.Errorf("after an import the index is %+v, incomplete %t, want it whole", inc.Index, inc.IndexIncomplete)
	}
}

func TestAnIncidentThatFoundNothingOnAYoungIndexSaysSoWhenItIsClosed(t *testing.T) {
	t.Parallel()
	for name, whole := range map[string]bool{"young": false, "imported": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, 0, world.Options{})
			if whole {
				s.imported()
			}
			s.Platform.Break(sandbox.Paris)
			s.pass(5 * time.Minute)
			s.Platform.Recover(sandbox.Paris, true)
			s.pass(2 * time.Minute)
			s.is(journal.Closed)
			inc := s.incident()
			said := strings.Contains(inc.History[len(inc.History)-1].Note, "index is incomplete")
			if said == whole || inc.Report.IndexIncomplete == whole || !inc.Report.IsEmpty() {
				t.Errorf("it was closed with %q and %+v", inc.History[len(inc.History)-1].Note, inc.Report)
			}
		})
	}
}
