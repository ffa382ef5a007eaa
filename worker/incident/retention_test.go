package incident_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
	"happycolis-reassigner/worker/world"
)

// forgetful is a world that keeps what is over for a month.
var forgetful = world.Options{Incident: func(s *incident.Settings) {
	s.Retention = incident.Retention{Incidents: 30 * 24 * time.Hour, Audit: 60 * 24 * time.Hour}
}}

// later has two sweeps that forget look at a clock that is ahead.
func (s *story) later(ahead time.Duration) {
	s.t.Helper()
	s.Incidents.Now = func() time.Time { return s.Now().Add(ahead) }
	s.pass(20 * time.Minute)
	s.Incidents.Now = s.Now
}

// promisesEnd has Redis's own clock pass the time for which promised stock is kept, which later does not move.
func (s *story) promisesEnd() {
	s.t.Helper()
	s.Redis.SetTime(s.Now().Add(ledger.ReservationKept + time.Hour))
	s.Redis.FastForward(ledger.ReservationKept + time.Hour)
	if err := s.Handover.ReviewReservations(s.t.Context(), world.Org); err != nil {
		s.t.Fatal(err)
	}
}

// about returns the keys that have something to do with one of the words.
func (s *story) about(words ...string) []string {
	var found []string
	for _, k := range s.Redis.Keys() {
		where := k + " " + s.content(k)
		if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(where, word) }) {
			found = append(found, k)
		}
	}
	return found
}

// content is everything that a key holds, as text.
func (s *story) content(k string) string {
	switch s.Redis.Type(k) {
	case "string":
		v, _ := s.Redis.Get(k)
		return v
	case "hash":
		var all []string
		fields, _ := s.Redis.HKeys(k)
		for _, f := range fields {
			all = append(all, f, s.Redis.HGet(k, f))
		}
		return strings.Join(all, " ")
	case "set":
		v, _ := s.Redis.Members(k)
		return strings.Join(v, " ")
	case "zset":
		v, _ := s.Redis.ZMembers(k)
		return strings.Join(v, " ")
	case "list":
		v, _ := s.Redis.List(k)
		return strings.Join(v, " ")
	}
	return ""
}

// person closes what needs one.
func (s *story) person() {
	s.t.Helper()
	rows, err := s.Rows(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range rows {
		if r.State == journal.NeedsPerson {
			if err := s.Handover.Leave(s.t.Context(), r, handover.Actor{User: "ops", Reason: "done by hand"}); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

func TestAfterRetentionNothingOfAnOldIncidentIsLeft(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, forgetful)
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Hour)
	old := s.incident()
	s.person()
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(20 * time.Minute)
	s.is(journal.Closed)
	rows, err := s.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, r := range rows {
		if r.State == journal.Reassigned && r.Replacement.ID != "" {
			moved++
		}
	}
	if moved == 0 {
		t.Fatal("nothing was moved: the story is too thin")
	}
	s.later(29 * 24 * time.Hour)
	if got := s.about(old.ID); len(got) == 0 {
		t.Fatal("it was forgotten too early")
	}
	s.later(31 * 24 * time.Hour)
	s.promisesEnd()
	if got := s.about(old.ID); len(got) > 0 {
		t.Errorf("left of the incident: %q", got)
	}
	for _, k := range s.Redis.Keys() {
		if strings.Contains(k, "}:do:") && s.Redis.HGet(k, "flight") == "" {
			t.Errorf("a finished delivery order is left: %s", k)
		}
	}
	age, err := s.Index.Coverage(t.Context(), world.Org)
	if err != nil || age.Known == 0 || age.Known >= 40 {
		t.Errorf("%d delivery orders are known, %v", age.Known, err)
	}
	for _, r := range rows {
		if got := s.Redis.HGet("reassigner:{"+world.Org+"}:watch", r.Identity.DeliveryOrder) + s.Redis.HGet("reassigner:{"+world.Org+"}:lineage", r.Identity.DeliveryOrder); got != "" {
			t.Errorf("%s is watched for %s", r.Identity.DeliveryOrder, got)
		}
	}

	t.Run("a late webhook about a forgotten delivery order is harmless", func(t *testing.T) {
		before := s.mutations()
		for _, r := range rows {
			s.Platform.Announce("delivery_order/updated", r.Identity.DeliveryOrder)
		}
		s.pass(20 * time.Minute)
		if got := s.mutations(); got != before {
			t.Errorf("%d mutations followed", got-before)
		}
		if got := s.about(old.ID); len(got) > 0 {
			t.Errorf("it came back: %q", got)
		}
		s.holds()
	})
}

func TestWhatIsNotOverIsNeverForgotten(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, forgetful)
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Hour)
	counts := s.counts()
	if counts[journal.NeedsPerson] == 0 {
		t.Fatal("nobody needs a person: the story is too thin")
	}
	id := s.incident().ID
	s.later(40 * 24 * time.Hour)
	if got := s.incident(); got.ID != id || got.State != journal.Watching {
		t.Fatalf("the open incident is %s %s", got.ID, got.State)
	}
	if got := s.counts(); got[journal.Reassigned] != counts[journal.Reassigned] {
		t.Errorf("of the open incident: got %v, want %v", got, counts)
	}
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(20 * time.Minute)
	s.is(journal.Closed)
}

func TestAnIncidentWithSomebodyWaitingIsKeptUntilAPersonClosedIt(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, forgetful)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Hour)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(20 * time.Minute)
	s.is(journal.Closed)
	waiting := s.counts()[journal.NeedsPerson]
	if waiting == 0 {
		t.Fatal("nobody needs a person: the story is too thin")
	}
	id := s.incident().ID
	s.later(60 * 24 * time.Hour)
	if got := s.counts()[journal.NeedsPerson]; s.incident().ID != id || got != waiting {
		t.Fatalf("%d need a person, want %d", got, waiting)
	}
	s.person()
	s.later(60 * 24 * time.Hour)
	s.promisesEnd()
	if got := s.about(id); len(got) > 0 {
		t.Errorf("left of the incident: %q", got)
	}
}
