package journal_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

// expiring are the stories of what is forgotten.
var expiring = []story{
	{"an incident that was over before is forgotten with everything of it", func(t *testing.T, s *store) {
		s.closedIncident(t, "inc-20010203T040506-aaaaaa", then, "do_1", "do_2")
		s.closedIncident(t, "inc-20010204T040506-bbbbbb", then.Add(24*time.Hour), "do_3")
		if err := s.rdb.Set(t.Context(), s.key("inc:inc-20010203T040506-aaaaaa:plan:1"), "x", 0).Err(); err != nil {
			t.Fatal(err)
		}
		s.expires(t, then.Add(time.Hour), 100, 1, 2)
		for _, k := range s.keysOf(t) {
			if strings.Contains(k, "aaaaaa") || strings.HasSuffix(k, "name:do_1") || strings.HasSuffix(k, "name:order of do_2") {
				t.Errorf("%s is left", k)
			}
		}
		for _, id := range []string{"do_1", "new of do_1"} {
			if owner, root, err := s.OpenByLineage(t.Context(), s.org, id); owner != nil || root != "" || err != nil {
				t.Errorf("%s belongs to %v, root %q, %v", id, owner, root, err)
			}
		}
		if _, err := s.Get(t.Context(), s.org, "inc-20010204T040506-bbbbbb/do_3"); err != nil {
			t.Errorf("of the other: %v", err)
		}
		if ids, err := s.Find(t.Context(), s.org, "order of do_3"); err != nil || len(ids) != 1 {
			t.Errorf("of the other: found %v, %v", ids, err)
		}
	}},
	{"a part is forgotten at a time, and the rest the next time", func(t *testing.T, s *store) {
		s.closedIncident(t, "inc-20010203T040506-aaaaaa", then, "do_1", "do_2", "do_3", "do_4", "do_5")
		s.expires(t, then.Add(time.Hour), 2, 0, 2)
		s.expires(t, then.Add(time.Hour), 2, 0, 2)
		s.expires(t, then.Add(time.Hour), 2, 1, 1)
		s.expires(t, then.Add(time.Hour), 2, 0, 0)
	}},
	{"an open incident is not forgotten", func(t *testing.T, s *store) {
		inc := &journal.Incident{ID: "inc-20010203T040506-aaaaaa", Organization: s.org, LocationID: "loc_1", State: journal.Stopped, OpenedAt: then}
		if _, err := s.Open(t.Context(), inc); err != nil {
			t.Fatal(err)
		}
		s.expires(t, then.Add(time.Hour), 100, 0, 0)
	}},
	{"an incident of which a reassignment needs a person is not forgotten", func(t *testing.T, s *store) {
		s.closedIncident(t, "inc-20010203T040506-aaaaaa", then, "do_1")
		r := s.draft("inc-20010203T040506-aaaaaa", "do_2")
		if _, _, err := s.Enroll(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		r.State, r.Reason = journal.NeedsPerson, journal.CancelUnconfirmed
		if _, err := s.Finish(t.Context(), r, then); err != nil {
			t.Fatal(err)
		}
		s.expires(t, then.Add(time.Hour), 100, 0, 0)
		r.State, r.Reason = journal.Left, journal.ByPerson
		if _, err := s.Finish(t.Context(), r, then); err != nil {
			t.Fatal(err)
		}
		s.expires(t, then.Add(time.Hour), 100, 1, 2)
	}},
	{"a replacement that a later incident moved again stays watched", func(t *testing.T, s *store) {
		s.closedIncident(t, "inc-20010203T040506-aaaaaa", then, "do_1")
		s.closedIncident(t, "inc-20010303T040506-bbbbbb", then.Add(28*24*time.Hour), "new of do_1")
		s.expires(t, then.Add(time.Hour), 100, 1, 1)
		if id, err := s.Signal(t.Context(), s.org, "new of do_1"); id != "inc-20010303T040506-bbbbbb/new of do_1" || err != nil {
			t.Errorf("it is watched for %q, %v", id, err)
		}
		if _, root, err := s.OpenByLineage(t.Context(), s.org, "new of do_1"); root != "do_1" || err != nil {
			t.Errorf("its lineage is %q, %v", root, err)
		}
	}},
	{"while a lineage is under way nothing of it is forgotten", func(t *testing.T, s *store) {
		s.closedIncident(t, "inc-20010203T040506-aaaaaa", then, "do_1")
		if _, fresh, err := s.Enroll(t.Context(), s.draft("inc-20010303T040506-bbbbbb", "new of do_1")); err != nil || !fresh {
			t.Fatal(fresh, err)
		}
		s.expires(t, then.Add(time.Hour), 100, 0, 0)
		if _, err := s.Get(t.Context(), s.org, "inc-20010203T040506-aaaaaa/do_1"); err != nil {
			t.Error(err)
		}
	}},
	{"a record of a newer release is left untouched", func(t *testing.T, s *store) {
		s.closedIncident(t, "inc-20010203T040506-aaaaaa", then, "do_1")
		id := "inc-20010203T040506-aaaaaa/do_1"
		if err := s.rdb.HSet(t.Context(), s.key("re:"+id), "body", `{"shape":9,"state":"left","identity":{"incident":"inc-20010203T040506-aaaaaa"}}`).Err(); err != nil {
			t.Fatal(err)
		}
		s.expires(t, then.Add(time.Hour), 100, 0, 0)
		if _, err := s.Get(t.Context(), s.org, id); !errors.Is(err, journal.ErrNewer) {
			t.Errorf("got %v", err)
		}
	}},
	{"the audit log is trimmed by age", func(t *testing.T, s *store) {
		if err := s.RecordAudit(t.Context(), s.org, journal.AuditEntry{User: "ops", Verb: "approve"}); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			before time.Time
			want   int
		}{{time.Now().Add(-time.Hour), 1}, {time.Now().Add(time.Hour), 0}} {
			if err := s.TrimAudit(t.Context(), s.org, step.before); err != nil {
				t.Fatal(err)
			}
			if got, err := s.AuditEntries(t.Context(), s.org, 10); err != nil || len(got) != step.want {
				t.Errorf("%d entries are left, want %d, %v", len(got), step.want, err)
			}
		}
	}},
	{"a walk hands over the keys of its organization alone, and goes on where it ended", func(t *testing.T, s *store) {
		other := s.org + "[1]*"
		for i := range 2500 {
			for _, org := range []string{s.org, other} {
				if err := s.rdb.Set(t.Context(), fmt.Sprintf("reassigner:{%s}:x:%d", org, i), 1, 0).Err(); err != nil {
					t.Fatal(err)
				}
			}
		}
		seen := map[string]bool{}
		for range 20 {
			if err := s.ScanKeys(t.Context(), other, 1, func(found []string) error {
				for _, k := range found {
					if !strings.HasPrefix(k, "reassigner:{"+other+"}:") {
						t.Fatalf("%s is another's", k)
					}
					seen[k] = true
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		delete(seen, "reassigner:{"+other+"}:walked")
		if len(seen) != 2500 {
			t.Errorf("%d keys were seen, want 2500", len(seen))
		}
	}},
}

// closedIncident is one that was opened at a moment and closed a minute later, with delivery orders that were
// replaced by one called after them.
func (s *store) closedIncident(t *testing.T, id string, opened time.Time, deliveryOrders ...string) {
	t.Helper()
	inc, err := s.Open(t.Context(), &journal.Incident{ID: id, Organization: s.org, LocationID: "loc_" + id, State: journal.Draining, OpenedAt: opened})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deliveryOrders {
		r := s.draft(id, d)
		r.Identity.Orders = []string{"order of " + d}
		if _, fresh, err := s.Enroll(t.Context(), r); err != nil || !fresh {
			t.Fatalf("enrolling %s: fresh %t, %v", d, fresh, err)
		}
		if got, err := s.LockOrder(t.Context(), s.org, "order of "+d, r.Identity.ID); err != nil || !got { // whose holder died
			t.Fatal(got, err)
		}
		r.State, r.Decision.To, r.Replacement.ID, r.Replacement.Past = journal.Reassigned, "lyon", "new of "+d, []string{"former of " + d}
		if _, err := s.Finish(t.Context(), r, opened); err != nil {
			t.Fatal(err)
		}
	}
	inc.State, inc.ClosedAt, inc.FirstWalkDone = journal.Closed, opened.Add(time.Minute), true
	if err := s.SaveIncident(t.Context(), inc, inc.ClosedAt); err != nil {
		t.Fatal(err)
	}
}

// expires forgets what was over before a moment, and checks how much that was.
func (s *store) expires(t *testing.T, before time.Time, most, incidents, rows int) {
	t.Helper()
	gotIncidents, gotRows, err := s.Expire(t.Context(), s.org, before, most)
	if err != nil {
		t.Fatal(err)
	}
	if gotIncidents != incidents || gotRows != rows {
		t.Errorf("%d incidents and %d reassignments were forgotten, want %d and %d", gotIncidents, gotRows, incidents, rows)
	}
	if err := s.DeleteLeftovers(t.Context(), s.org, s.keysOf(t), before); err != nil {
		t.Fatal(err)
	}
}

func (s *store) key(rest string) string { return "reassigner:{" + s.org + "}:" + rest }

// keysOf are all keys of the organization.
func (s *store) keysOf(t *testing.T) []string {
	t.Helper()
	all, err := s.rdb.Keys(t.Context(), s.key("*")).Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
