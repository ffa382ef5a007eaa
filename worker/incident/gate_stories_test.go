package incident_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	action "happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/world"
)

// gateStory is how one gate comes to hold the incident of Paris, and what lifts it without a waiver.
type gateStory struct {
	settings func(*incident.Settings)
	holds    func(*story)
	lifts    func(*story) // nil: nothing but a waiver
	refusal  string       // what unblock says of a gate that cannot be waived
}

func breakParis(s *story) {
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
}

func approveAll(s *story) {
	paris, err := s.Incidents.FreezePlan(s.t.Context(), s.of(sandbox.Paris))
	s.must(err)
	s.must(s.Actions.Approve(s.t.Context(), paris, action.Approval{Hash: paris.Plan.Hash}, ops))
	s.pass(10 * time.Second)
}

const answeredByApproval = ", which an approval answers; approve it: reassigner incidents approve inc-"

// gateStories are the stories by the name of the gate.
var gateStories = map[string]gateStory{
	"pause": {
		holds: func(s *story) {
			_, err := s.Incidents.Pause(s.t.Context(), world.Org, s.m.Locations[sandbox.Paris], ops)
			s.must(err)
			breakParis(s)
		},
		lifts: func(s *story) {
			_, err := s.Incidents.Resume(s.t.Context(), world.Org, s.m.Locations[sandbox.Paris], ops)
			s.must(err)
		},
		refusal: "is blocked by the gate pause (paused), which nobody can waive; lift the pause: reassigner resume --reason \"WHY\"",
	},
	"cooldown": {
		settings: func(i *incident.Settings) { i.Cooldown = 20 * time.Minute },
		holds: func(s *story) {
			breakParis(s)
			s.Platform.Recover(sandbox.Paris, true)
			s.pass(5 * time.Minute)
			breakParis(s)
		},
		lifts: func(s *story) { s.pass(20 * time.Minute) },
	},
	"second_observation": {
		holds: func(s *story) {
			s.Platform.Break(sandbox.Paris)
			s.pass(time.Minute)
			s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationInactive, "", false)
			s.pass(4 * time.Minute)
		},
		lifts: func(s *story) {
			s.Platform.SetIntegration(sandbox.Paris, sandbox.IntegrationError, "", false)
			s.pass(2 * time.Minute)
		},
		refusal: "which nobody can waive; it goes on by itself when the location reads ERROR, and ends when it reads ACTIVE",
	},
	"memory": {
		holds: func(s *story) {
			breakParis(s)
			s.loseJournal()
			s.pass(5 * time.Minute)
		},
		lifts:   approveAll,
		refusal: ", which an approval answers; import the orders (reassigner import), then approve: reassigner incidents approve inc-",
	},
	"blast_radius": {
		holds: func(s *story) {
			s.Platform.Break(sandbox.Lyon)
			breakParis(s)
		},
		lifts: func(s *story) {
			s.Platform.Recover(sandbox.Lyon, true)
			s.pass(2 * time.Minute)
		},
	},
	"size": {
		settings: func(i *incident.Settings) { i.ApproveAbove = 1 },
		holds:    breakParis,
		lifts:    approveAll,
		refusal:  answeredByApproval,
	},
	"mode": {
		settings: func(i *incident.Settings) { i.Mode = incident.ApproveMode },
		holds:    breakParis,
		lifts:    approveAll,
		refusal:  answeredByApproval,
	},
	"canary": {
		settings: func(i *incident.Settings) { i.Canary = 1 },
		holds: func(s *story) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
			s.Platform.Break(sandbox.Paris)
			s.pass(20 * time.Minute)
		},
	},
}

// heldBy returns how a gate holds the incident of Paris now; false if it does not.
func (s *story) heldBy(gate string) (incident.Hold, bool) {
	s.t.Helper()
	holds := s.report(s.of(sandbox.Paris)).Blocking
	at := slices.IndexFunc(holds, func(h incident.Hold) bool { return h.Gate == gate })
	if at < 0 {
		return incident.Hold{}, false
	}
	return holds[at], true
}

