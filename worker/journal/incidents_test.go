package journal_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

var incidents = []story{
	{"a location has one open incident", oneIncident},
	{"a location whose incident ended may have another", nextIncident},
	{"of 64 that open an incident all get the same", openRace},
	{"whoever holds an older version of an incident loses", incidentRace},
	{"a stopped incident still holds its location", stoppedHolds},
	{"an incident that cannot be read, or is newer, says so", incidentUnreadable},
	{"what is observed without news is read with the incident and does not change it", observedBeside},
	{"lifting a cooldown leaves that of a later incident", coolingOfTheNext},
	{"a gate is judged again by its name", gates},
}

func oneIncident(t *testing.T, s *store) {
	first := s.open(t, journal.Settling)
	second, err := s.Open(t.Context(), &journal.Incident{ID: "inc_2", Organization: s.org, LocationID: "loc_paris", State: journal.Settling, OpenedAt: then})
	must(t, err)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("opening again gives (-first +second):\n%s", diff)
	}
	wantFailing(t, s, map[string]string{"loc_paris": "inc_1"})
}

func nextIncident(t *testing.T, s *store) {
	for i, state := range []journal.IncidentState{journal.Closed, journal.Dismissed} {
		id := fmt.Sprint("inc_", i)
		inc, err := s.Open(t.Context(), &journal.Incident{ID: id, Organization: s.org, LocationID: "loc_paris", State: journal.Settling,
			OpenedAt: then.Add(time.Duration(i) * time.Hour)})
		must(t, err)
		if inc.ID != id {
			t.Fatalf("opened %s, want %s", inc.ID, id)
		}
		inc.State = state
		must(t, s.SaveIncident(t.Context(), inc, then))
		wantFailing(t, s, map[string]string{})
	}
	ids, err := s.IncidentIDs(t.Context(), s.org)
	must(t, err)
	if diff := cmp.Diff([]string{"inc_1", "inc_0"}, ids); diff != "" {
		t.Errorf("incidents, newest first (-want +got):\n%s", diff)
	}
}

func openRace(t *testing.T, s *store) {
	var wg sync.WaitGroup
	opened := make(chan string, 64)
	for i := range 64 {
		wg.Go(func() {
			inc, err := s.Open(t.Context(), &journal.Incident{ID: fmt.Sprint("inc_", i), Organization: s.org, LocationID: "loc_paris",
				State: journal.Settling, OpenedAt: then})
			if err != nil {
				t.Error(err)
				return
			}
			opened <- inc.ID
		})
	}
	wg.Wait()
	close(opened)
	ids, err := s.IncidentIDs(t.Context(), s.org)
	must(t, err)
	if len(ids) != 1 {
		t.Fatalf("%d incidents were opened, want 1", len(ids))
	}
	for id := range opened {
		if id != ids[0] {
			t.Errorf("somebody got %s, want %s", id, ids[0])
		}
	}
}

func incidentRace(t *testing.T, s *store) {
	inc := s.open(t, journal.Settling)
	late := *inc
	inc.State = journal.Draining
	must(t, s.SaveIncident(t.Context(), inc, then))
	late.State = journal.Dismissed
	wantError(t, s.SaveIncident(t.Context(), &late, then), journal.ErrObsolete)
	got, err := s.Incident(t.Context(), s.org, "inc_1")
	must(t, err)
	if diff := cmp.Diff(inc, got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	wantFailing(t, s, map[string]string{"loc_paris": "inc_1"})
}

func stoppedHolds(t *testing.T, s *store) {
	inc := s.open(t, journal.Settling)
	inc.State = journal.Stopped
	must(t, s.SaveIncident(t.Context(), inc, then))
	wantFailing(t, s, map[string]string{"loc_paris": "inc_1"})
}

func incidentUnreadable(t *testing.T, s *store) {
	_, err := s.Incident(t.Context(), s.org, "inc_1")
	wantError(t, err, journal.ErrNotFound)
	s.open(t, journal.Settling)
	must(t, s.rdb.HSet(t.Context(), journal.IncidentKey(s.org, "inc_1"), "body", fmt.Sprintf(`{"shape":%d}`, journal.SchemaVersion+1)).Err())
	_, err = s.Incident(t.Context(), s.org, "inc_1")
	wantError(t, err, journal.ErrNewer)
	must(t, s.rdb.HSet(t.Context(), journal.IncidentKey(s.org, "inc_1"), "body", `{`).Err())
	_, err = s.Incident(t.Context(), s.org, "inc_1")
	wantError(t, err, journal.ErrCorrupt)
}

func gates(t *testing.T, s *store) {
	inc := s.open(t, journal.Settling)
	inc.SetGate(journal.Gate{Name: "pause", At: then, Detail: "paused"})
	inc.SetGate(journal.Gate{Name: "size", At: then, Pass: true})
	inc.SetGate(journal.Gate{Name: "pause", At: then.Add(time.Minute), Pass: true, Detail: "not paused"})
	must(t, s.SaveIncident(t.Context(), inc, then))
	got, err := s.Incident(t.Context(), s.org, "inc_1")
	must(t, err)
	want := []journal.Gate{{Name: "pause", At: then.Add(time.Minute), Pass: true, Detail: "not paused"}, {Name: "size", At: then, Pass: true}}
	if diff := cmp.Diff(want, got.Gates); diff != "" {
		t.Errorf("gates (-want +got):\n%s", diff)
	}
}

func wantFailing(t *testing.T, s *store, want map[string]string) {
	t.Helper()
	got, err := s.OpenIncidents(t.Context(), s.org)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("open incidents (-want +got):\n%s", diff)
	}
}

func TestAnIncidentIsNamedAfterItsSecondAndItsLocation(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 18, 8, 0, 0, 999, time.FixedZone("CEST", 2*60*60))
	got := journal.IncidentID("org_1", "loc_paris", at)
	if want := "inc-20260518T060000-"; len(got) != len(want)+6 || got[:len(want)] != want {
		t.Errorf("it is named %q, want %q and six digits", got, want)
	}
	for _, other := range []string{journal.IncidentID("org_1", "loc_lyon", at), journal.IncidentID("org_2", "loc_paris", at)} {
		if other == got {
			t.Errorf("two incidents are named %q", got)
		}
	}
}
