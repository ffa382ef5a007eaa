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

// The names of the gates, as they stand in records, in answers of the API and in the documents.
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

// judgement is the answer of a gate at one moment.
type judgement struct {
	holds    bool   // the gate holds the incident back
	detail   string // what the gate saw, for people
	requests int    // requests to the platform that the judge sent
}

// gate is one condition of a drain: a row of the table, and a file gate_<name>.go with its judge.
type gate struct {
	name string
	// judge answers from the journal, the index, the platform and the clock. It writes nothing. An error says that it
	// cannot be judged now.
	judge    func(ctx context.Context, now time.Time) (judgement, error)
	waivable bool // an operator may waive it for one incident (incidents unblock)
	approval bool // an incident that it holds waits for an approval; else it is blocked
	drains   bool // it is judged during the drain, too
	errored  bool // it is of a location that failed: what an operator opened passes without it
	// waive does what a waiver needs beyond its entry in the record; nil: nothing.
	waive  func(context.Context) error
	remedy string // what lifts it, for an operator
}

// gateCheck judges the gates of one incident at one moment.
type gateCheck struct {
	*Incidents
	inc      *journal.Incident
	read     *reading        // what its location reads now; nil: the last observation counts
	approval *approvalStatus // cached: several gates need it
}

// because is the end of a command that acts, as an operator is advised of it.
const because = ` --reason "WHY"`

// gates is the table, in the order in which gates are judged and shown.
func (s *Incidents) gates(inc *journal.Incident, read *reading) []gate {
	c := &gateCheck{Incidents: s, inc: inc, read: read}
	id := plaintext.ShellWord(inc.ID)
	waive, approve := "waive it: reassigner incidents unblock "+id+because, "approve it: reassigner incidents approve "+id+because
	return []gate{
		{name: gatePause, judge: c.pauseGate, remedy: "lift the pause: reassigner resume" + because},
		{name: gateCooldown, judge: c.cooldownGate, waivable: true, remedy: waive},
		{name: gateObservation, judge: c.observationGate, errored: true,
			remedy: "it goes on by itself when the location reads ERROR, and ends when it reads ACTIVE"},
		{name: gateMemory, judge: c.memoryGate, approval: true,
			remedy: "import the orders (reassigner import), then approve: reassigner incidents approve " + id + because},
		{name: gateBlastRadius, judge: c.blastRadiusGate, waivable: true, drains: true, remedy: waive},
		{name: gateSize, judge: c.sizeGate, approval: true, errored: true, remedy: approve},
		{name: gateMode, judge: c.modeGate, approval: true, remedy: approve},
		{name: gateCanary, judge: c.canaryGate, waivable: true, drains: true, remedy: waive, waive: c.waiveCanary},
	}
}

// judgeGates runs the gates that pick selects, and counts the requests that they sent. The error says that a gate
// cannot be judged now; the answers of those judged before it are returned all the same.
func (s *Incidents) judgeGates(ctx context.Context, inc *journal.Incident, read *reading, pick func(gate) bool) (judged []journal.Gate, requests int, err error) {
	now := s.Now().UTC()
	for _, g := range s.gates(inc, read) {
		if !pick(g) || g.errored && inc.HasByHand() {
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

// Which gates are judged before a drain, and which during it.
func allGates(gate) bool      { return true }
func duringDrain(g gate) bool { return g.drains }

// Hold is a gate that holds an incident back, and what lifts it.
type Hold struct {
	Gate     string
	Detail   string // what it saw
	Waivable bool   // incidents unblock can waive it
	Approval bool   // an approval lifts it
	Remedy   string // what an operator does about it
}

// String returns the gate's name with what it saw.
func (h Hold) String() string { return "the gate " + h.Gate + " (" + h.Detail + ")" }

// Explain returns String with whether an operator can waive the gate, and what to do.
func (h Hold) Explain() string {
	switch {
	case h.Waivable:
		return h.String() + "; " + h.Remedy
	case h.Approval:
		return h.String() + ", which an approval answers; " + h.Remedy
	}
	return h.String() + ", which nobody can waive; " + h.Remedy
}

// GateReport is what all gates of an incident answered at one moment.
type GateReport struct {
	Gates    []journal.Gate // in the order of the table
	Blocking []Hold         // those that hold the incident back: first what blocks it, then what an approval lifts
}

// Blocking judges the gates of an incident now; it saves nothing. Before the drain it judges all of them; during the
// drain those with drains, and of the others it returns the recorded answers. For an incident that is settling,
// stopped or over it reports no gate. Where the platform cannot be asked now, the recorded answers count.
func (s *Incidents) Blocking(ctx context.Context, inc *journal.Incident) (GateReport, error) {
	if s.Organizations[inc.Organization] == nil || !canBeHeld(inc.State) {
		return GateReport{Gates: inc.Gates}, nil
	}
	pick := allGates
	if inc.State.IsMoving() {
		pick = duringDrain
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
	return GateReport{Gates: judged, Blocking: Holds(inc.ID, judged)}, nil
}

// Holds returns, of the gates judged, those that hold the incident of this id back: first what blocks it, then what an approval
// lifts.
func Holds(incident string, judged []journal.Gate) []Hold {
	var holds []Hold
	rows := (*Incidents)(nil).gates(&journal.Incident{ID: incident}, nil)
	for _, g := range judged {
		at := slices.IndexFunc(rows, func(row gate) bool { return row.name == g.Name })
		if g.Pass || at < 0 {
			continue
		}
		row := rows[at]
		holds = append(holds, Hold{Gate: g.Name, Detail: g.Detail, Waivable: row.waivable, Approval: row.approval, Remedy: row.remedy})
	}
	slices.SortStableFunc(holds, func(a, b Hold) int { return holdOrder(a) - holdOrder(b) })
	return holds
}

// canBeHeld reports whether gates can hold back an incident in this state.
func canBeHeld(state journal.IncidentState) bool {
	switch state {
	case journal.AwaitingApproval, journal.Blocked, journal.Draining, journal.Watching:
		return true
	case journal.Settling, journal.Stopped, journal.Closed, journal.Dismissed:
	}
	return false
}

func holdOrder(h Hold) int {
	if h.Approval {
		return 1
	}
	return 0
}

// blockingHolds selects the gates that block an incident, in contrast to those that an approval lifts.
func blockingHolds(holds []Hold) []Hold {
	return slices.DeleteFunc(slices.Clone(holds), func(h Hold) bool { return h.Approval })
}

// mergeGates replaces in before the answers of the gates that were judged now.
func mergeGates(before, now []journal.Gate) []journal.Gate {
	merged := &journal.Incident{Gates: slices.Clone(before)}
	for _, g := range now {
		merged.SetGate(g)
	}
	return merged.Gates
}

// recordGates stores the gates' answers in the record, if another gate holds the incident back than before, or its
// location reads something else. It reports whether it is another gate.
func recordGates(inc *journal.Incident, judged []journal.Gate) bool {
	before, now := holdingGate(inc, inc.Gates), holdingGate(inc, judged)
	read, _ := findGate(inc.Gates, gateObservation)
	reads, _ := findGate(judged, gateObservation)
	if before != now || read.Detail != reads.Detail {
		inc.Gates = judged
	}
	return before != now
}

// holdingGate returns the name of the first gate that holds an incident back; "" if none does.
func holdingGate(inc *journal.Incident, judged []journal.Gate) string {
	if holds := Holds(inc.ID, judged); len(holds) > 0 {
		return holds[0].Gate
	}
	return ""
}

// formatTime formats a time for a text of a gate: RFC 3339, UTC.
func formatTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
