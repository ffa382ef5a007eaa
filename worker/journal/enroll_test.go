package journal_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

var enrolling = []story{
	{"a new delivery order gets a record", newRecord},
	{"enrolling again under the same incident changes nothing", knownRecord},
	{"a delivery order that another incident handles is joined to it", joinedRecord},
	{"one whose reassignment ended is enrolled again by the next incident", enrolledAgain},
	{"a replacement belongs to the lineage of its original", replacementJoins},
	{"a replacement that fails later is enrolled under the root of its lineage", laterFailure},
	{"of 64 that enrol one delivery order one makes the record", enrolRace},
}

func newRecord(t *testing.T, s *store) {
	r := s.draft("inc_1", "do_1")
	owner, fresh, err := s.Enroll(t.Context(), r)
	must(t, err)
	if owner != "inc_1/do_1" || !fresh {
		t.Errorf("owner %q, fresh %t, want its own new record", owner, fresh)
	}
	want := s.draft("inc_1", "do_1")
	want.Identity.ID, want.SchemaVersion, want.Identity.Root, want.State, want.UpdatedAt, want.Version = "inc_1/do_1", journal.SchemaVersion, "do_1", journal.Pending, then, 1
	if diff := cmp.Diff(want, s.stored(t, owner)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("returned (-want +got):\n%s", diff)
	}
	due, _ := s.dueIn(t, owner)
	wantNear(t, "due time", due, journal.WaitGrace)
	for _, name := range []string{"do_1", "SO-do_1", "ord_do_1"} {
		ids, err := s.Find(t.Context(), s.org, name)
		must(t, err)
		if diff := cmp.Diff([]string{owner}, ids); diff != "" {
			t.Errorf("found by %s (-want +got):\n%s", name, diff)
		}
	}
}

func knownRecord(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	s.rest(t, r, journal.NeedsPerson)
	owner, fresh, err := s.Enroll(t.Context(), s.draft("inc_1", "do_1"))
	must(t, err)
	if owner != r.Identity.ID || fresh {
		t.Errorf("owner %q, fresh %t, want the known record", owner, fresh)
	}
	if got := s.stored(t, r.Identity.ID); got.State != journal.NeedsPerson || got.Version != r.Version {
		t.Errorf("the record is now %s at version %d", got.State, got.Version)
	}
}

func joinedRecord(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	owner, fresh, err := s.Enroll(t.Context(), s.draft("inc_2", "do_1"))
	must(t, err)
	if owner != r.Identity.ID || fresh {
		t.Errorf("owner %q, fresh %t, want %q of the first incident", owner, fresh, r.Identity.ID)
	}
	_, err = s.Get(t.Context(), s.org, "inc_2/do_1")
	wantError(t, err, journal.ErrNotFound)
}

func enrolledAgain(t *testing.T, s *store) {
	s.rest(t, s.enroll(t, "do_1"), journal.Left)
	owner, fresh, err := s.Enroll(t.Context(), s.draft("inc_2", "do_1"))
	must(t, err)
	if owner != "inc_2/do_1" || !fresh {
		t.Errorf("owner %q, fresh %t, want a record of the second incident", owner, fresh)
	}
}

func replacementJoins(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	r.Replacement.ID = "do_2"
	must(t, s.Save(t.Context(), r, then))
	owner, fresh, err := s.Enroll(t.Context(), s.draft("inc_2", "do_2"))
	must(t, err)
	if owner != r.Identity.ID || fresh {
		t.Errorf("owner of the replacement is %q, fresh %t, want %q", owner, fresh, r.Identity.ID)
	}
	for _, id := range []string{"do_1", "do_2"} {
		wantOwner(t, s, id, r.Identity.ID, "do_1")
	}
	wantOwner(t, s, "do_3", "", "")
}

func laterFailure(t *testing.T, s *store) {
	first := s.enroll(t, "do_1")
	first.Replacement.ID = "do_2"
	s.rest(t, first, journal.Reassigned)
	wantOwner(t, s, "do_2", "", "do_1")

	second := s.draft("inc_2", "do_2")
	owner, fresh, err := s.Enroll(t.Context(), second)
	must(t, err)
	if owner != "inc_2/do_2" || !fresh || second.Identity.Root != "do_1" || s.stored(t, owner).Identity.Root != "do_1" {
		t.Errorf("owner %q, fresh %t, root %q, want a new record with root do_1", owner, fresh, second.Identity.Root)
	}
	wantOwner(t, s, "do_1", owner, "do_1")
	joined, fresh, err := s.Enroll(t.Context(), s.draft("inc_3", "do_1"))
	must(t, err)
	if joined != owner || fresh {
		t.Errorf("owner of the original is %q, fresh %t, want %q", joined, fresh, owner)
	}
}

func wantOwner(t *testing.T, s *store, deliveryOrder, wantID, wantRoot string) {
	t.Helper()
	r, root, err := s.OpenByLineage(t.Context(), s.org, deliveryOrder)
	must(t, err)
	id := ""
	if r != nil {
		id = r.Identity.ID
	}
	if id != wantID || root != wantRoot {
		t.Errorf("owner of %s is %q with root %q, want %q with root %q", deliveryOrder, id, root, wantID, wantRoot)
	}
}

func enrolRace(t *testing.T, s *store) {
	var wg sync.WaitGroup
	var made atomic.Int32
	for range 64 {
		wg.Go(func() {
			_, fresh, err := s.Enroll(t.Context(), s.draft("inc_1", "do_1"))
			if err != nil {
				t.Error(err)
			}
			if fresh {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("%d made it, want 1", made.Load())
	}
	wantCounts(t, s, map[journal.State]int{journal.Pending: 1})
}
