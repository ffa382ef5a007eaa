package journal_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"happycolis-reassigner/worker/journal"
)

var pausing = []story{
	{"a pause stands until it is lifted", pauseStands},
	{"a pause that stands keeps who began it", pauseTwice},
	{"of 64 that lift a pause one does, and it is remembered once", liftRace},
	{"deadlines stand still through pauses that are over and one that stands", stoodStill},
}

func pauseStands(t *testing.T, s *store) {
	wantPaused := func(want map[string]bool) {
		t.Helper()
		for location, want := range want {
			got, err := s.IsPaused(t.Context(), s.org, location)
			must(t, err)
			if got != want {
				t.Errorf("%s is paused: %t, want %t", location, got, want)
			}
		}
	}
	wantPaused(map[string]bool{"loc_paris": false})
	paris := journal.Pause{Scope: "loc_paris", From: then, By: "ops", Reason: "stocktaking"}
	all := journal.Pause{Scope: journal.AllLocations, From: then.Add(time.Hour), By: "ops", Reason: "audit"}
	begin(t, s, paris, true)
	wantPaused(map[string]bool{"loc_paris": true, "loc_lyon": false})
	begin(t, s, all, true)
	wantPaused(map[string]bool{"loc_paris": true, "loc_lyon": true})
	standing, err := s.Pauses(t.Context(), s.org)
	must(t, err)
	byScope := cmpopts.SortSlices(func(a, b journal.Pause) bool { return a.Scope < b.Scope })
	if diff := cmp.Diff([]journal.Pause{all, paris}, standing, byScope); diff != "" {
		t.Errorf("standing pauses (-want +got):\n%s", diff)
	}
	lift(t, s, "loc_paris", then.Add(2*time.Hour), true)
	wantPaused(map[string]bool{"loc_paris": true, "loc_lyon": true}) // everything still is
	lift(t, s, journal.AllLocations, then.Add(2*time.Hour), true)
	wantPaused(map[string]bool{"loc_paris": false, "loc_lyon": false})
	lift(t, s, journal.AllLocations, then.Add(2*time.Hour), false)
}

func pauseTwice(t *testing.T, s *store) {
	first := journal.Pause{Scope: "loc_paris", From: then, By: "ann", Reason: "stocktaking"}
	begin(t, s, first, true)
	begin(t, s, journal.Pause{Scope: "loc_paris", From: then.Add(time.Hour), By: "bob"}, false)
	standing, err := s.Pauses(t.Context(), s.org)
	must(t, err)
	if diff := cmp.Diff([]journal.Pause{first}, standing); diff != "" {
		t.Errorf("standing pauses (-want +got):\n%s", diff)
	}
}

func liftRace(t *testing.T, s *store) {
	begin(t, s, journal.Pause{Scope: "loc_paris", From: then}, true)
	var wg sync.WaitGroup
	var lifted atomic.Int32
	for range 64 {
		wg.Go(func() {
			ok, err := s.Resume(t.Context(), s.org, "loc_paris", then.Add(time.Hour))
			if err != nil {
				t.Error(err)
			}
			if ok {
				lifted.Add(1)
			}
		})
	}
	wg.Wait()
	remembered, err := s.rdb.LLen(t.Context(), journal.PausedKey(s.org)).Result()
	must(t, err)
	if lifted.Load() != 1 || remembered != 1 {
		t.Errorf("%d lifted it and it is remembered %d times, want once", lifted.Load(), remembered)
	}
}

func stoodStill(t *testing.T, s *store) {
	begin(t, s, journal.Pause{Scope: "loc_paris", From: then}, true)
	lift(t, s, "loc_paris", then.Add(10*time.Minute), true)
	begin(t, s, journal.Pause{Scope: journal.AllLocations, From: then.Add(5 * time.Minute)}, true)
	lift(t, s, journal.AllLocations, then.Add(15*time.Minute), true)
	begin(t, s, journal.Pause{Scope: "loc_lyon", From: then}, true)
	begin(t, s, journal.Pause{Scope: "loc_paris", From: then.Add(50 * time.Minute)}, true)
	got, err := s.PausedDuration(t.Context(), s.org, "loc_paris", then, then.Add(time.Hour))
	must(t, err)
	if want := 25 * time.Minute; got != want {
		t.Errorf("it stood still for %s, want %s", got, want)
	}
}

