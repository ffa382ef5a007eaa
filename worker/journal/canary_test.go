package journal_test

import (
	"errors"
	"testing"

	"happycolis-reassigner/worker/journal"
)

// canarying are the stories of the first reassignments of an incident.
var canarying = []story{
	{"until one replacement was sent no more have a place than the canary allows", func(t *testing.T, s *store) {
		s.limitTo(2)
		one, two, three := s.waiting(t, "do_1"), s.waiting(t, "do_2"), s.waiting(t, "do_3")
		s.places(t, one, nil)
		s.places(t, two, nil)
		s.places(t, two, nil) // it has its place
		s.places(t, three, journal.ErrCanary)
		one.State, one.Decision.To, one.Replacement.ID = journal.Reassigned, "lyon", "new of do_1"
		s.rests(t, one)
		s.places(t, three, nil)
	}},
	{"as many refused in a row let none begin, however many places are free, until a person waives it", func(t *testing.T, s *store) {
		s.limitTo(2)
		for _, id := range []string{"do_1", "do_2"} {
			r := s.waiting(t, id)
			s.places(t, r, nil)
			r.State, r.Reason = journal.NeedsPerson, journal.CancelRefused
			s.rests(t, r)
		}
		three := s.waiting(t, "do_3")
		s.places(t, three, journal.ErrCanary)
		if got, err := s.CanaryStatus(t.Context(), s.org, "inc_1"); err != nil || got.Streak != 2 || got.Slots != 0 || !got.IsExhausted(2) {
			t.Errorf("the canary is %+v, %v", got, err)
		}
		if err := s.WaiveCanary(t.Context(), s.org, "inc_1"); err != nil {
			t.Fatal(err)
		}
		s.places(t, three, nil)
	}},
	{"what is left to a person for its own sake does not count", func(t *testing.T, s *store) {
		s.limitTo(1)
		r := s.waiting(t, "do_1")
		s.places(t, r, nil)
		r.State, r.Reason = journal.NeedsPerson, journal.OverAllocated
		s.rests(t, r)
		s.places(t, s.waiting(t, "do_2"), nil)
	}},
}

// limitTo has the journal made with a canary.
func (s *store) limitTo(canary int) { s.Journal = journal.New(s.rdb, request, canary) }

// waiting is a record of inc_1 about which nothing was begun.
func (s *store) waiting(t *testing.T, deliveryOrder string) *journal.Reassignment {
	t.Helper()
	r := s.enroll(t, deliveryOrder)
	r.Original.Status = "PENDING"
	return r
}

// places asks for a place of the canary.
func (s *store) places(t *testing.T, r *journal.Reassignment, want error) {
	t.Helper()
	if err := s.AcquireCanarySlot(t.Context(), r, then); !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", r.Identity.DeliveryOrder, err, want)
	}
}

func (s *store) rests(t *testing.T, r *journal.Reassignment) {
	t.Helper()
	if _, err := s.Finish(t.Context(), r, then); err != nil {
		t.Fatal(err)
	}
}
