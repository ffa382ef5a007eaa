package handover_test

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// atMost is a policy by which so many may go to Lyon, and to no other place.
func atMost(perHour, perDay int) string {
	limits := fmt.Sprintf("{per_hour: %d, per_day: %d}", perHour, perDay)
	if perDay == 0 {
		limits = fmt.Sprintf("{per_hour: %d}", perHour)
	}
	return `version: 1
rules:
  - name: paris falls back to lyon, a few an hour
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse], must: [{capacity: ` + limits + `}]}}
default: needs_person
`
}

// states counts the rows by state.
func (s *fixture) states() map[journal.State]int {
	s.t.Helper()
	rows, err := s.Rows(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	counts := map[journal.State]int{}
	for _, r := range rows {
		counts[r.State]++
	}
	return counts
}

// queueOf tells of n orders, of which one an hour may go, and returns when one went and the others wait.
func queueOf(t *testing.T, n int) (*fixture, string) {
	t.Helper()
	s := newShop(t, world.Options{Policy: atMost(1, 0)})
	for i := range n {
		s.order(fmt.Sprint(i+1), sandbox.Pending)
	}
	s.Platform.Break("loc_paris")
	s.pass(8 * time.Minute)
	if got := s.states(); got[journal.Reassigned] != 1 || got[journal.Holding] != n-1 {
		t.Fatalf("states are %v, want 1 reassigned and the others holding\n%s", got, s.story())
	}
	for i := range n {
		if id := fmt.Sprint(i + 1); s.row(id).State == journal.Holding {
			return s, id
		}
	}
	return nil, ""
}

func TestWhatNobodyHasRoomForWaits(t *testing.T) {
	t.Parallel()
	t.Run("until there is room, and then goes; meanwhile the incident drains and the platform is left alone", func(t *testing.T) {
		t.Parallel()
		s, id := queueOf(t, 2)
		if inc, err := s.Incident(s.ctx); err != nil || inc.State != journal.Draining {
			t.Errorf("the incident is %s, %v, want draining", inc.State, err)
		}
		before := s.Platform.Books().Requests["deliveryOrder"]
		s.pass(40 * time.Minute)
		if asked := s.Platform.Books().Requests["deliveryOrder"] - before; asked > 2 {
			t.Errorf("who waits read its delivery order %d times in 40 min, want 2 at most", asked)
		}
		s.pass(20 * time.Minute)
		s.ends(id, "reassigned")
		s.holds()
		s.balances()
	})
	t.Run("its limit passes, pauses left out: a person is told", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, world.Options{Policy: atMost(1, 1), Incident: func(i *incident.Settings) { i.Sweep = 15 * time.Minute }})
		for i := range 3 {
			s.order(fmt.Sprint(i+1), sandbox.Pending)
		}
		s.Platform.Break("loc_paris")
		s.pass(20 * time.Minute)
		s.pause(t, true)
		s.hours(2)
		s.pause(t, false)
		s.hours(22) // one has room again, the other just then not
		s.pass(30 * time.Minute)
		if got := s.states(); got[journal.Reassigned] != 2 || got[journal.Holding] != 1 {
			t.Fatalf("after a day with a pause states are %v, want 2 reassigned and one holding\n%s", got, s.story())
		}
		s.hours(2)
		if got := s.states(); got[journal.NeedsPerson] != 1 {
			t.Errorf("after the limit states are %v, want one with a person\n%s", got, s.story())
		}
		rows, err := s.Rows(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.State == journal.NeedsPerson && r.Reason != journal.NoCandidate {
				t.Errorf("%s needs a person for %s, want no_candidate", r.Identity.DeliveryOrder, r.Reason)
			}
		}
		s.holds()
	})
	t.Run("a pause: what has room stays", func(t *testing.T) {
		t.Parallel()
		s, id := queueOf(t, 2)
		s.pause(t, true)
		s.hours(2)
		if got := s.row(id).State; got != journal.Holding {
			t.Errorf("in the pause it is %s, want holding\n%s", got, s.story())
		}
		s.pause(t, false)
		s.pass(15 * time.Minute)
		s.ends(id, "reassigned")
	})
	t.Run("the location recovers: it stays there", func(t *testing.T) {
		t.Parallel()
		s, id := queueOf(t, 2)
		s.Platform.Recover("loc_paris", true)
		s.pass(5 * time.Minute)
		s.ends(id, "left: recovered")
		s.balances()
	})
	t.Run("the incident is stopped: it stays there", func(t *testing.T) {
		t.Parallel()
		s, id := queueOf(t, 2)
		inc, err := s.Incident(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		inc.State = journal.Stopped
		if err := s.Journal.SaveIncident(s.ctx, inc, s.Now()); err != nil {
			t.Fatal(err)
		}
		s.pass(10 * time.Minute)
		s.ends(id, "left: stopped")
	})
	t.Run("a person leaves it", func(t *testing.T) {
		t.Parallel()
		s, id := queueOf(t, 2)
		if err := s.Handover.Leave(s.ctx, s.row(id), handover.Actor{User: "ops", Reason: "it may wait"}); err != nil {
			t.Fatal(err)
		}
		s.pass(2 * time.Hour)
		s.ends(id, "left: by_person")
	})
	t.Run("a person retries: it is decided anew, and waits again", func(t *testing.T) {
		t.Parallel()
		s, id := queueOf(t, 2)
		if err := s.Handover.Retry(s.ctx, s.row(id), handover.Actor{User: "ops", Reason: "look again"}); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Minute)
		if got := s.row(id).State; got != journal.Holding {
			t.Errorf("it is %s, want holding\n%s", got, s.story())
		}
		s.pass(time.Hour)
		s.ends(id, "reassigned")
	})
	t.Run("a handover that is undone gives its place to the next", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, world.Options{Policy: atMost(1, 0)})
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
		s.order("1", sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Priority = "HIGH" })
		s.order("2", sandbox.Pending)
		s.Platform.Break("loc_paris")
		s.pass(15 * time.Minute)
		s.ends("1", "needs_person: cancel_refused")
		s.ends("2", "reassigned")
		s.balances()
	})
}