func begin(t *testing.T, s *store, p journal.Pause, want bool) {
	t.Helper()
	fresh, err := s.Pause(t.Context(), s.org, p)
	must(t, err)
	if fresh != want {
		t.Errorf("pausing %s is new: %t, want %t", p.Scope, fresh, want)
	}
}

func lift(t *testing.T, s *store, scope string, at time.Time, want bool) {
	t.Helper()
	lifted, err := s.Resume(t.Context(), s.org, scope, at)
	must(t, err)
	if lifted != want {
		t.Errorf("lifting the pause of %s: %t, want %t", scope, lifted, want)
	}
}

func TestStoodStill(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return then.Add(time.Duration(minute) * time.Minute) }
	p := func(scope string, from, to int) journal.Pause {
		return journal.Pause{Scope: scope, From: at(from), To: at(to)}
	}
	const paris, all = "loc_paris", journal.AllLocations
	tests := []struct {
		name   string
		pauses []journal.Pause
		want   int // minutes of the hour
	}{
		{"no pause", nil, 0},
		{"one within", []journal.Pause{p(paris, 10, 20)}, 10},
		{"of another location", []journal.Pause{p("loc_lyon", 10, 20)}, 0},
		{"of everything", []journal.Pause{p(all, 10, 20)}, 10},
		{"two apart", []journal.Pause{p(paris, 40, 50), p(paris, 10, 20)}, 20},
		{"two that touch", []journal.Pause{p(paris, 10, 20), p(all, 20, 30)}, 20},
		{"two that overlap", []journal.Pause{p(paris, 10, 30), p(all, 20, 40)}, 30},
		{"one inside another", []journal.Pause{p(all, 10, 40), p(paris, 20, 30)}, 30},
		{"the same twice", []journal.Pause{p(all, 10, 40), p(paris, 10, 40)}, 30},
		{"begun before", []journal.Pause{p(paris, -30, 10)}, 10},
		{"over before", []journal.Pause{p(paris, -30, -10)}, 0},
		{"ended after", []journal.Pause{p(paris, 50, 90)}, 10},
		{"begun after", []journal.Pause{p(paris, 70, 90)}, 0},
		{"still standing", []journal.Pause{{Scope: paris, From: at(45)}}, 15},
		{"standing all the time", []journal.Pause{{Scope: all, From: at(-1)}}, 60},
		{"ended before it began, by a clock that went back", []journal.Pause{p(paris, 30, 20)}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := journal.StoodStill(tt.pauses, paris, at(0), at(60)); got != time.Duration(tt.want)*time.Minute {
				t.Errorf("it stood still for %s, want %d min", got, tt.want)
			}
		})
	}
}

// TestStoodStillIsTheUnion compares the sum with a count of the minutes that any pause covers.
func TestStoodStillIsTheUnion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const span = 60
		at := func(minute int) time.Time { return then.Add(time.Duration(minute) * time.Minute) }
		minute := rapid.IntRange(-10, span+10)
		pauses := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journal.Pause {
			p := journal.Pause{Scope: rapid.SampledFrom([]string{"loc_paris", "loc_lyon", journal.AllLocations}).Draw(t, "scope"), From: at(minute.Draw(t, "from"))}
			if rapid.Bool().Draw(t, "over") {
				p.To = at(minute.Draw(t, "to"))
			}
			return p
		}), 0, 6).Draw(t, "pauses")
		var want time.Duration
		for m := range span {
			for _, p := range pauses {
				covers := !p.From.After(at(m)) && (p.To.IsZero() || p.To.After(at(m)))
				if covers && (p.Scope == "loc_paris" || p.Scope == journal.AllLocations) {
					want += time.Minute
					break
				}
			}
		}
		if got := journal.StoodStill(pauses, "loc_paris", at(0), at(span)); got != want {
			t.Fatalf("it stood still for %s, want %s", got, want)
		}
	})
}