// held is a story in which a gate of the table holds the incident of Paris.
func held(t *testing.T, row incident.GateRow) *story {
	t.Helper()
	c := gateStories[row.Name]
	s := tell(t, 20, world.Options{Incident: func(i *incident.Settings) {
		if c.settings != nil {
			c.settings(i)
		}
	}})
	c.holds(s)
	want := map[bool]journal.IncidentState{true: journal.AwaitingApproval, false: journal.Blocked}[row.Approval]
	if inc := s.of(sandbox.Paris); inc.State != want {
		t.Fatalf("the incident is %s, want %s: %+v", inc.State, want, inc.Gates)
	}
	h, holds := s.heldBy(row.Name)
	if !holds || h.Detail == "" || h.Remedy == "" || h.Waivable != row.Waivable || h.Approval != row.Approval {
		t.Fatalf("it is held by %+v, want by %+v with a detail and a remedy", h, row)
	}
	return s
}

// TestEachGateIsTriedByAStory is the guard of the table: each of its rows holds in a story, is lifted, and is waived, or
// refused in clear words.
func TestEachGateIsTriedByAStory(t *testing.T) {
	t.Parallel()
	for _, row := range incident.GateRows() {
		c, tried := gateStories[row.Name]
		if !tried {
			t.Errorf("no story tries the gate %s; write one in gateStories", row.Name)
			continue
		}
		if c.lifts == nil && !row.Waivable {
			t.Errorf("nothing lifts the gate %s", row.Name)
		}
		if c.lifts != nil {
			t.Run(row.Name+", lifted", func(t *testing.T) {
				t.Parallel()
				s := held(t, row)
				c.lifts(s)
				if h, holds := s.heldBy(row.Name); holds {
					t.Errorf("it still holds: %s", h)
				}
			})
		}
		t.Run(row.Name+", unblocked", func(t *testing.T) {
			t.Parallel()
			s := held(t, row)
			paris := s.of(sandbox.Paris)
			err := s.Incidents.Unblock(t.Context(), paris, ops)
			if !row.Waivable {
				says(t, err, handover.ErrNotApplicable, "the gate "+row.Name+" (", c.refusal)
				if len(s.of(sandbox.Paris).Waivers) > 0 {
					t.Error("it was waived")
				}
				return
			}
			s.must(err)
			if h, holds := s.heldBy(row.Name); holds {
				t.Errorf("waived, it still holds: %s", h)
			}
			s.pass(10 * time.Second)
			if inc := s.of(sandbox.Paris); inc.State == journal.Blocked || inc.Waiver(row.Name) == nil {
				t.Errorf("the incident is %s with the waivers %+v", inc.State, inc.Waivers)
			}
		})
	}
}

// TestNoGateHoldsAnOrdinaryFailure: one location of several fails, and little is in flight there.
func TestNoGateHoldsAnOrdinaryFailure(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	breakParis(s)
	report := s.report(s.of(sandbox.Paris))
	if len(report.Blocking) > 0 {
		t.Errorf("it is held by %v", report.Blocking)
	}
	var judged, rows []string
	for _, g := range report.Gates {
		judged = append(judged, g.Name)
	}
	for _, row := range incident.GateRows() {
		rows = append(rows, row.Name)
	}
	if !slices.Equal(judged, rows) {
		t.Errorf("judged are %v, want the whole table in its order: %v", judged, rows)
	}
}

