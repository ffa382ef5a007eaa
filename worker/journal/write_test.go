package journal_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

var writing = []story{
	{"a claim at the version of the record takes it for work", claim},
	{"a claim at another version is obsolete and changes nothing", claimElsewhere},
	{"a claim of what is not there says so", claimNothing},
	{"whoever holds an older version loses", loseWrite},
	{"no mutation is intended while everything or its location is paused", intendPaused},
	{"a pause of another location stops nothing", intendElsewhere},
	{"a pause of the target refuses the intent too", intendPausedTarget},
	{"what may be taken back is intended only while the incident moves", intendHeld},
	{"what was begun is intended whatever the incident", intendBegun},
	{"what is no mutation is written while paused", writePaused},
	{"every state is counted, and only once", counted},
}

func claim(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	got, err := s.Claim(t.Context(), s.org, r.Identity.ID, 1, then)
	must(t, err)
	if got.Version != 2 || !got.Leased {
		t.Errorf("version %d, working %t, want version 2 at work", got.Version, got.Leased)
	}
	if diff := cmp.Diff(got, s.stored(t, r.Identity.ID)); diff != "" {
		t.Errorf("stored (-claimed +got):\n%s", diff)
	}
	due, _ := s.dueIn(t, r.Identity.ID)
	wantNear(t, "due time", due, lease)
}

