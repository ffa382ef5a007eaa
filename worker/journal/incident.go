package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Incident is the record of one failure of one location's integration.
type Incident struct {
	SchemaVersion   int           `json:"shape"`
	ID              string        `json:"id"`
	Organization    string        `json:"org"`
	LocationID      string        `json:"location_id"`
	Location        string        `json:"location,omitempty"`    // slug
	Integration     string        `json:"integration,omitempty"` // id of the one that failed
	State           IncidentState `json:"state"`
	OpenedAt        time.Time     `json:"opened_at"`
	ClosedAt        time.Time     `json:"closed_at,omitzero"`
	UpdatedAt       time.Time     `json:"updated_at"`
	Events          int           `json:"events"`          // errored events that told of it
	Round           int           `json:"round,omitempty"` // observations made
	Gates           []Gate        `json:"gates,omitempty"` // what they said when the state, or the gate that holds, changed last
	Waivers         []Waiver      `json:"waivers,omitempty"`
	DrainedAt       time.Time     `json:"drained_at,omitzero"` // its delivery orders began to move
	LiftedBy        string        `json:"lifted_by,omitempty"` // who closed it while it was stopped
	ApprovedBy      string        `json:"approved_by,omitempty"`
	ApprovedAt      time.Time     `json:"approved_at,omitzero"`
	ByPlan          bool          `json:"by_plan,omitempty"`     // nothing moves but what an approved plan names, or an operator retries
	Plan            *Plan         `json:"plan,omitempty"`        // the one frozen last
	FirstWalkDone   bool          `json:"walked,omitempty"`      // the first walk through the index is over
	ErrorAt         time.Time     `json:"error_at,omitzero"`     // ERROR was read last, after the settle window; zero: never yet
	RecoveredAt     time.Time     `json:"recovered_at,omitzero"` // ACTIVE with the same integration was read
	IndexSince      time.Time     `json:"index_since,omitzero"`  // since when the index listens
	IndexIncomplete bool          `json:"index_short,omitempty"` // the index may not know every delivery order
	Index           IndexSnapshot `json:"index,omitzero"`
	Requests        int           `json:"requests,omitempty"` // reads of the location
	Report          *Report       `json:"report,omitempty"`   // once it ended
	History         []Entry       `json:"history,omitempty"`

	Version int64 `json:"-"`
}

// Confirmed reports whether the location of the incident is known to have failed: an observation after the settle window
// read ERROR. A stopped one counts as it, since an operator holds its location. An incident of a former release, which did
// not note what was read, is confirmed by its state.
func (i *Incident) Confirmed() bool {
	switch i.State {
	case AwaitingApproval, Draining, Watching, Stopped:
		return true
	case Settling, Blocked, Closed, Dismissed:
	}
	return !i.ErrorAt.IsZero()
}

// IndexSnapshot is what the index knew when the incident was observed last, besides since when it listens.
type IndexSnapshot struct {
	Last     time.Time `json:"last,omitzero"`     // date of the newest webhook
	Imported time.Time `json:"imported,omitzero"` // an import of the whole was finished then
	Known    int       `json:"known"`             // delivery orders
	Gaps     []Gap     `json:"gaps,omitempty"`    // that no import made up for
}

// Gap is a time of which the index heard late; without To it is behind now.
type Gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

// Gate is what one gate said at a moment.
type Gate struct {
	Name   string    `json:"name"`
	At     time.Time `json:"at"`
	Pass   bool      `json:"pass"`
	Detail string    `json:"saw"` // what it saw
}

// Waiver is a gate that an operator lifted for one incident.
type Waiver struct {
	Gate   string    `json:"gate"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// Waiver returns the waiver of a gate; nil if nobody lifted it.
func (i *Incident) Waiver(gate string) *Waiver {
	for n := range i.Waivers {
		if i.Waivers[n].Gate == gate {
			return &i.Waivers[n]
		}
	}
	return nil
}

// IncidentID names an incident after the second it began and its location: readable, and the same
// for two workers that open it at once.
func IncidentID(organization, location string, opened time.Time) string {
	sum := sha256.Sum256([]byte(organization + "\x00" + location))
	return "inc-" + opened.UTC().Format("20060102T150405") + "-" + hex.EncodeToString(sum[:3])
}

// Note adds an entry to the history.
func (i *Incident) Note(at time.Time, note, by string) {
	r := Reassignment{History: i.History}
	r.appendHistory(Entry{At: at, Note: note, By: by})
	i.History = r.History
}

// SetGate records what a gate saw; a gate is judged again by name.
func (i *Incident) SetGate(g Gate) {
	for n := range i.Gates {
		if i.Gates[n].Name == g.Name {
			i.Gates[n] = g
			return
		}
	}
	i.Gates = append(i.Gates, g)
}

// ReassignmentID names the reassignment of a delivery order under an incident.
func ReassignmentID(incident, deliveryOrder string) string { return incident + "/" + deliveryOrder }