func TestEachGateHasAFileAndARowInTheDocuments(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range incident.GateRows() {
		if _, err := os.Stat("gate_" + row.Name + ".go"); err != nil {
			t.Errorf("the gate %s has no file of its own: %v", row.Name, err)
		}
		_, rest, found := strings.Cut(string(manual), fmt.Sprintf("\n| `%s` |", row.Name))
		line, _, _ := strings.Cut(rest, "\n")
		lifted := "no: "
		switch {
		case row.Waivable:
			lifted = "yes"
		case row.Approval:
			lifted = "an approval"
		}
		if !found || !strings.Contains(line, "| "+lifted) {
			t.Errorf("ARCHITECTURE.md has no row of the gate %s that ends with %q: %q", row.Name, lifted, line)
		}
	}
}

// TestUnblockWaivesAllGatesThatCanBeWaived: two of them hold, and a third that cannot be waived.
func TestUnblockWaivesAllGatesThatCanBeWaived(t *testing.T) {
	t.Parallel()
	s := tell(t, 20, world.Options{})
	breakParis(s)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(5 * time.Minute)
	s.Platform.Break(sandbox.Lyon)
	breakParis(s)
	_, err := s.Incidents.Pause(t.Context(), world.Org, journal.AllLocations, ops)
	s.must(err)
	paris := s.of(sandbox.Paris)
	lifts, err := s.Incidents.DescribeUnblock(t.Context(), paris)
	s.must(err)
	for _, want := range []string{"the gate cooldown (", " and the gate blast_radius (", "; what remains: the gate pause (paused), which nobody can waive; lift the pause: reassigner resume --reason \"WHY\""} {
		if !strings.Contains(lifts, want) {
			t.Errorf("unblock lifts %q, want %q in it", lifts, want)
		}
	}
	s.must(s.Incidents.Unblock(t.Context(), paris, ops))
	s.pass(2 * time.Minute)
	paris = s.of(sandbox.Paris)
	if paris.State != journal.Blocked || paris.Waiver("cooldown") == nil || paris.Waiver("blast_radius") == nil || paris.Waiver("pause") != nil {
		t.Fatalf("the incident is %s with the waivers %+v, want blocked by the pause alone", paris.State, paris.Waivers)
	}
	if note := paris.History[len(paris.History)-1].Note; note != "blocked by pause: paused" {
		t.Errorf("the history ends with %q, want the gate that blocks now", note)
	}
	says(t, s.Incidents.Unblock(t.Context(), paris, ops), handover.ErrNotApplicable, "is blocked by the gate pause (paused), which nobody can waive")
	_, err = s.Incidents.Resume(t.Context(), world.Org, journal.AllLocations, ops)
	s.must(err)
	s.pass(10 * time.Minute)
	if paris = s.of(sandbox.Paris); paris.State != journal.Watching {
		t.Errorf("the incident is %s, want watching: %+v", paris.State, paris.Gates)
	}
	s.holds()
}

// TestTheRecordKeepsTheGateThatHolds: what a gate sees changes with every delivery order; the record of the incident does
// not, until another gate holds it.
func TestTheRecordKeepsTheGateThatHolds(t *testing.T) {
	t.Parallel()
	s := tell(t, 4, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	breakParis(s)
	before := s.of(sandbox.Paris).Gates
	s.add("late", "do_late")
	s.pass(3 * time.Minute)
	if diff := cmp.Diff(before, s.of(sandbox.Paris).Gates); diff != "" {
		t.Errorf("the record changed with what a gate sees (-before +now):\n%s", diff)
	}
	said := map[string]string{}
	for _, g := range before {
		said[g.Name] = g.Detail
	}
	if now := s.gate("size").Detail; now == said["size"] {
		t.Errorf("asked now, the gate size still says %q", now)
	}
	_, err := s.Incidents.Pause(t.Context(), world.Org, journal.AllLocations, ops)
	s.must(err)
	s.pass(2 * time.Minute)
	paris := s.of(sandbox.Paris)
	if holds := incident.Holds(paris.ID, paris.Gates); len(holds) != 2 || holds[0].Gate != "pause" || holds[1].Gate != "mode" {
		t.Errorf("the record is held by %v, want by the pause and the mode", holds)
	}
}
