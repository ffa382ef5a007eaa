package incident

import (
	"context"
	"fmt"
	"slices"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// The names of the gates.
const (
	gatePause       = "pause"
	gateCooldown    = "cooldown"
	gateObservation = "second_observation"
	gateMemory      = "memory"
	gateBlastRadius = "blast_radius"
	gateSize        = "size"
	gateMode        = "mode"
	gateCanary      = "canary"
)

// judgement is what a gate says at one moment.
type judgement struct {
	holds    bool   // it holds the incident back
	detail   string // what it saw
	requests int    // it sent to the platform for that
}

// gate is one condition of a drain: a row of the table, and a file gate_<name>.go with its judge.
type gate struct {
	name string
	// judge answers from the journal, the index, the platform and the clock. It writes nothing. An error says that it
	// cannot be judged now.
	judge    func(ctx context.Context, now time.Time) (judgement, error)
	waivable bool // an operator may waive it for one incident (incidents unblock)
	approval bool // an incident that it holds waits for an approval; else it is blocked
	drains   bool // it is judged as long as the incident drains, too
	// waive does what a waiver takes besides its place in the record; nil: nothing.
	waive  func(context.Context) error
	remedy string // what lifts it, for an operator
}

// gateCheck judges the gates of one incident at one moment.
type gateCheck struct {
	*Incidents
	inc      *journal.Incident
	read     *reading        // of its location, just now; nil: the last observation counts
	approval *approvalStatus // once it was asked for: several gates want it
}

// gates is the table, in the order in which the gates are told.
func (s *Incidents) gates(inc *journal.Incident, read *reading) []gate {
	c := &gateCheck{Incidents: s, inc: inc, read: read}
	id := plaintext.ShellWord(inc.ID)
	waive, approve := "waive it: reassigner incidents unblock "+id, "approve it: reassigner incidents approve "+id
	return []gate{
		{name: gatePause, judge: c.pauseGate, remedy: "lift the pause: reassigner resume"},
		{name: gateCooldown, judge: c.cooldownGate, waivable: true, remedy: waive},
		{name: gateObservation, judge: c.observationGate,
			remedy: "it goes on by itself when the location reads ERROR, and ends when it reads ACTIVE"},
		{name: gateMemory, judge: c.memoryGate, approval: true,
			remedy: "import the orders (reassigner import), then approve: reassigner incidents approve " + id},
		{name: gateBlastRadius, judge: c.blastRadiusGate, waivable: true, drains: true, remedy: waive},
		{name: gateSize, judge: c.sizeGate, approval: true, remedy: approve},
		{name: gateMode, judge: c.modeGate, approval: true, remedy: approve},
		{name: gateCanary, judge: c.canaryGate, waivable: true, drains: true, remedy: waive, waive: c.waiveCanary},
	}
}

// judgeGates runs the gates of a table that pick takes, and counts the requests that it took. The error tells that a gate
// cannot be judged now; what was judged before it is returned all the same.
func (s *Incidents) judgeGates(ctx context.Context, inc *journal.Incident, read *reading, pick func(gate) bool) (judged []journal.Gate, requests int, err error) {
	now := s.Now().UTC()
	for _, g := range s.gates(inc, read) {
		if !pick(g) {
			continue
		}
		j, err := g.judge(ctx, now)
		requests += j.requests
		if err != nil {
			return judged, requests, fmt.Errorf("judging the gate %s of %s: %w", g.name, inc.ID, err)
		}
		if w := inc.Waiver(g.name); j.holds && g.waivable && w != nil {
			j.holds, j.detail = false, j.detail+"; waived by "+w.By
		}
		judged = append(judged, journal.Gate{Name: g.name, At: now, Pass: !j.holds, Detail: j.detail})
	}
	return judged, requests, nil
}

// The gates that are judged before a drain, and those that are beside it.
func allGates(gate) bool      { return true }
func besideDrain(g gate) bool { return g.drains }

// Hold is a gate that holds an incident back, and what lifts it.
type Hold struct {
	Gate     string
	Detail   string // what it saw
	Waivable bool   // incidents unblock waives it
	Approval bool   // an approval answers it
	Remedy   string // what an operator does about it
}

// String names the gate with what it saw.
func (h Hold) String() string { return "the gate " + h.Gate + " (" + h.Detail + ")" }

// Explain says besides whether somebody can waive it, and what to do.
func (h Hold) Explain() string {
	switch {
	case h.Waivable:
		return h.String() + "; " + h.Remedy
	case h.Approval:
		return h.String() + ", which an approval answers; " + h.Remedy
	}
	return h.String() + ", which nobody can waive; " + h.Remedy
}

// GateReport is what the gates of an incident say at one moment.
type GateReport struct {
	Gates    []journal.Gate // in the order of the table
	Blocking []Hold         // of those, what holds the incident back: first what blocks it, then what an approval answers
}

// Blocking judges the gates of an incident now: before its drain all of them; as long as it drains, those that are judged
// beside a drain, and of the others it reports what they saw before. An incident that settles, was stopped or is over has
// no gate in its way. Where the platform cannot be asked now, what the record has counts.
func (s *Incidents) Blocking(ctx context.Context, inc *journal.Incident) (GateReport, error) {
	if s.Organizations[inc.Organization] == nil || !gated(inc.State) {
		return GateReport{Gates: inc.Gates}, nil
	}
	pick := allGates
	if inc.State.IsMoving() {
		pick = besideDrain
	}
	judged, _, err := s.judgeGates(ctx, inc, nil, pick)
	switch {
	case happycolis.KindOf(err) != "":
		judged = inc.Gates
	case err != nil:
		return GateReport{}, err
	case inc.State.IsMoving():
		judged = mergeGates(inc.Gates, judged)
	}
	return GateReport{Gates: judged, Blocking: Holds(inc, judged)}, nil
}

// Holds returns, of what was judged of an incident, what holds it back: first what blocks it, then what an approval
// answers.
func Holds(inc *journal.Incident, judged []journal.Gate) []Hold {
	var holds []Hold
	rows := (*Incidents)(nil).gates(inc, nil)
	for _, g := range judged {
		at := slices.IndexFunc(rows, func(row gate) bool { return row.name == g.Name })
		if g.Pass || at < 0 {
			continue
		}
		row := rows[at]
		holds = append(holds, Hold{Gate: g.Name, Detail: g.Detail, Waivable: row.waivable, Approval: row.approval, Remedy: row.remedy})
	}
	slices.SortStableFunc(holds, func(a, b Hold) int { return order(a) - order(b) })
	return holds
}

// gated reports whether gates bear on an incident in a state.
func gated(state journal.IncidentState) bool {
	switch state {
	case journal.AwaitingApproval, journal.Blocked, journal.Draining, journal.Watching:
		return true
	case journal.Settling, journal.Stopped, journal.Closed, journal.Dismissed:
	}
	return false
}

func order(h Hold) int {
	if h.Approval {
		return 1
	}
	return 0
}

// blocks are, of what holds an incident back, the gates that block it.
func blocks(holds []Hold) []Hold {
	return slices.DeleteFunc(slices.Clone(holds), func(h Hold) bool { return h.Approval })
}

// mergeGates puts what was judged now in the place of what was judged before.
func mergeGates(before, now []journal.Gate) []journal.Gate {
	merged := &journal.Incident{Gates: slices.Clone(before)}
	for _, g := range now {
		merged.SetGate(g)
	}
	return merged.Gates
}

// recordGates keeps what the gates said, if another gate holds the incident back than the record says, or its location
// reads something else. It reports whether it is another gate.
func recordGates(inc *journal.Incident, judged []journal.Gate) bool {
	before, now := holder(inc, inc.Gates), holder(inc, judged)
	read, _ := findGate(inc.Gates, gateObservation)
	reads, _ := findGate(judged, gateObservation)
	if before != now || read.Detail != reads.Detail {
		inc.Gates = judged
	}
	return before != now
}

// holder names the gate that holds an incident back, of several the first.
func holder(inc *journal.Incident, judged []journal.Gate) string {
	if holds := Holds(inc, judged); len(holds) > 0 {
		return holds[0].Gate
	}
	return ""
}

// stamp is a moment in a text.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