func claimElsewhere(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	for _, version := range []int64{0, 2, -1} {
		_, err := s.Claim(t.Context(), s.org, r.Identity.ID, version, then)
		wantError(t, err, journal.ErrObsolete)
	}
	if diff := cmp.Diff(r, s.stored(t, r.Identity.ID)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func claimNothing(t *testing.T, s *store) {
	_, err := s.Claim(t.Context(), s.org, "inc_1/do_9", 1, then)
	wantError(t, err, journal.ErrNotFound)
}

func loseWrite(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	late := *r
	r.Decision.To = "lyon"
	must(t, s.Save(t.Context(), r, then))
	writes := map[string]func(context.Context) error{
		"save":    func(ctx context.Context) error { w := late; return s.Save(ctx, &w, then) },
		"intend":  func(ctx context.Context) error { w := late; return s.Intend(ctx, &w, then, true) },
		"wait":    func(ctx context.Context) error { w := late; _, err := s.Park(ctx, &w, then, then); return err },
		"rest":    func(context.Context) error { w := late; w.State = journal.Left; return s.toRest(t, &w) },
		"redrive": func(ctx context.Context) error { w := late; return s.Requeue(ctx, &w, then) },
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) { wantError(t, write(t.Context()), journal.ErrObsolete) })
	}
	if diff := cmp.Diff(r, s.stored(t, r.Identity.ID)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	wantOwner(t, s, "do_1", r.Identity.ID, "do_1")
	wantCounts(t, s, map[journal.State]int{journal.Pending: 1})
}

func intendPaused(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	r := s.enroll(t, "do_1")
	for _, scope := range []string{journal.AllLocations, "loc_paris"} {
		_, err := s.Pause(t.Context(), s.org, journal.Pause{Scope: scope, From: then})
		must(t, err)
		for _, begun := range []bool{false, true} {
			wantError(t, s.Intend(t.Context(), r, then, begun), journal.ErrPaused)
		}
		if got := s.stored(t, r.Identity.ID); got.Version != 1 || got.Leased {
			t.Errorf("pause of %s: the record is at version %d, working %t, want it untouched", scope, got.Version, got.Leased)
		}
		_, err = s.Resume(t.Context(), s.org, scope, then)
		must(t, err)
	}
	must(t, s.Intend(t.Context(), r, then, false))
	if got := s.stored(t, r.Identity.ID); got.Version != 2 || !got.Leased {
		t.Errorf("after the pauses: version %d, working %t, want version 2 at work", got.Version, got.Leased)
	}
	due, _ := s.dueIn(t, r.Identity.ID)
	wantNear(t, "due time", due, lease)
}

func intendElsewhere(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	_, err := s.Pause(t.Context(), s.org, journal.Pause{Scope: "loc_lyon", From: then})
	must(t, err)
	must(t, s.Intend(t.Context(), s.enroll(t, "do_1"), then, false))
}

func intendPausedTarget(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	r := s.enroll(t, "do_1")
	r.Decision.ToID = "loc_lyon"
	_, err := s.Pause(t.Context(), s.org, journal.Pause{Scope: "loc_lyon", From: then})
	must(t, err)
	for _, begun := range []bool{false, true} {
		wantError(t, s.Intend(t.Context(), r, then, begun), journal.ErrPaused)
	}
	must(t, s.Save(t.Context(), r, then)) // what sends nothing goes on
	_, err = s.Resume(t.Context(), s.org, "loc_lyon", then)
	must(t, err)
	must(t, s.Intend(t.Context(), r, then, false))
}

func intendHeld(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	wantError(t, s.Intend(t.Context(), r, then, false), journal.ErrHeld) // there is no incident at all
	inc := s.open(t, journal.Settling)
	for _, state := range []journal.IncidentState{journal.Settling, journal.AwaitingApproval, journal.Blocked, journal.Draining,
		journal.Watching, journal.Closed, journal.Dismissed, journal.Stopped} {
		inc.State = state
		must(t, s.SaveIncident(t.Context(), inc, then))
		err := s.Intend(t.Context(), r, then, false)
		if state == journal.Draining || state == journal.Watching {
			must(t, err)
			continue
		}
		wantError(t, err, journal.ErrHeld)
	}
	if got := s.stored(t, r.Identity.ID).Version; got != 3 {
		t.Errorf("version is %d, want 3: two intents were let through", got)
	}
	inc.State, inc.ByHand = journal.Watching, &journal.ByHand{By: "ops", At: then}
	must(t, s.SaveIncident(t.Context(), inc, then))
	must(t, s.Intend(t.Context(), r, then, false))
	inc.EndByHand(then, "ops")
	must(t, s.SaveIncident(t.Context(), inc, then))
	wantError(t, s.Intend(t.Context(), r, then, false), journal.ErrHeld) // an operator closed it: what is begun is finished
	must(t, s.Intend(t.Context(), r, then, true))
	inc.SettleAnew(then)
	inc.State = journal.Watching
	must(t, s.SaveIncident(t.Context(), inc, then))
	must(t, s.Intend(t.Context(), r, then, false)) // it went on as one of a location in ERROR
}

func intendBegun(t *testing.T, s *store) {
	s.open(t, journal.Stopped)
	must(t, s.Intend(t.Context(), s.enroll(t, "do_1"), then, true))
}

func writePaused(t *testing.T, s *store) {
	_, err := s.Pause(t.Context(), s.org, journal.Pause{Scope: journal.AllLocations, From: then})
	must(t, err)
	r := s.enroll(t, "do_1")
	must(t, s.Save(t.Context(), r, then))
	_, err = s.Park(t.Context(), r, then, then)
	must(t, err)
	must(t, s.Requeue(t.Context(), r, then))
	s.rest(t, r, journal.NeedsPerson)
}

func counted(t *testing.T, s *store) {
	want := map[journal.State]int{}
	for i, state := range journal.States() {
		r := s.enroll(t, "do_"+string(state))
		for range i % 3 { // saving again in the same state counts nothing
			r.State = state
			must(t, s.Save(t.Context(), r, then))
		}
		s.rest(t, r, state)
		want[state]++
	}
	wantCounts(t, s, want)
}

// wantCounts compares the counts of inc_1; states that are not named are wanted to be 0.
func wantCounts(t *testing.T, s *store, want map[journal.State]int) {
	t.Helper()
	full := map[journal.State]int{}
	for _, state := range journal.States() {
		full[state] = want[state]
	}
	got, err := s.Tally(t.Context(), s.org, "inc_1")
	must(t, err)
	if diff := cmp.Diff(full, got.States); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotedAgainStandsThereOnce(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)
	r := journal.Reassignment{Step: "check"}
	r.Note(at, "the quantities add up")
	r.Note(at.Add(time.Second), "the quantities add up")
	r.Step = "send"
	r.Note(at.Add(2*time.Second), "the quantities add up")
	r.Note(at.Add(3*time.Second), "sent")
	want := []journal.Entry{
		{At: at.Add(time.Second), Step: "check", Note: "the quantities add up"},
		{At: at.Add(2 * time.Second), Step: "send", Note: "the quantities add up"},
		{At: at.Add(3 * time.Second), Step: "send", Note: "sent"},
	}
	if diff := cmp.Diff(want, r.History); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}
