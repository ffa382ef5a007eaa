package sandbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

// TestTheJudgeKnowsIncidentsByHand hands an order of Paris over, which works: that holds only where an operator answered for Paris
// at that time, and then it counts as if Paris were in ERROR.
func TestTheJudgeKnowsIncidentsByHand(t *testing.T) {
	t.Parallel()
	const moved = 2 * time.Minute // when it is handed over
	handsOver := func(w *world) {
		w.look("d1")
		id := w.created(lyon)
		w.cancel("d1")
		send(w, id)
		w.pass(time.Minute)
	}
	loses := func(w *world) {
		w.look("d1")
		w.cancel("d1")
		w.pass(time.Minute)
	}
	forgets := func(w *world) { w.look("d1") }
	for name, c := range map[string]struct {
		play           func(*world)
		location       string
		opened, closed time.Duration // 0: not closed
		state          string
		wants          []string
	}{
		"while it stands":                    {handsOver, paris, time.Minute, 0, "watching", nil},
		"and it is closed later":             {handsOver, paris, time.Minute, 3 * time.Minute, "closed", nil},
		"and it was closed before":           {handsOver, paris, 0, time.Minute, "closed", []string{"P3", "P5"}},
		"and it is opened later":             {handsOver, paris, 3 * time.Minute, 0, "watching", []string{"P3", "P5"}},
		"of another location":                {handsOver, lille, time.Minute, 0, "watching", []string{"P3", "P5"}},
		"what it released is lost":           {loses, paris, time.Minute, 0, "awaiting_approval", []string{"P2"}},
		"what it has to move is forgotten":   {forgets, paris, time.Minute, 0, "watching", []string{"forgotten"}},
		"nothing is forgotten once it ended": {forgets, paris, time.Minute, 3 * time.Minute, "watching", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pending("d1")
			began := w.clock()
			w.pass(moved)
			c.play(w)
			held := &sandbox.ByHand{At: began.Add(c.opened)}
			if c.closed > 0 {
				held.EndedAt = began.Add(c.closed)
			}
			v := sandbox.JudgeAtRest(w.Books(), nil, []sandbox.Incident{{IncidentID: "i1", LocationID: c.location, State: c.state, ByHand: held}})
			if diff := cmp.Diff(append([]string{}, c.wants...), broken(v)); diff != "" {
				t.Errorf("broken promises (-want +got):\n%s\n%s", diff, v)
			}
		})
	}
}