// TestAReleasedOrderWaitsForRoom covers a fallback that rejects when the next one is full.
func TestAReleasedOrderWaitsForRoom(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: `version: 1
rules:
  - name: high ones to lille at once
    when: {priority: [HIGH]}
    then: {reassign: {candidates: [lille-warehouse], must: [{capacity: {per_hour: 1}}]}}
  - name: the others to lyon, then lille
    when: {}
    then: {reassign: {candidates: [lyon-warehouse, lille-warehouse], must: [{capacity: {per_hour: 1}}]}}
default: needs_person
`})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: sandbox.Lyon})
	s.order("1", sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Priority = "HIGH" })
	s.order("2", sandbox.Pending)
	s.Platform.Break("loc_paris")
	s.pass(15 * time.Minute)
	s.ends("1", "reassigned")
	r := s.row("2")
	if r.State != journal.Holding || !r.Released() {
		t.Fatalf("it is %s, released %t, want holding and released\n%s", r.State, r.Released(), s.story())
	}
	s.Platform.Recover("loc_paris", true) // what was released is finished all the same
	s.pass(2 * time.Hour)
	s.ends("2", "reassigned")
	s.holds()
	s.balances()
}

// TestACrowdWaitsInOrder has many wait for a few places an hour.
func TestACrowdWaitsInOrder(t *testing.T) {
	t.Parallel()
	const orders, perHour = 40, 12
	s := newShop(t, world.Options{Policy: atMost(perHour, 0), Incident: func(i *incident.Settings) { i.ApproveAbove = 1000 }})
	for i := range orders {
		s.order(fmt.Sprint(i), sandbox.Pending)
	}
	s.Platform.Break("loc_paris")
	s.hours(4)
	if got := s.states(); got[journal.Reassigned] != orders {
		t.Errorf("after 6 h states are %v, want all reassigned", got)
	}
	books := s.Platform.Books()
	var made []time.Time
	for _, e := range books.Entries {
		if e.Operation == "deliveryOrderCreate" && e.Applied {
			made = append(made, e.At)
		}
	}
	for i := perHour; i < len(made); i++ {
		if apart := made[i].Sub(made[i-perHour]); apart < time.Hour-time.Minute {
			t.Errorf("%d replacements were made within %s, want %d an hour", perHour+1, apart, perHour)
		}
	}
	if reads := books.Requests["deliveryOrder"]; reads > 12*orders {
		t.Errorf("%d reads for %d orders, want 12 each at most", reads, orders)
	} else {
		t.Logf("%d reads, %d requests in all", reads, books.Requests["http"])
	}
	s.holds()
}

func (s *fixture) hours(n int) {
	s.t.Helper()
	for range n {
		s.pass(time.Hour)
	}
}

// pause pauses or resumes Paris.
func (s *fixture) pause(t *testing.T, on bool) {
	t.Helper()
	by := handover.Actor{User: "ops", Reason: "trial"}
	var done bool
	var err error
	if on {
		done, err = s.Incidents.Pause(s.ctx, world.Org, "loc_paris", by)
	} else {
		done, err = s.Incidents.Resume(s.ctx, world.Org, "loc_paris", by)
	}
	if err != nil || !done {
		t.Fatalf("pausing %t: %t, %v", on, done, err)
	}
}
